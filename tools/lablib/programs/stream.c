// A steady stream of numbered packets, and what arrives of it:
//     stream send udp|tcp|mptcp ADDRESS RATE SIZE      until SIGTERM; prints how many packets it sent; with udp, every second one may have
//                                                      another size: SIZE OTHER
//     stream receive udp|tcp|mptcp FILE SIZE           until SIGTERM, a connection also until the sender's end
// FILE then has a line for each arrival: number, when it was sent, when it arrived (monotonic nanoseconds).
#define _GNU_SOURCE
#include "common.h"

#include <sys/resource.h>
#include <netinet/tcp.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { PORT = 5077 };

struct arrival {
    struct packet packet;
    int64_t at;
};

static struct arrival *arrivals;
static size_t count, room;

static int protocol_of(const char *kind) {
    if (!strcmp(kind, "udp")) return 0;
    if (!strcmp(kind, "tcp")) return IPPROTO_TCP;
    if (!strcmp(kind, "mptcp")) return IPPROTO_MPTCP;
    fprintf(stderr, "no kind of stream: %s\n", kind);
    exit(2);
}

// All of a packet goes out, unless the connection breaks.
static int send_all(int s, const char *octets, size_t size) {
    while (size > 0) {
        ssize_t n = send(s, octets, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        octets += n;
        size -= (size_t)n;
    }
    return 0;
}

static void send_stream(int protocol, const char *to, double rate, const size_t sizes[2]) {
    int s = open_socket(protocol ? SOCK_STREAM : SOCK_DGRAM, protocol), one = 1;
    struct sockaddr_in a = address(to, PORT);
    if (connect(s, (void *)&a, sizeof a)) fail("connect");
    if (protocol) setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char octets[MOST_OCTETS] = {0};
    uint64_t number = 0;
    int64_t start = now();
    while (!is_ended) {
        // What was delayed is caught up with.
        sleep_until(start + (int64_t)((double)number * 1e9 / rate));
        if (is_ended) break;
        size_t size = sizes[number % 2];
        struct packet p = {number++, now()};
        memcpy(octets, &p, sizeof p);
        if (protocol && send_all(s, octets, size)) fail("send");
        // A packet that an interface has no room for is sent and lost.
        if (!protocol && send(s, octets, size, 0) < 0 && errno == EBADF) fail("send");
    }
    printf("%llu\n", (unsigned long long)number);
    close(s);
}

static void note(const char *octets, int64_t at) {
    if (count == room) {
        room = room ? room * 2 : 4096;
        arrivals = realloc(arrivals, room * sizeof *arrivals);
        if (!arrivals) fail("realloc");
    }
    memcpy(&arrivals[count].packet, octets, sizeof arrivals->packet);
    arrivals[count++].at = at;
}

static void receive_datagrams(int s) {
    char octets[MOST_OCTETS];
    while (!is_ended) {
        ssize_t n = recv(s, octets, sizeof octets, 0);
        int64_t at = now();
        if (n >= (ssize_t)sizeof(struct packet)) note(octets, at);
    }
}

static void receive_stream(int listening, size_t size) {
    int s;
    while ((s = accept(listening, NULL, NULL)) < 0)
        if (is_ended || !is_passing()) return;
    wake_now_and_then(s);
    char octets[MOST_OCTETS];
    size_t have = 0;
    while (!is_ended) {
        ssize_t n = recv(s, octets + have, size - have, 0);
        int64_t at = now();
        if (n == 0 || (n < 0 && !is_passing())) return;
        if (n > 0 && (have += (size_t)n) == size) {
            note(octets, at);
            have = 0;
        }
    }
}

static void write_arrivals(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%llu %lld %lld\n", (unsigned long long)arrivals[i].packet.number, (long long)arrivals[i].packet.sent,
                (long long)arrivals[i].at);
    if (fclose(file)) fail(path);
}

int main(int argc, char **argv) {
    if (argc < 5 || (!strcmp(argv[1], "send") && argc < 6)) {
        fprintf(stderr, "usage: stream send KIND ADDRESS RATE SIZE, stream receive KIND FILE SIZE\n");
        return 2;
    }
    end_by_signal();
    // What measures must not be what is measured.
    setpriority(PRIO_PROCESS, 0, -15);
    int protocol = protocol_of(argv[2]), is_sender = !strcmp(argv[1], "send");
    size_t size = strtoul(argv[is_sender ? 5 : 4], NULL, 10), other = is_sender && argc > 6 ? strtoul(argv[6], NULL, 10) : size;
    for (int i = 0; i < 2; i++) {
        size_t each = i ? other : size;
        if (each < sizeof(struct packet) || each > MOST_OCTETS) return fprintf(stderr, "packets have 16 to %d octets\n", MOST_OCTETS), 2;
    }
    if (is_sender) {
        send_stream(protocol, argv[3], atof(argv[4]), (size_t[]){size, other});
        return 0;
    }
    int s = receiving_socket(protocol ? SOCK_STREAM : SOCK_DGRAM, protocol, PORT);
    say_ready();
    if (protocol) receive_stream(s, size);
    else receive_datagrams(s);
    write_arrivals(argv[3]);
    return 0;
}
