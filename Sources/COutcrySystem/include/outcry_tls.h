// The way of a TLS connection's ciphertext: a BIO over two windows in the caller's own buffers.
//
// libssl's memory BIO moves its unread rest at every write; this one copies each byte once and owns none.
#ifndef OUTCRY_TLS_H
#define OUTCRY_TLS_H

#include <stddef.h>
#include <stdint.h>

struct bio_st;
struct x509_st;

/// What libssl may read and where it may write, while one of its functions runs. Outside of those the
/// pointers are null. The owner frees it after the BIO.
struct outcry_tls_window {
    const uint8_t *input;
    size_t input_left;
    uint8_t *output;
    size_t output_room;
    size_t output_used;
    /// Behind the input the connection has ended.
    int has_ended;
};

/// A BIO that reads and writes in `window`; null without memory.
struct bio_st *outcry_tls_bio(struct outcry_tls_window *window);

/// Writes the names for which a certificate is good, as `DNS:a.example, IP:127.0.0.1`, cut to fit `size`
/// bytes with the zero at the end; other bytes than printing ASCII appear as `?`.
void outcry_tls_names(const struct x509_st *certificate, char *text, size_t size);

/// Writes a certificate's subject (or its issuer) in one line; cut and cleaned as above.
void outcry_tls_subject(
    const struct x509_st *certificate, int of_issuer, char *text, size_t size);

/// Writes the beginning (or the end) of a certificate's time, ISO 8601 UTC; empty where it is none.
void outcry_tls_time(const struct x509_st *certificate, int of_end, char *text, size_t size);

#endif
