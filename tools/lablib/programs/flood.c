// Ethernet frames as fast as they are taken, at little cost of their own: like the injector's they pass by the host's IP stack.
//     flood send INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED    SIZE octets behind the Ethernet header, to a MAC address; at most WINDOW
//                                                                frames are on their way
//     flood receive INTERFACE SHARED                             until SIGTERM
// Both are on one machine: the receiver counts in the file SHARED, so that the sender need not ask over the network that is measured.
// Each prints a JSON object at its end.
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { BATCH = 32, ETHER_TYPE = 0x88b5, SLOT = 4096, SLOTS = 2048, BLOCK = 1 << 20 };
// Without any arrival for so long, what is on its way is lost.
static const int64_t PATIENCE = 250000000;
// Neither side waits to be woken with each frame: the processor is for what is measured.
static const useconds_t PAUSE = 500;

struct shared {
    _Atomic uint64_t received;
};

static struct shared *map(const char *path) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof(struct shared))) fail(path);
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) fail("mmap");
    return at;
}

static int64_t processor_time(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

// A packet socket; one that hears nothing with protocol 0. `own` gets the interface's address.
static int packet_socket(const char *interface, uint16_t protocol, unsigned char own[ETH_ALEN]) {
    int s = socket(AF_PACKET, SOCK_RAW, htons(protocol));
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface)};
    if (s < 0 || !at.sll_ifindex || bind(s, (void *)&at, sizeof at)) fail(interface);
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    if (ioctl(s, SIOCGIFHWADDR, &request)) fail(interface);
    memcpy(own, request.ifr_hwaddr.sa_data, ETH_ALEN);
    return s;
}

static void send_flood(const char *interface, const unsigned char *to, size_t size, double seconds, uint64_t window, struct shared *shared) {
    static char frames[BATCH][MOST_OCTETS];
    static struct iovec vectors[BATCH];
    static struct mmsghdr messages[BATCH];
    struct ethhdr header = {.h_proto = htons(ETHER_TYPE)};
    int s = packet_socket(interface, 0, header.h_source);
    memcpy(header.h_dest, to, ETH_ALEN);
    for (int i = 0; i < BATCH; i++) {
        memcpy(frames[i], &header, sizeof header);
        vectors[i] = (struct iovec){frames[i], sizeof header + size};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
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
            usleep(PAUSE);
            continue;
        }
        for (int i = 0; i < BATCH; i++) {
            struct packet p = {sent + (uint64_t)i, now()};
            memcpy(frames[i] + sizeof header, &p, sizeof p);
        }
        int n = sendmmsg(s, messages, BATCH, 0);
        if (n > 0) sent += (uint64_t)n;
        else usleep(PAUSE);
    }
    printf("{\"sent\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n", (unsigned long long)sent,
           (long long)(now() - start), (long long)processor_time());
}

static void receive_flood(const char *interface, struct shared *shared) {
    unsigned char own[ETH_ALEN];
    int s = packet_socket(interface, ETHER_TYPE, own), version = TPACKET_V2;
    struct tpacket_req ring = {.tp_block_size = BLOCK, .tp_block_nr = SLOTS / (BLOCK / SLOT), .tp_frame_size = SLOT, .tp_frame_nr = SLOTS};
    if (setsockopt(s, SOL_PACKET, PACKET_VERSION, &version, sizeof version) || setsockopt(s, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring))
        fail("a ring of packets");
    char *slots = mmap(NULL, (size_t)SLOT * SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
    if (slots == MAP_FAILED) fail("mmap");
    uint64_t received = 0, total = 0, disordered = 0, next = 0;
    int64_t first = 0, last = 0;
    say_ready();
    while (!is_ended) {
        struct tpacket2_hdr *slot = (void *)(slots + received % SLOTS * SLOT);
        if (!(__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
            usleep(PAUSE);
            continue;
        }
        struct packet p;
        memcpy(&p, (char *)slot + slot->tp_mac + ETH_HLEN, sizeof p);
        last = now();
        if (!first) first = last;
        total += slot->tp_len - ETH_HLEN;
        disordered += p.number < next;
        next = p.number + 1;
        __atomic_store_n(&slot->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        shared->received = ++received;
    }
    printf("{\"received\": %llu, \"octets\": %llu, \"outOfOrder\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n",
           (unsigned long long)received, (unsigned long long)total, (unsigned long long)disordered, (long long)(last - first),
           (long long)processor_time());
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc == 8 && !strcmp(argv[1], "send")) {
        const struct ether_addr *to = ether_aton(argv[3]);
        size_t size = strtoul(argv[4], NULL, 10);
        uint64_t window = strtoul(argv[6], NULL, 10);
        if (!to || size < sizeof(struct packet) || size > MOST_OCTETS - ETH_HLEN || window < BATCH) {
            fprintf(stderr, "a MAC address is needed, frames have 16 to %d octets, a window %d frames or more\n", MOST_OCTETS - ETH_HLEN, BATCH);
            return 2;
        }
        send_flood(argv[2], to->ether_addr_octet, size, atof(argv[5]), window, map(argv[7]));
    } else if (argc == 4 && !strcmp(argv[1], "receive")) {
        receive_flood(argv[2], map(argv[3]));
    } else {
        fprintf(stderr, "usage: flood send INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED, flood receive INTERFACE SHARED\n");
        return 2;
    }
    return 0;
}
