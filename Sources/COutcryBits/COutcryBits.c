#include "COutcryBits.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are read as they lie");

const uint64_t outcry_bits_xxh3_secret[24] = {
    0xbe4ba423396cfeb8, 0x1cad21f72c81017c, 0xdb979083e96dd4de, 0x1f67b3b7a4a44072,
    0x78e5c0cc4ee679cb, 0x2172ffcc7dd05a82, 0x8e2443f7744608b8, 0x4c263a81e69035e0,
    0xcb00c391bb52283c, 0xa32e531b8b65d088, 0x4ef90da297486471, 0xd8acdea946ef1938,
    0x3f349ce33f76faa8, 0x1d4f0bc7c7bbdcf9, 0x3159b4cd4be0518a, 0x647378d9c97e9fc8,
    0xc3ebd33483acc5ea, 0xeb6313faffa081c5, 0x49daf0b751dd0d17, 0x9e68d429265516d3,
    0xfca1477d58be162b, 0xce31d07ad1b8f88f, 0x280416958f3acb45, 0x7e404bbbcafbd7af,
};

#if defined(__SSE2__)

typedef __m128i sums_t;

// Two sums at a time: the product of the halves of (input ^ secret), and the other one's input.
static inline sums_t mixed(sums_t sums, const uint8_t *bytes, const uint8_t *secret) {
    const __m128i input = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i key = _mm_xor_si128(input, _mm_loadu_si128((const __m128i *)secret));
    const __m128i product = _mm_mul_epu32(key, _mm_shuffle_epi32(key, _MM_SHUFFLE(0, 3, 0, 1)));
    const __m128i other = _mm_shuffle_epi32(input, _MM_SHUFFLE(1, 0, 3, 2));
    return _mm_add_epi64(product, _mm_add_epi64(sums, other));
}

static inline sums_t scrambled(sums_t sums, const uint8_t *secret) {
    const __m128i prime = _mm_set1_epi32((int)0x9e3779b1);
    __m128i key = _mm_xor_si128(sums, _mm_srli_epi64(sums, 47));
    key = _mm_xor_si128(key, _mm_loadu_si128((const __m128i *)secret));
    const __m128i high = _mm_mul_epu32(_mm_shuffle_epi32(key, _MM_SHUFFLE(0, 3, 0, 1)), prime);
    return _mm_add_epi64(_mm_mul_epu32(key, prime), _mm_slli_epi64(high, 32));
}

static inline sums_t loaded(const uint64_t *sums) { return _mm_loadu_si128((const __m128i *)sums); }
static inline void stored(uint64_t *sums, sums_t value) { _mm_storeu_si128((__m128i *)sums, value); }

#else

typedef struct { uint64_t a, b; } sums_t;

static inline uint64_t word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint64_t product(uint64_t key) { return (key & 0xffffffff) * (key >> 32); }

static inline sums_t mixed(sums_t sums, const uint8_t *bytes, const uint8_t *secret) {
    const uint64_t a = word(bytes), b = word(bytes + 8);
    sums.a += b + product(a ^ word(secret));
    sums.b += a + product(b ^ word(secret + 8));
    return sums;
}

static inline sums_t scrambled(sums_t sums, const uint8_t *secret) {
    sums.a = (sums.a ^ sums.a >> 47 ^ word(secret)) * 0x9e3779b1;
    sums.b = (sums.b ^ sums.b >> 47 ^ word(secret + 8)) * 0x9e3779b1;
    return sums;
}

static inline sums_t loaded(const uint64_t *sums) { return (sums_t){sums[0], sums[1]}; }
static inline void stored(uint64_t *sums, sums_t value) {
    sums[0] = value.a;
    sums[1] = value.b;
}

#endif

void outcry_bits_xxh3_add(uint64_t sums[8], const void *bytes, size_t stripes, size_t first) {
    const uint8_t *at = bytes;
    const uint8_t *const secret = (const uint8_t *)outcry_bits_xxh3_secret;
    const uint8_t *const last = secret + 192 - 64;
    sums_t a = loaded(sums), b = loaded(sums + 2), c = loaded(sums + 4), d = loaded(sums + 6);
    for (size_t stripe = first; stripes > 0; stripes--) {
        const uint8_t *const part = secret + 8 * stripe;
        a = mixed(a, at, part);
        b = mixed(b, at + 16, part + 16);
        c = mixed(c, at + 32, part + 32);
        d = mixed(d, at + 48, part + 48);
        at += 64;
        stripe = (stripe + 1) % 16;
        if (stripe != 0) continue;
        a = scrambled(a, last);
        b = scrambled(b, last + 16);
        c = scrambled(c, last + 32);
        d = scrambled(d, last + 48);
    }
    stored(sums, a);
    stored(sums + 2, b);
    stored(sums + 4, c);
    stored(sums + 6, d);
}
