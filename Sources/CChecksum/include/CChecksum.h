#pragma once
#include <stddef.h>
#include <stdint.h>
/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t baedal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);
