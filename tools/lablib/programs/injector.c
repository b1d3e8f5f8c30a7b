// The plain injector that the data path is compared with: QoS Data frames from one monitor interface to another, no session at all.
//     injector PROTECTION flood NAMESPACE INTERFACE NAMESPACE INTERFACE SIZE SECONDS WINDOW      as fast as it goes
//     injector PROTECTION pace  NAMESPACE INTERFACE NAMESPACE INTERFACE SIZE SECONDS RATE FILE   numbered, RATE a second; FILE gets a line
//                                     for each arrival: number, when it was sent, when it arrived (monotonic nanoseconds)
// PROTECTION is open or gcmp. SIZE is that of the frame's body. One process sends and reads the echoes of its radio, another one receives.
// Prints a JSON object.
#define _GNU_SOURCE
#include "common.h"
#include "gcmp.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { RADIOTAP = 8, HEADER = 26, QOS_DATA = 0x88, FIRST = RADIOTAP + HEADER, TX_FAIL = 1 };

struct radio {
    int socket;
    unsigned char address[6];
};

struct shared {
    _Atomic uint64_t heard;
    _Atomic int is_over;
    uint64_t echoed, acknowledged;
};

static struct shared *shared;

// A packet socket on a monitor interface in a network namespace (a name of ip-netns(8)).
static struct radio open_radio(const char *namespace, const char *interface) {
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", namespace);
    int file = open(path, O_RDONLY | O_CLOEXEC), room = 8 << 20;
    if (file < 0 || setns(file, CLONE_NEWNET)) fail(path);
    close(file);
    struct radio radio = {.socket = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))};
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    if (radio.socket < 0 || !at.sll_ifindex || bind(radio.socket, (void *)&at, sizeof at)) fail(interface);
    setsockopt(radio.socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    if (ioctl(radio.socket, SIOCGIFHWADDR, &request)) fail(interface);
    memcpy(radio.address, request.ifr_hwaddr.sa_data, 6);
    return radio;
}

// Where radiotap's TX flags are: the fields before them have these sizes and alignments (radiotap.org). 0 when they are not there.
static size_t tx_flags(const unsigned char *frame, size_t length) {
    static const unsigned char sizes[15] = {8, 1, 1, 4, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2};
    static const unsigned char alignments[15] = {8, 1, 1, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2};
    size_t offset = 4;
    uint32_t present, word;
    memcpy(&present, frame + 4, 4);
    do {
        if (offset + 4 > length) return 0;
        memcpy(&word, frame + offset, 4);
        offset += 4;
    } while (word >> 31);
    if (!(present >> 15 & 1)) return 0;
    for (int bit = 0; bit < 15; bit++)
        if (present >> bit & 1) offset = (offset + alignments[bit] - 1) / alignments[bit] * alignments[bit] + sizes[bit];
    offset = (offset + 1) / 2 * 2;
    return offset + 2 <= length ? offset : 0;
}

// The body of a frame of ours that `receiver` is to get; NULL for all others. Echoes have TX flags, frames that were heard have none.
static const unsigned char *body_of(const unsigned char *frame, ssize_t length, const unsigned char *receiver, size_t *flags) {
    if (length < RADIOTAP) return NULL;
    size_t radiotap = frame[2] | (size_t)frame[3] << 8;
    if ((size_t)length < radiotap + HEADER + sizeof(struct packet) || frame[radiotap] != QOS_DATA ||
        memcmp(frame + radiotap + 4, receiver, 6)) return NULL;
    *flags = tx_flags(frame, radiotap);
    return frame + radiotap + HEADER;
}

static void read_echoes(struct radio sender, const unsigned char *receiver) {
    unsigned char frame[MOST_OCTETS];
    ssize_t n;
    while ((n = recv(sender.socket, frame, sizeof frame, MSG_DONTWAIT)) > 0) {
        size_t flags;
        if (!body_of(frame, n, receiver, &flags) || !flags) continue;
        shared->echoed++;
        shared->acknowledged += !(frame[flags] & TX_FAIL);
    }
}

static void receive(struct radio radio, int is_protected, const char *path) {
    EVP_CIPHER_CTX *key = is_protected ? gcmp_key(0) : NULL;
    FILE *file = path ? fopen(path, "w") : NULL;
    if (path && !file) fail(path);
    unsigned char frame[MOST_OCTETS], text[MOST_OCTETS];
    wake_now_and_then(radio.socket);
    while (!shared->is_over) {
        ssize_t n = recv(radio.socket, frame, sizeof frame, 0);
        int64_t at = now();
        size_t flags;
        const unsigned char *body = body_of(frame, n, radio.address, &flags);
        if (!body || flags) continue;
        if (key) {
            if (!gcmp_open(key, body - HEADER, HEADER, (size_t)(frame + n - body), text)) continue;
            body = text;
        }
        shared->heard++;
        if (!file) continue;
        struct packet p;
        memcpy(&p, body, sizeof p);
        fprintf(file, "%llu %lld %lld\n", (unsigned long long)p.number, (long long)p.sent, (long long)at);
    }
    if (file && fclose(file)) fail(path);
}

// A process of a flood on its core: the first one is the sender's alone, the receiver is on the others.
static void take_core(int is_sender) {
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores)) fail("sched_getaffinity");
    if (CPU_COUNT(&cores) < 2) return;
    int first = 0;
    while (!CPU_ISSET(first, &cores)) first++;
    if (is_sender) {
        CPU_ZERO(&cores);
        CPU_SET(first, &cores);
    } else {
        CPU_CLR(first, &cores);
    }
    if (sched_setaffinity(0, sizeof cores, &cores)) fail("sched_setaffinity");
}

static int64_t processor_time(int who) {
    struct rusage used;
    getrusage(who, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

// Injects frames; `rate` 0 is as fast as `window` frames that were not heard yet allow. Returns how many.
static uint64_t inject(struct radio sender, const unsigned char *receiver, int is_protected, size_t size, double seconds, double rate,
                       uint64_t window) {
    EVP_CIPHER_CTX *key = is_protected ? gcmp_key(1) : NULL;
    unsigned char frame[MOST_OCTETS] = {0, 0, RADIOTAP}, text[MOST_OCTETS] = {0};
    frame[RADIOTAP] = QOS_DATA;
    memcpy(frame + RADIOTAP + 4, receiver, 6);
    memcpy(frame + RADIOTAP + 10, sender.address, 6);
    memset(frame + RADIOTAP + 16, 0xff, 6);
    uint64_t sent = 0;
    int64_t start = now(), end = start + (int64_t)(seconds * 1e9);
    while (now() < end) {
        if (rate > 0) sleep_until(start + (int64_t)((double)sent * 1e9 / rate));
        else if (sent - shared->heard > window) {
            read_echoes(sender, receiver);
            usleep(50);
            continue;
        }
        struct packet p = {sent, now()};
        memcpy(key ? text : frame + FIRST, &p, sizeof p);
        if (key) gcmp_seal(key, frame + RADIOTAP, HEADER, sent + 1, text, size);
        if (send(sender.socket, frame, FIRST + size, 0) >= 0) sent++;
        else if (errno != ENOBUFS && errno != EAGAIN) fail("send");
        read_echoes(sender, receiver);
    }
    return sent;
}

int main(int argc, char **argv) {
    int is_paced = argc == 11 && !strcmp(argv[2], "pace"), is_protected = argc > 1 && !strcmp(argv[1], "gcmp");
    if ((!is_paced && (argc != 10 || strcmp(argv[2], "flood"))) || (!is_protected && strcmp(argv[1], "open"))) {
        fprintf(stderr, "usage: injector open|gcmp flood|pace NAMESPACE INTERFACE NAMESPACE INTERFACE SIZE SECONDS WINDOW|RATE [FILE]\n");
        return 2;
    }
    size_t size = strtoul(argv[7], NULL, 10);
    if (size < sizeof(struct packet) + GCMP_HEADER + GCMP_TAG || size > MOST_OCTETS - 200)
        return fprintf(stderr, "no such size: %zu\n", size), 2;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) fail("mmap");
    struct radio b = open_radio(argv[5], argv[6]), a = open_radio(argv[3], argv[4]);
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (!is_paced) take_core(child != 0);
    if (child == 0) {
        receive(b, is_protected, is_paced ? argv[10] : NULL);
        return 0;
    }
    int64_t start = now();
    uint64_t sent = inject(a, b.address, is_protected, size, atof(argv[8]), is_paced ? atof(argv[9]) : 0,
                           is_paced ? 0 : strtoul(argv[9], NULL, 10));
    int64_t took = now() - start;
    usleep(300000);
    read_echoes(a, b.address);
    shared->is_over = 1;
    int status;
    if (waitpid(child, &status, 0) != child || status) return 1;
    printf("{\"sent\": %llu, \"received\": %llu, \"echoed\": %llu, \"acknowledged\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n",
           (unsigned long long)sent, (unsigned long long)shared->heard, (unsigned long long)shared->echoed,
           (unsigned long long)shared->acknowledged, (long long)took, (long long)(processor_time(RUSAGE_SELF) + processor_time(RUSAGE_CHILDREN)));
    return 0;
}
