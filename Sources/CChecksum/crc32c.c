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

#if defined(__x86_64__) || (defined(__aarch64__) && defined(__linux__))

#if defined(__x86_64__)

#define WITH_INSTRUCTION __attribute__((target("sse4.2")))

WITH_INSTRUCTION static inline uint64_t take_word(uint64_t crc, uint64_t word) { return _mm_crc32_u64(crc, word); }
WITH_INSTRUCTION static inline uint32_t take_byte(uint32_t crc, uint8_t byte) { return _mm_crc32_u8(crc, byte); }

bool baedal_crc32c_has_instruction(void) {
  __builtin_cpu_init();  // asked for in a constructor, perhaps before libgcc's own
  return __builtin_cpu_supports("sse4.2");
}

#else

#define WITH_INSTRUCTION __attribute__((target("crc")))

WITH_INSTRUCTION static inline uint64_t take_word(uint64_t crc, uint64_t word) {
  return __crc32cd((uint32_t)crc, word);
}
WITH_INSTRUCTION static inline uint32_t take_byte(uint32_t crc, uint8_t byte) { return __crc32cb(crc, byte); }

bool baedal_crc32c_has_instruction(void) { return getauxval(AT_HWCAP) & HWCAP_CRC32; }

#endif

// The instruction gives its result three cycles later but takes new bytes in every one, so three stretches that lie side
// by side are checksummed at a time. A checksum is linear: that of two stretches is that of the first, moved past as many
// zeros as the second has bytes, plus that of the second. `past[k][b]` is byte b at place k of a checksum, moved so.
typedef struct {
  size_t bytes;
  uint32_t past[4][256];
} stretch;

static stretch far = {.bytes = 4096}, near = {.bytes = 256};

static inline uint32_t move_past(const stretch *of, uint32_t crc) {
  return of->past[0][crc & 0xFF] ^ of->past[1][crc >> 8 & 0xFF] ^ of->past[2][crc >> 16 & 0xFF] ^ of->past[3][crc >> 24];
}

WITH_INSTRUCTION static void measure(stretch *of) {
  for (int bit = 0; bit < 32; bit++) {
    uint64_t crc = 1u << bit;
    for (size_t i = 0; i < of->bytes; i += 8) crc = take_word(crc, 0);
    uint32_t *past = of->past[bit / 8];
    for (int low = 0; low < 1 << bit % 8; low++) past[1 << bit % 8 | low] = past[low] ^ (uint32_t)crc;
  }
}

static inline uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

// Takes as many threes of stretches as there are; how many bytes that is.
WITH_INSTRUCTION static inline size_t take_threes(
    const stretch *of, uint64_t *crc, const uint8_t *bytes, size_t count) {
  const uint8_t *start = bytes;
  size_t each = of->bytes;
  for (; count >= 3 * each; bytes += 3 * each, count -= 3 * each) {
    uint64_t a = *crc, b = 0, c = 0;
    for (size_t i = 0; i < each; i += 8) {
      a = take_word(a, word_at(bytes + i));
      b = take_word(b, word_at(bytes + each + i));
      c = take_word(c, word_at(bytes + 2 * each + i));
    }
    *crc = move_past(of, move_past(of, (uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
  }
  return (size_t)(bytes - start);
}

WITH_INSTRUCTION static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = (uint32_t)~crc;
  const uint8_t *end = bytes + count;
  bytes += take_threes(&far, &wide, bytes, (size_t)(end - bytes));
  bytes += take_threes(&near, &wide, bytes, (size_t)(end - bytes));
  for (; end - bytes >= 8; bytes += 8) wide = take_word(wide, word_at(bytes));
  uint32_t narrow = (uint32_t)wide;
  for (; bytes < end; bytes++) narrow = take_byte(narrow, *bytes);
  return ~narrow;
}

static void prepare_instruction(void) {
  measure(&far);
  measure(&near);
}

#else

static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  return baedal_crc32c_table(crc, bytes, count);
}

bool baedal_crc32c_has_instruction(void) { return false; }

static void prepare_instruction(void) {}

#endif

static bool use_instruction;

__attribute__((constructor)) static void look_at_processor(void) {
  use_instruction = baedal_crc32c_has_instruction();
  if (use_instruction) prepare_instruction();
}

uint32_t baedal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return use_instruction ? by_instruction(crc, bytes, count) : baedal_crc32c_table(crc, bytes, count);
}
