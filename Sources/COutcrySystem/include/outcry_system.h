// What Swift's Glibc module does not bring: epoll and the descriptors of events, signals and timers.
// No logic lives here: types, constants, and wrappers where a macro, a variadic or _GNU_SOURCE stands in
// the way, or where a pointer can be spared.
#ifndef OUTCRY_SYSTEM_H
#define OUTCRY_SYSTEM_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

/// epoll_ctl with the event in words.
static inline int outcry_epoll_control(
    int epoll, int operation, int descriptor, uint32_t events, uint64_t word) {
    struct epoll_event event = {.events = events, .data = {.u64 = word}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

/// The monotonic clock, in nanoseconds.
static inline int64_t outcry_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/// The calendar clock, in nanoseconds since 1970.
static inline int64_t outcry_realtime(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/// setsockopt with an int.
static inline int outcry_set_option(int socket, int level, int name, int value) {
    return setsockopt(socket, level, name, &value, sizeof value);
}

/// getsockopt of an int; -1 when it fails.
static inline int outcry_get_option(int socket, int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(socket, level, name, &value, &size) == 0 ? value : -1;
}

/// epoll_pwait2 without a signal mask; a negative time waits as long as it takes.
int outcry_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds);

/// accept4, non-blocking and closed on exec.
int outcry_accept(int listener, struct sockaddr *address, socklen_t *size);

/// Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and ignores SIGPIPE.
int outcry_block_signals(void);

/// A non-blocking signalfd for SIGINT, SIGTERM and SIGHUP.
int outcry_signal_descriptor(void);

/// Arms a timerfd of the monotonic clock for a moment, in nanoseconds on that clock.
int outcry_set_timer(int timer, int64_t moment);

/// Arms a timerfd far ahead, so that reading it fails with ECANCELED once the calendar clock was set.
int outcry_watch_calendar(int timer);

/// flock, non-blocking and exclusive.
int outcry_lock(int descriptor);

/// flock, exclusive: waits as long as somebody else has it.
int outcry_await_lock(int descriptor);

/// Gives a lock back, also where a child that is being started has a copy of the descriptor still.
int outcry_unlock(int descriptor);

/// Eight random bytes from getrandom; -1 when it fails.
int outcry_random(uint64_t *word);

/// The XSI strerror_r.
int outcry_error_text(int code, char *text, size_t size);

/// getrlimit and setrlimit of RLIMIT_NOFILE.
int outcry_descriptor_limit(uint64_t *soft, uint64_t *hard);
int outcry_set_descriptor_limit(uint64_t soft, uint64_t hard);

/// SO_PEERCRED: who is at the other end of a Unix socket; the process is 0 where it cannot be named here.
int outcry_peer(int socket, uint32_t *user, int32_t *process);

#endif
