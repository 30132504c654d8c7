#pragma once

/// Has the processor fetch the line of memory that holds this address, and does not wait for it.
static inline void baedal_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
