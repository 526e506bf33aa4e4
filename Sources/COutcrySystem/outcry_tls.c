#include "outcry_tls.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// MARK: The BIO

static int window_read(BIO *bio, char *bytes, int count) {
    struct outcry_tls_window *window = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t taken = window->input_left;
    if (count <= 0) return 0;
    if (taken == 0) {
        if (window->has_ended) return 0;
        BIO_set_retry_read(bio);
        return -1;
    }
    if (taken > (size_t)count) taken = (size_t)count;
    memcpy(bytes, window->input, taken);
    window->input += taken;
    window->input_left -= taken;
    return (int)taken;
}

static int window_write(BIO *bio, const char *bytes, int count) {
    struct outcry_tls_window *window = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t room = window->output_room - window->output_used;
    if (count <= 0) return 0;
    if (room == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    if (room > (size_t)count) room = (size_t)count;
    memcpy(window->output + window->output_used, bytes, room);
    window->output_used += room;
    return (int)room;
}

static long window_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    struct outcry_tls_window *window = BIO_get_data(bio);
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return window->has_ended && window->input_left == 0;
    case BIO_CTRL_PENDING: return (long)window->input_left;
    default: return 0;
    }
}

static int window_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *window_method(void) {
    // One for the process, never freed. Two threads may make one each: the loser's is leaked, once.
    static BIO_METHOD *shared;
    BIO_METHOD *method = __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
    if (method) return method;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "outcry window");
    if (!method) return NULL;
    BIO_meth_set_read(method, window_read);
    BIO_meth_set_write(method, window_write);
    BIO_meth_set_ctrl(method, window_control);
    BIO_meth_set_create(method, window_create);
    __atomic_store_n(&shared, method, __ATOMIC_RELEASE);
    return method;
}

BIO *outcry_tls_bio(struct outcry_tls_window *window) {
    BIO_METHOD *method = window_method();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (bio) BIO_set_data(bio, window);
    return bio;
}

// MARK: What a certificate says

struct text {
    char *start;
    size_t size;
    size_t used;
};

static void put_bytes(struct text *text, const void *bytes, size_t count) {
    const unsigned char *from = bytes;
    for (size_t i = 0; i < count && text->used + 1 < text->size; i++) {
        text->start[text->used++] = from[i] >= 0x20 && from[i] < 0x7f ? (char)from[i] : '?';
    }
    text->start[text->used] = 0;
}

static void put(struct text *text, const char *words) { put_bytes(text, words, strlen(words)); }

static void put_address(struct text *text, const ASN1_OCTET_STRING *address) {
    const unsigned char *bytes = ASN1_STRING_get0_data(address);
    int count = ASN1_STRING_length(address);
    char part[16];
    for (int i = 0; i < count; i += count == 16 ? 2 : 1) {
        if (count == 16) {
            snprintf(part, sizeof part, i ? ":%x" : "%x", bytes[i] << 8 | bytes[i + 1]);
        } else {
            snprintf(part, sizeof part, i ? ".%u" : "%u", bytes[i]);
        }
        put(text, part);
    }
}

void outcry_tls_names(const X509 *certificate, char *start, size_t size) {
    struct text text = {start, size, 0};
    start[0] = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS || name->type == GEN_IPADD) {
            put(&text, text.used ? ", " : "");
            put(&text, name->type == GEN_DNS ? "DNS:" : "IP:");
        }
        if (name->type == GEN_DNS) {
            put_bytes(&text, ASN1_STRING_get0_data(name->d.dNSName),
                      (size_t)ASN1_STRING_length(name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            put_address(&text, name->d.iPAddress);
        }
    }
    GENERAL_NAMES_free(names);
}

void outcry_tls_subject(const X509 *certificate, int of_issuer, char *start, size_t size) {
    struct text text = {start, size, 0};
    start[0] = 0;
    const X509_NAME *name =
        of_issuer ? X509_get_issuer_name(certificate) : X509_get_subject_name(certificate);
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio) return;
    char *bytes = NULL;
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        long count = BIO_get_mem_data(bio, &bytes);
        if (count > 0) put_bytes(&text, bytes, (size_t)count);
    }
    BIO_free(bio);
}

void outcry_tls_time(const X509 *certificate, int of_end, char *start, size_t size) {
    struct tm time;
    const ASN1_TIME *moment =
        of_end ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate);
    start[0] = 0;
    if (ASN1_TIME_to_tm(moment, &time) == 1) strftime(start, size, "%Y-%m-%dT%H:%M:%SZ", &time);
}
