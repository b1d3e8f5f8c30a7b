// Octets over one TCP connection, with a checksum and the pauses at the receiver:
//     copy send ADDRESS OCTETS RATE     OCTETS octets, 0 until SIGTERM; RATE octets a second, 0 as fast as it goes
//     copy receive                      one connection, to its end
// Each prints a JSON object. The sender's ends with what the receiver answered over the same connection.
#define _GNU_SOURCE
#include "common.h"

#include <inttypes.h>

enum { PORT = 5079, CHUNK = 8192 };
static const int64_t STALL = 250000000;

struct sum {
    uint64_t octets, checksum;
};

// FNV-1a (64 bits) over the octets.
static void add(struct sum *sum, const unsigned char *octets, size_t n) {
    uint64_t c = sum->checksum;
    for (size_t i = 0; i < n; i++) c = (c ^ octets[i]) * 0x100000001b3;
    sum->checksum = c;
    sum->octets += n;
}

// Octets that never repeat within a copy (xorshift64).
static void fill(uint64_t *state, unsigned char *octets, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        memcpy(octets + i, state, 8);
    }
}

static void send_all(int s, const unsigned char *octets, size_t size) {
    while (size > 0) {
        ssize_t n = send(s, octets, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("send");
        octets += n;
        size -= (size_t)n;
    }
}

static void send_copy(const char *to, uint64_t octets, double rate) {
    int s = open_socket(SOCK_STREAM, 0);
    struct sockaddr_in a = address(to, PORT);
    if (connect(s, (void *)&a, sizeof a)) fail("connect");
    unsigned char chunk[CHUNK];
    uint64_t state = 0x9e3779b97f4a7c15;
    struct sum sum = {0, 0xcbf29ce484222325}, answer = {0, 0};
    int64_t start = now();
    while (!is_ended && (!octets || sum.octets < octets)) {
        size_t n = octets && octets - sum.octets < CHUNK ? (size_t)(octets - sum.octets) : CHUNK;
        if (rate > 0) sleep_until(start + (int64_t)((double)sum.octets * 1e9 / rate));
        fill(&state, chunk, CHUNK);
        add(&sum, chunk, n);
        send_all(s, chunk, n);
    }
    shutdown(s, SHUT_WR);
    size_t have = 0;
    while (have < sizeof answer) {
        ssize_t n = recv(s, (char *)&answer + have, sizeof answer - have, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail("the receiver's answer");
        have += (size_t)n;
    }
    printf("{\"octets\": %" PRIu64 ", \"checksum\": \"%016" PRIx64 "\", \"answered\": {\"octets\": %" PRIu64 ", \"checksum\": \"%016" PRIx64
           "\"}, \"nanoseconds\": %" PRId64 "}\n", sum.octets, sum.checksum, answer.octets, answer.checksum, now() - start);
}

static void receive_copy(void) {
    int listening = receiving_socket(SOCK_STREAM, 0, PORT), s;
    say_ready();
    while ((s = accept(listening, NULL, NULL)) < 0)
        if (is_ended || !is_passing()) fail("accept");
    unsigned char octets[1 << 16];
    struct sum sum = {0, 0xcbf29ce484222325};
    int64_t at, longest = 0, longest_at = 0, last = now(), first = last;
    unsigned stalls = 0;
    ssize_t n;
    while ((n = recv(s, octets, sizeof octets, 0)) != 0) {
        if (n < 0 && is_passing()) continue;
        if (n < 0) fail("recv");
        at = now();
        stalls += at - last > STALL;
        if (at - last > longest) longest = at - last, longest_at = at;
        last = at;
        add(&sum, octets, (size_t)n);
    }
    if (send(s, &sum, sizeof sum, MSG_NOSIGNAL) != sizeof sum) fail("send");
    printf("{\"octets\": %" PRIu64 ", \"checksum\": \"%016" PRIx64 "\", \"longestStallNanoseconds\": %" PRId64 ", \"longestStallEnd\": %" PRId64
           ", \"stallsOver250Milliseconds\": %u, \"nanoseconds\": %" PRId64 "}\n",
           sum.octets, sum.checksum, longest, longest_at, stalls, last - first);
    close(s);
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc == 5 && !strcmp(argv[1], "send")) send_copy(argv[2], strtoull(argv[3], NULL, 10), atof(argv[4]));
    else if (argc == 2 && !strcmp(argv[1], "receive")) receive_copy();
    else return fprintf(stderr, "usage: copy send ADDRESS OCTETS RATE, copy receive\n"), 2;
    return 0;
}
