/* A crowd at a sandbox: N clients on plain WebSockets at /mtgox, one epoll loop; the first one stops reading.

   crowd --port P --clients N --seconds S --words FILE

   When all are there it waits a second, and takes from then on what each one but the first hears, between two
   trades that it picks: every client's messages (count and digest, in their order) have to be the same.  Ends
   when that is done and the sandbox has said in FILE, its error output, that it cut the first one off, or 60 s later.
   Prints one JSON line; exit code 0 where everybody heard the same and the deaf one is gone. */
#define _GNU_SOURCE
#include "ws_util.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct conn {
    int fd, up, active, done;
    long count, trades;
    uint64_t digest, tids;
    unsigned n; /* bytes kept from the last read */
    unsigned char *keep;
};

static int ep, port = 8080;
static long up_count, done_count, closed_count, deliveries;
static long long newest, from = -1, until = -1; /* numbers of trades */
static struct conn *crowd;
static unsigned char buf[1 << 20];

static uint64_t digest_of(uint64_t h, const unsigned char *p, size_t n) {
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        h = (h ^ w) * 0x9e3779b97f4a7c15ull;
        h ^= h >> 29;
    }
    while (n--) h = (h ^ *p++) * 0x100000001b3ull;
    return h;
}

static void open_conn(struct conn *c, int deaf) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0) die("socket");
    int one = 1, small = 4096;
    if (deaf) setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(c->fd, (void *)&a, sizeof a)) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char req[300];
    int n = snprintf(req, sizeof req,
                     "GET /mtgox HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n", port);
    if (send(c->fd, req, (size_t)n, MSG_NOSIGNAL) != n) die("send");
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}

static void hear(struct conn *c, const unsigned char *p, size_t n) {
    if (n > 20 && !memcmp(p + 12, "dbf1dee9", 8)) { /* trade.BTC */
        const char *t = memmem(p, n, "\"tid\":\"", 7);
        long long tid = t ? strtoll(t + 7, NULL, 10) : 0;
        if (tid > newest) newest = tid;
        if (from >= 0 && tid > from && !c->done) c->active = 1;
        if (until >= 0 && tid > until && c->active) {
            c->active = 0;
            c->done = 1;
            done_count++;
        }
        if (c->active) {
            c->trades++;
            c->tids ^= (uint64_t)tid * 0x9e3779b97f4a7c15ull;
        }
    }
    deliveries++;
    if (!c->active) return;
    c->count++;
    c->digest = digest_of(c->digest, p, n);
}

static void on_readable(struct conn *c) {
    size_t n = c->n;
    if (n) memcpy(buf, c->keep, n);
    ssize_t r = recv(c->fd, buf + n, sizeof buf - n, 0);
    if (r <= 0) {
        if (r < 0 && (errno == EAGAIN || errno == EINTR)) return;
        closed_count++;
        epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
        return;
    }
    n += (size_t)r;
    size_t at = 0;
    if (!c->up) {
        unsigned char *e = memmem(buf, n, "\r\n\r\n", 4);
        if (e) {
            if (memcmp(buf, "HTTP/1.1 101", 12)) {
                fprintf(stderr, "refused: %.60s\n", buf);
                exit(3);
            }
            c->up = 1;
            up_count++;
            at = (size_t)(e + 4 - buf);
        }
    }
    while (c->up) {
        uint64_t len;
        const unsigned char *mask;
        size_t h = ws_parse(buf + at, n - at, &len, &mask);
        if (!h || n - at < h + len) break;
        int op = buf[at] & 15;
        if (op == 1) hear(c, buf + at + h, len);
        else if (op == 9) { /* a ping: nobody here is asleep */
            unsigned char pong[6] = {0x8a, 0x80, 0, 0, 0, 0};
            if (send(c->fd, pong, sizeof pong, MSG_NOSIGNAL) < 0) closed_count++;
        }
        at += h + len;
    }
    c->n = (unsigned)(n - at);
    if (c->n) {
        if (c->n > 65536) {
            fprintf(stderr, "frame too large\n");
            exit(3);
        }
        if (!c->keep) c->keep = malloc(65536);
        memcpy(c->keep, buf + at, c->n);
    }
}

static void poll_once(int ms) {
    struct epoll_event ev[1024];
    int n = epoll_wait(ep, ev, 1024, ms);
    for (int i = 0; i < n; i++) on_readable(ev[i].data.ptr);
}

/* Whether the sandbox has said that it cut somebody off. The deaf one cannot know: the end stands behind what it has
   not read. */
static int has_words(const char *path) {
    struct stat s;
    return !stat(path, &s) && s.st_size > 0;
}

int main(int argc, char **argv) {
    long clients = 2000, seconds = 10;
    const char *words = "";
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--port")) port = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--clients")) clients = atol(argv[i + 1]);
        else if (!strcmp(argv[i], "--seconds")) seconds = atol(argv[i + 1]);
        else if (!strcmp(argv[i], "--words")) words = argv[i + 1];
        else {
            fprintf(stderr, "unknown option %s\n", argv[i]);
            return 1;
        }
    }
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    ep = epoll_create1(0);
    crowd = calloc((size_t)clients, sizeof *crowd);
    uint64_t limit = now_ns() + 60000000000ull;
    for (long i = 0; i < clients; i++) {
        open_conn(&crowd[i], i == 0);
        while (up_count < i + 1 - 64 || (i == 0 && !up_count)) {
            poll_once(1000);
            if (now_ns() > limit) return fprintf(stderr, "connects stalled at %ld\n", up_count), 3;
        }
    }
    while (up_count < clients) {
        poll_once(1000);
        if (now_ns() > limit) return fprintf(stderr, "connects stalled at %ld\n", up_count), 3;
    }
    epoll_ctl(ep, EPOLL_CTL_DEL, crowd[0].fd, NULL);
    uint64_t deaf_since = now_ns(), cut_at = 0, begin = 0, end = 0;
    limit = deaf_since + (uint64_t)(seconds + 60) * 1000000000ull;
    uint64_t look = 0;
    long first = 0;
    while (done_count < clients - 1 || !cut_at) {
        poll_once(100);
        uint64_t now = now_ns();
        if (from < 0 && newest > 0 && now > deaf_since + 1000000000ull) {
            from = newest;
            begin = now;
            first = deliveries;
        }
        if (from >= 0 && until < 0 && newest > from && now > begin + (uint64_t)seconds * 1000000000ull) {
            until = newest;
            end = now;
            first = deliveries - first;
        }
        if (!cut_at && now > look + 50000000ull) {
            look = now;
            if (has_words(words)) cut_at = now;
        }
        if (closed_count || now > limit) break;
    }
    long same = 0;
    for (long i = 1; i < clients; i++)
        same += crowd[i].done && crowd[i].count == crowd[1].count && crowd[i].digest == crowd[1].digest;
    double span = end > begin ? (double)(end - begin) / 1e9 : 0;
    printf("{\"clients\":%ld,\"same\":%ld,\"messages_each\":%ld,\"trades_each\":%ld,\"trades_digest\":\"%016llx\",\"after_trade\":%lld,"
           "\"to_trade\":%lld,\"seconds\":%.2f,\"deliveries_per_s\":%.0f,\"deaf_cut_after_s\":%.2f,\"others_closed\":%ld}\n",
           clients, same, crowd[1].count, crowd[1].trades, (unsigned long long)crowd[1].tids, from, until, span,
           span > 0 ? (double)first / span : 0, cut_at ? (double)(cut_at - deaf_since) / 1e9 : -1, closed_count);
    return same == clients - 1 && cut_at && !closed_count ? 0 : 1;
}
