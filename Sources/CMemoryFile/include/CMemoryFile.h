#pragma once

/// A new file in memory that no directory knows: freed with its last descriptor. Linux's memfd_create, which the C
/// library hides from Swift. Negative, with errno set, when the system refuses.
int baedal_memory_file(const char *name);

/// Lets go of the pages of the program's own file and of its libraries that this process has mapped; what is still needed
/// is mapped again when it is touched, from the file or the system's cache. Only parts that cannot be written are let go,
/// so nothing is lost. How many parts that were.
int baedal_unmap_program_pages(void);
