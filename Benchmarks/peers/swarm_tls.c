/* Idle swarm by TLS: N WebSocket connections that are made, upgraded on /sub and then left alone.

   swarm_tls --port P --subs N --pid SERVER [--idle SECONDS]

   One after the other, blocking; certificates are not looked at, for the server is what is measured. This side
   throws its SSL objects away and keeps the descriptors. Prints the line of swarm --idle. */
#define _GNU_SOURCE
#include "ws_util.h"
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static double resident_kib(int pid) {
    char path[64], line[256];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0) kib = atof(line + 6);
    if (file) fclose(file);
    return kib;
}

static double cpu_ns(int pid) {
    char path[64];
    unsigned long long run = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%llu", &run) != 1) run = 0;
    if (file) fclose(file);
    return (double)run;
}

static void join(SSL_CTX *context, int port) {
    static const char request[] = "GET /sub HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (void *)&address, sizeof address)) die("connect");
    SSL *ssl = SSL_new(context);
    if (!ssl || !SSL_set_fd(ssl, fd) || SSL_connect(ssl) != 1) die("TLS");
    if (SSL_write(ssl, request, sizeof request - 1) <= 0) die("write");
    char reply[4096];
    int n = 0;
    do {
        int r = SSL_read(ssl, reply + n, (int)sizeof reply - 1 - n);
        if (r <= 0) die("read");
        n += r;
        reply[n] = 0;
    } while (!strstr(reply, "\r\n\r\n"));
    if (strncmp(reply, "HTTP/1.1 101", 12) != 0) die("not 101");
    SSL_free(ssl);
}

int main(int argc, char **argv) {
    int port = 0, subs = 0, pid = 0, idle = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0) port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--subs") == 0) subs = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--pid") == 0) pid = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--idle") == 0) idle = atoi(argv[i + 1]);
    }
    struct rlimit files = {(rlim_t)subs + 100, (rlim_t)subs + 100};
    if (!port || !subs || !pid || setrlimit(RLIMIT_NOFILE, &files)) die("usage: --port P --subs N --pid SERVER");
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) die("TLS");
    join(context, port);                                   /* what libssl makes once is not counted */
    double before = resident_kib(pid), cpu = cpu_ns(pid);
    for (int i = 0; i < subs; i++) join(context, port);
    cpu = cpu_ns(pid) - cpu;
    sleep((unsigned)idle);
    double after = resident_kib(pid);
    printf("{\"rss_before_mib\":%.2f,\"rss_after_mib\":%.2f,\"kib_per_conn\":%.3f,\"connect_cpu_us\":%.2f}\n", before / 1024, after / 1024,
           (after - before) / subs, cpu / subs / 1e3);
    return 0;
}
