#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

// The Castagnoli polynomial, bits reversed (RFC 3720, appendix B.4).
#define POLYNOMIAL 0x82F63B78u

// Slicing by 8: tables[k][b] is the CRC of byte b followed by k zero bytes, so eight look-ups advance eight bytes.
static uint32_t tables[8][256];

__attribute__((constructor)) static void fill_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
    tables[0][byte] = crc;
  }
  for (int k = 1; k < 8; k++)
    for (int byte = 0; byte < 256; byte++)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xFF];
}

uint32_t baedal_crc32c_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                          (uint32_t)bytes[3] << 24);
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^ tables[4][low >> 24] ^
          tables[3][bytes[4]] ^ tables[2][bytes[5]] ^ tables[1][bytes[6]] ^ tables[0][bytes[7]];
  }
  for (; count > 0; bytes++, count--) crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  uint32_t narrow = (uint32_t)wide;
  for (; count > 0; bytes++, count--) narrow = _mm_crc32_u8(narrow, *bytes);
  return ~narrow;
}

bool baedal_crc32c_has_instruction(void) {
  __builtin_cpu_init();  // asked for in a constructor, perhaps before libgcc's own
  return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && defined(__linux__)

__attribute__((target("crc"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = __crc32cd(crc, word);
  }
  for (; count > 0; bytes++, count--) crc = __crc32cb(crc, *bytes);
  return ~crc;
}

bool baedal_crc32c_has_instruction(void) { return getauxval(AT_HWCAP) & HWCAP_CRC32; }

#else

static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  return baedal_crc32c_table(crc, bytes, count);
}

bool baedal_crc32c_has_instruction(void) { return false; }

#endif

static bool use_instruction;

__attribute__((constructor)) static void look_at_processor(void) { use_instruction = baedal_crc32c_has_instruction(); }

uint32_t baedal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return use_instruction ? by_instruction(crc, bytes, count) : baedal_crc32c_table(crc, bytes, count);
}
