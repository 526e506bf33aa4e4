// Many bytes at once: the questions that the JSON scanner asks all the time.
//
// Swift 6.3 compiles `SIMD16<UInt8> .== x` to a loop over the lanes and has no "mask to bits", so
// these few lines are C. No parsing here: bytes in, one bit a byte out, bit 0 for the first byte.
// The first two read exactly 16 bytes from `bytes`, at any alignment.
#ifndef OUTCRY_BITS_H
#define OUTCRY_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// One bit for each byte that ends a run of plain string bytes: `"`, `\`, below 0x20, or 0x80 and above.
static inline uint32_t outcry_bits_string_stops(const void *bytes) {
#if defined(__SSE2__)
    const __m128i v = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); // signed: 0x80... are below too
    const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash)));
#else
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t b = ((const uint8_t *)bytes)[i];
        mask |= (uint32_t)(b == '"' || b == '\\' || b < 0x20 || b >= 0x80) << i;
    }
    return mask;
#endif
}

/// One bit for each byte that is no decimal digit.
static inline uint32_t outcry_bits_nondigits(const void *bytes) {
#if defined(__SSE2__)
    const __m128i v = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i moved = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - '0'))); // '0' becomes -128
    return (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(moved, _mm_set1_epi8((char)(0x80 + 9))));
#else
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint32_t)((uint8_t)(((const uint8_t *)bytes)[i] - '0') > 9) << i;
    }
    return mask;
#endif
}

/// Whether `count` bytes are the same at both places.
static inline bool outcry_bits_are_equal(const void *a, const void *b, size_t count) {
    return memcmp(a, b, count) == 0;
}

/// The 192 bytes that XXH3 mixes its input with, as little-endian words.
extern const uint64_t outcry_bits_xxh3_secret[24];

/// Eight of its bytes, from `place` (0...184) on.
static inline uint64_t outcry_bits_xxh3_word(size_t place) {
    uint64_t word;
    memcpy(&word, (const uint8_t *)outcry_bits_xxh3_secret + place, sizeof word);
    return word;
}

/// XXH3: adds `stripes` of 64 bytes to the eight sums. The first has the number `first` (0...15) in its block of
/// sixteen, at whose end the sums are scrambled.
void outcry_bits_xxh3_add(uint64_t sums[8], const void *bytes, size_t stripes, size_t first);

#endif
