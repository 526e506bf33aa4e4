// What OutcryCrypto sees of libcrypto (Debian libssl-dev, OpenSSL 3.0).
//
// Swift imports functions and simple constants; a function-like macro it does not see, so each one
// that is needed gets a `static inline` twin here, prefixed `outcry_`. Today none is needed.
#ifndef OUTCRY_COPENSSL_SHIM_H
#define OUTCRY_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#endif
