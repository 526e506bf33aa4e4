// What OutcryCrypto and the reactor's TLS see of libcrypto and libssl (Debian libssl-dev, OpenSSL 3.0).
//
// Swift imports functions and simple constants; a function-like macro it does not see, so each one
// that is needed gets a `static inline` twin here, prefixed `outcry_`.
#ifndef OUTCRY_COPENSSL_SHIM_H
#define OUTCRY_COPENSSL_SHIM_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// The direct form of SHA-1: one WebSocket handshake by EVP_DigestInit loads libcrypto's providers, which
// makes 2 MiB of it resident.
static inline void outcry_sha1(const void *bytes, size_t count, unsigned char *hash) {
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes, count);
    SHA1_Final(hash, &context);
}

// MARK: TLS

/// TLS 1.2 and 1.3, nothing older; buffers go back when they are empty, a write may take a part of its
/// bytes, which may have moved when it is tried again; no compression, no renegotiation.
static inline int outcry_tls_configure(SSL_CTX *context) {
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                     | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
           && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
}

/// The key agreements, most wanted first, as OpenSSL spells them.
static inline int outcry_tls_set_groups(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}

/// A client keeps its sessions itself (they come by the callback); a server gives tickets only.
static inline void outcry_tls_keep_sessions(SSL_CTX *context, int is_client) {
    SSL_CTX_set_session_cache_mode(
        context,
        is_client ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
}

static inline int outcry_tls_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add0_chain_cert(context, certificate);
}

static inline int outcry_tls_set_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline BIO *outcry_tls_memory(const void *bytes, int count) {
    return BIO_new_mem_buf(bytes, count);
}

static inline X509 *outcry_tls_peer(const SSL *ssl) { return SSL_get1_peer_certificate(ssl); }

static inline int outcry_tls_limit_version(SSL *ssl, int version) {
    return (int)SSL_set_max_proto_version(ssl, version);
}

/// The callbacks' way back: a pointer of ours in each connection.
static inline void outcry_tls_set_owner(SSL *ssl, void *owner) { SSL_set_ex_data(ssl, 0, owner); }
static inline void *outcry_tls_owner(const SSL *ssl) { return SSL_get_ex_data(ssl, 0); }

/// The connection whose certificates are being checked.
static inline SSL *outcry_tls_checked(X509_STORE_CTX *check) {
    return (SSL *)X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx());
}

#endif
