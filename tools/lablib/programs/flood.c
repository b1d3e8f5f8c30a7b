// UDP packets as fast as they are taken, at little cost of its own:
//     flood send ADDRESS SIZE SECONDS WINDOW SHARED    SIZE octets of UDP payload; at most WINDOW packets are on their way
//     flood receive SHARED                             until SIGTERM
// Both are on one machine: the receiver counts in the file SHARED, so that the sender need not ask over the network that is measured.
// Each prints a JSON object at its end.
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { PORT = 5078, BATCH = 32 };
// Without any arrival for so long, what is on its way is lost.
static const int64_t PATIENCE = 250000000;

struct shared {
    _Atomic uint64_t received;
};

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static char octets[BATCH][MOST_OCTETS];

static struct shared *map(const char *path) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof(struct shared))) fail(path);
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) fail("mmap");
    return at;
}

static void prepare(size_t size) {
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){octets[i], size};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
}

static int64_t processor_time(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

static void send_flood(const char *to, size_t size, double seconds, uint64_t window, struct shared *shared) {
    int s = open_socket(SOCK_DGRAM, 0);
    struct sockaddr_in a = address(to, PORT);
    if (connect(s, (void *)&a, sizeof a)) fail("connect");
    prepare(size);
    uint64_t sent = 0, lost = 0, seen = shared->received, base = seen;
    int64_t start = now(), end = start + (int64_t)(seconds * 1e9), moved = start;
    while (!is_ended && now() < end) {
        uint64_t received = shared->received;
        if (received != seen) {
            seen = received;
            moved = now();
        }
        uint64_t gone = received - base + lost, on_way = sent > gone ? sent - gone : 0;
        if (on_way + BATCH > window) {
            if (now() - moved > PATIENCE) {
                lost += on_way;
                moved = now();
            }
            // Half a batch's time or so; the processor is for what is measured.
            usleep(200);
            continue;
        }
        for (int i = 0; i < BATCH; i++) {
            struct packet p = {sent + (uint64_t)i, now()};
            memcpy(octets[i], &p, sizeof p);
        }
        int n = sendmmsg(s, messages, BATCH, 0);
        if (n > 0) sent += (uint64_t)n;
        else usleep(200);
    }
    printf("{\"sent\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n", (unsigned long long)sent,
           (long long)(now() - start), (long long)processor_time());
}

static void receive_flood(struct shared *shared) {
    int s = receiving_socket(SOCK_DGRAM, 0, PORT);
    prepare(MOST_OCTETS);
    uint64_t received = 0, total = 0, disordered = 0, next = 0;
    int64_t first = 0, last = 0;
    say_ready();
    while (!is_ended) {
        int n = recvmmsg(s, messages, BATCH, MSG_WAITFORONE, NULL);
        if (n <= 0) continue;
        last = now();
        if (!first) first = last;
        for (int i = 0; i < n; i++) {
            struct packet p;
            memcpy(&p, octets[i], sizeof p);
            total += messages[i].msg_len;
            disordered += p.number < next;
            next = p.number + 1;
        }
        received += (uint64_t)n;
        shared->received = received;
    }
    printf("{\"received\": %llu, \"octets\": %llu, \"outOfOrder\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n",
           (unsigned long long)received, (unsigned long long)total, (unsigned long long)disordered, (long long)(last - first),
           (long long)processor_time());
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc == 7 && !strcmp(argv[1], "send")) {
        size_t size = strtoul(argv[3], NULL, 10);
        uint64_t window = strtoul(argv[5], NULL, 10);
        if (size < sizeof(struct packet) || size > MOST_OCTETS || window < BATCH) {
            fprintf(stderr, "packets have 16 to %d octets, a window %d packets or more\n", MOST_OCTETS, BATCH);
            return 2;
        }
        send_flood(argv[2], size, atof(argv[4]), window, map(argv[6]));
    } else if (argc == 3 && !strcmp(argv[1], "receive")) {
        receive_flood(map(argv[2]));
    } else {
        fprintf(stderr, "usage: flood send ADDRESS SIZE SECONDS WINDOW SHARED, flood receive SHARED\n");
        return 2;
    }
    return 0;
}
