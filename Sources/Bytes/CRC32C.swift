import CChecksum
