#pragma once

/// A new file in memory that no directory knows: freed with its last descriptor. Linux's memfd_create, which the C
/// library hides from Swift. Negative, with errno set, when the system refuses.
int baedal_memory_file(const char *name);
