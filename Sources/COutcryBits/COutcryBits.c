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

// Four sums at a time. What is inlined into a function for AVX2 becomes AVX2, else what the target has.
typedef uint64_t four_t __attribute__((vector_size(32)));
#define INLINED static inline __attribute__((always_inline))

// The product of the halves of (input ^ secret), and the neighbour's input.
INLINED void mix(four_t *sums, const uint8_t *bytes, const uint8_t *secret) {
    four_t input, key;
    memcpy(&input, bytes, sizeof input);
    memcpy(&key, secret, sizeof key);
    key ^= input;
    *sums += (key & 0xffffffff) * (key >> 32) + __builtin_shufflevector(input, input, 1, 0, 3, 2);
}

INLINED void scramble(four_t *sums, const uint8_t *secret) {
    four_t key;
    memcpy(&key, secret, sizeof key);
    *sums = (*sums ^ *sums >> 47 ^ key) * 0x9e3779b1;
}

INLINED void add(uint64_t sums[8], const uint8_t *at, size_t stripes, size_t first) {
    const uint8_t *const secret = (const uint8_t *)outcry_bits_xxh3_secret;
    const uint8_t *const last = secret + 192 - 64;
    four_t low, high;
    memcpy(&low, sums, sizeof low);
    memcpy(&high, sums + 4, sizeof high);
    for (size_t stripe = first; stripes > 0; stripes--) {
        mix(&low, at, secret + 8 * stripe);
        mix(&high, at + 32, secret + 8 * stripe + 32);
        at += 64;
        stripe = (stripe + 1) % 16;
        if (stripe != 0) continue;
        scramble(&low, last);
        scramble(&high, last + 32);
    }
    memcpy(sums, &low, sizeof low);
    memcpy(sums + 4, &high, sizeof high);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void wide_add(
    uint64_t sums[8], const uint8_t *at, size_t stripes, size_t first
) {
    add(sums, at, stripes, first);
}

void outcry_bits_xxh3_add(uint64_t sums[8], const void *bytes, size_t stripes, size_t first) {
    if (__builtin_cpu_supports("avx2")) {
        wide_add(sums, bytes, stripes, first);
    } else {
        add(sums, bytes, stripes, first);
    }
}

#else

void outcry_bits_xxh3_add(uint64_t sums[8], const void *bytes, size_t stripes, size_t first) {
    add(sums, bytes, stripes, first);
}

#endif
