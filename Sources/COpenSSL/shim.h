// What OutcryCrypto sees of libcrypto (Debian libssl-dev, OpenSSL 3.0).
//
// Swift imports functions and simple constants; a function-like macro it does not see, so each one
// that is needed gets a `static inline` twin here, prefixed `outcry_`.
#ifndef OUTCRY_COPENSSL_SHIM_H
#define OUTCRY_COPENSSL_SHIM_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

// The direct form of SHA-1: one WebSocket handshake by EVP_DigestInit loads libcrypto's providers, which
// makes 2 MiB of it resident.
static inline void outcry_sha1(const void *bytes, size_t count, unsigned char *hash) {
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes, count);
    SHA1_Final(hash, &context);
}

#endif
