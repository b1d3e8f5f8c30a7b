// What the traffic programs share: the clock, the end by SIGTERM, addresses, packets.
#ifndef LAB_COMMON_H
#define LAB_COMMON_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MOST_OCTETS 4096

// How each numbered packet begins.
struct packet {
    uint64_t number;
    int64_t sent;
};

static volatile sig_atomic_t is_ended;

static inline void note_end(int signal) {
    (void)signal;
    is_ended = 1;
}

// SIGTERM interrupts system calls and sets `is_ended`.
static inline void end_by_signal(void) {
    struct sigaction action = {.sa_handler = note_end};
    sigaction(SIGTERM, &action, NULL);
}

static inline int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void sleep_until(int64_t at) {
    struct timespec t = {at / 1000000000LL, at % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

__attribute__((noreturn)) static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

// `text` is an IPv4 address, or NULL for any.
static inline struct sockaddr_in address(const char *text, uint16_t port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (text && inet_pton(AF_INET, text, &a.sin_addr) != 1) {
        fprintf(stderr, "no IPv4 address: %s\n", text);
        exit(2);
    }
    return a;
}

static inline int open_socket(int type, int protocol) {
    int s = socket(AF_INET, type, protocol);
    if (s < 0) fail("socket");
    return s;
}

// Waits on a socket end now and then, so that a signal that came right before a wait is noticed.
static inline void wake_now_and_then(int s) {
    struct timeval patience = {0, 200000};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

// Whether a call that failed is to be tried again.
static inline int is_passing(void) {
    return errno == EINTR || errno == EAGAIN;
}

// A socket bound to a port, with room for bursts; a connection's listens.
static inline int receiving_socket(int type, int protocol, uint16_t port) {
    int s = open_socket(type, protocol), one = 1, room = 4 << 20;
    struct sockaddr_in at = address(NULL, port);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (type == SOCK_DGRAM) setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    wake_now_and_then(s);
    if (bind(s, (void *)&at, sizeof at) || (type == SOCK_STREAM && listen(s, 1))) fail("bind");
    return s;
}

// Says that the other side may begin.
static inline void say_ready(void) {
    puts("ready");
    fflush(stdout);
}

#endif
