#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 to begin): by the processor's instruction when it
/// has one, else by table.
uint32_t baedal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

/// The same by table, on any machine.
uint32_t baedal_crc32c_table(uint32_t crc, const uint8_t *bytes, size_t count);

/// Whether this processor has the instruction (SSE 4.2 or the ARMv8 CRC extension).
bool baedal_crc32c_has_instruction(void);
