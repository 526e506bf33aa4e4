#define _GNU_SOURCE
#include "outcry_system.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>

int outcry_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds) {
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return epoll_pwait2(epoll, events, count, nanoseconds < 0 ? NULL : &time, NULL);
}

int outcry_accept(int listener, struct sockaddr *address, socklen_t *size) {
    return accept4(listener, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

int outcry_block_signals(void) {
    sigset_t set;
    signals(&set);
    signal(SIGPIPE, SIG_IGN);
    return pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int outcry_signal_descriptor(void) {
    sigset_t set;
    signals(&set);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int outcry_set_timer(int timer, int64_t moment) {
    // Zero would disarm it; the clock was there long ago.
    if (moment < 1) moment = 1;
    struct itimerspec at = {
        .it_value = {.tv_sec = moment / 1000000000, .tv_nsec = moment % 1000000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

int outcry_watch_calendar(int timer) {
    // 2200-01-01: never reached, but a timer has to be armed for the clock's steps to cancel it.
    struct itimerspec far = {.it_value = {.tv_sec = 7258118400}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

int outcry_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

int outcry_unlock(int descriptor) { return flock(descriptor, LOCK_UN); }

int outcry_await_lock(int descriptor) {
    int result;
    do result = flock(descriptor, LOCK_EX);
    while (result != 0 && errno == EINTR);
    return result;
}

int outcry_random(uint64_t *word) {
    return getrandom(word, sizeof *word, 0) == sizeof *word ? 0 : -1;
}

int outcry_descriptor_limit(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    int result = getrlimit(RLIMIT_NOFILE, &limit);
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return result;
}

int outcry_set_descriptor_limit(uint64_t soft, uint64_t hard) {
    struct rlimit limit = {soft, hard};
    return setrlimit(RLIMIT_NOFILE, &limit);
}

int outcry_peer(int socket, uint32_t *user, int32_t *process) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *user = peer.uid;
    *process = peer.pid;
    return 0;
}
