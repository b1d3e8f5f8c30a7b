// Code shared by the programs that flood: packet sockets, batches that are sent with one system call, rings of received packets, and a limit
// of the packets in flight. Sender and receiver are on one machine, and pay for as few system calls as can be.
#ifndef LAB_PACKETS_H
#define LAB_PACKETS_H

#include "common.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

// Of a ring 2 MiB, which is more than a window of full-sized packets. Larger batches were not faster.
enum { BATCH = 128, BLOCK = 1 << 17, BLOCKS = 16, PAGE = 4096 };
// Without any arrival for so long, what is in flight is lost.
static const int64_t PATIENCE = 250000000;
// Neither side waits to be woken with each packet: the processor is for what is measured.
static const useconds_t PAUSE = 2000;

// The receiver counts here, so that the sender need not ask over the network that is measured.
struct shared {
    _Atomic uint64_t received;
};

static inline struct shared *map_shared(const char *path) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof(struct shared))) fail(path);
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) fail("mmap");
    close(file);
    return at;
}

// Says which end this program is to the lab's kernel, which measures both (preload/meter.c): nobody has this file open.
enum { SENDER = 2, RECEIVER = 3 };

static inline void say_end(int end) {
    close(0x52450000 + end);
}

static inline int64_t processor_time(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

// A packet socket; one that receives nothing with protocol 0. `own` gets the interface's address.
static inline int packet_socket(const char *interface, uint16_t protocol, unsigned char own[ETH_ALEN]) {
    int s = socket(AF_PACKET, SOCK_RAW, htons(protocol));
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface)};
    if (s < 0 || !at.sll_ifindex || bind(s, (void *)&at, sizeof at)) fail(interface);
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    if (ioctl(s, SIOCGIFHWADDR, &request)) fail(interface);
    memcpy(own, request.ifr_hwaddr.sa_data, ETH_ALEN);
    return s;
}

// Packets that the kernel writes into memory of the program (PACKET_RX_RING, TPACKET_V3), block by block.
struct ring {
    char *blocks, *packet;
    unsigned block, left;
};

static inline struct ring open_ring(int s) {
    int version = TPACKET_V3;
    // The packets received into a block are handed over after 1 ms, which is one jiffy.
    struct tpacket_req3 request = {.tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = MOST_OCTETS,
                                   .tp_frame_nr = BLOCK / MOST_OCTETS * BLOCKS, .tp_retire_blk_tov = 1};
    if (setsockopt(s, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
        setsockopt(s, SOL_PACKET, PACKET_RX_RING, &request, sizeof request)) fail("a ring of packets");
    struct ring ring = {.blocks = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0)};
    if (ring.blocks == MAP_FAILED) fail("mmap");
    // Each page faults here once, and not when it is first read while time is taken.
    for (size_t i = 0; i < (size_t)BLOCK * BLOCKS; i += PAGE) *(volatile char *)(ring.blocks + i);
    return ring;
}

// The next packet, which stays until the next call; NULL when none has come.
static inline const struct tpacket3_hdr *next_packet(struct ring *ring) {
    struct tpacket_block_desc *block = (void *)(ring->blocks + (size_t)ring->block * BLOCK);
    if (ring->packet && ring->left == 0) {
        __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        ring->block = (ring->block + 1) % BLOCKS;
        ring->packet = NULL;
        block = (void *)(ring->blocks + (size_t)ring->block * BLOCK);
    }
    if (ring->packet) {
        ring->packet += ((struct tpacket3_hdr *)ring->packet)->tp_next_offset;
    } else {
        if (!(__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) || !block->hdr.bh1.num_pkts) return NULL;
        ring->packet = (char *)block + block->hdr.bh1.offset_to_first_pkt;
        ring->left = block->hdr.bh1.num_pkts;
    }
    ring->left--;
    return (void *)ring->packet;
}

static inline const unsigned char *octets_of(const struct tpacket3_hdr *packet) {
    return (const unsigned char *)packet + packet->tp_mac;
}

// The packets in flight, and their limit.
struct window {
    struct shared *shared;
    uint64_t limit, sent, lost, seen, base;
    int64_t moved;
};

static inline struct window open_window(const char *shared, uint64_t limit) {
    struct window window = {.shared = map_shared(shared), .limit = limit};
    if (limit < BATCH) {
        fprintf(stderr, "a window has %d packets or more\n", BATCH);
        exit(2);
    }
    window.base = window.seen = window.shared->received;
    return window;
}

// True if a batch may be sent.
static inline int has_room(struct window *window) {
    uint64_t received = window->shared->received, gone = received - window->base + window->lost;
    uint64_t in_flight = window->sent > gone ? window->sent - gone : 0;
    if (in_flight + BATCH <= window->limit) {
        window->moved = 0;
        return 1;
    }
    if (received != window->seen || !window->moved) {
        window->seen = received;
        window->moved = now();
    } else if (now() - window->moved > PATIENCE) {
        window->lost += in_flight;
    }
    return 0;
}

// Generates a flood: writes the next packet behind a frame's head, of `head` octets.
typedef void packet_writer(void *context, unsigned char *frame, size_t head, const struct packet *packet);
// Called between two batches, for other work.
typedef void meanwhile(void *context);

// Sends frames of `length` octets that begin with the `head_length` ones of `head`, as fast as the window allows.
static inline void send_batches(int s, const void *head, size_t head_length, size_t length, double seconds, struct window *window,
                                packet_writer *write, meanwhile *between, void *context) {
    static unsigned char frames[BATCH][MOST_OCTETS];
    static struct iovec vectors[BATCH];
    static struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; i++) {
        memcpy(frames[i], head, head_length);
        vectors[i] = (struct iovec){frames[i], length};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    say_end(SENDER);
    int64_t at = now(), end = at + (int64_t)(seconds * 1e9);
    for (; !is_ended && at < end; at = now()) {
        between(context);
        if (!has_room(window)) {
            usleep(PAUSE);
            continue;
        }
        for (unsigned i = 0; i < BATCH; i++) {
            struct packet packet = {window->sent + i, at};
            write(context, frames[i], head_length, &packet);
        }
        int n = sendmmsg(s, messages, BATCH, 0);
        if (n > 0) window->sent += (uint64_t)n;
        else if (errno != ENOBUFS && !is_passing()) fail("send");
        else usleep(PAUSE);
    }
}

// Recognises the packets of a flood: copies the packet of a frame, and returns the number of octets of its body; 0 when it is another's frame.
typedef size_t packet_reader(void *context, const unsigned char *frame, size_t length, struct packet *packet);

// Counts until SIGTERM, and prints what arrived.
static inline void receive_batches(int s, struct shared *shared, packet_reader *read, void *context) {
    struct ring ring = open_ring(s);
    uint64_t received = 0, total = 0, disordered = 0, next = 0;
    int64_t first = 0, last = 0;
    say_end(RECEIVER);
    say_ready();
    while (!is_ended) {
        const struct tpacket3_hdr *slot = next_packet(&ring);
        if (!slot) {
            usleep(PAUSE);
            continue;
        }
        if (!first) first = now();
        uint64_t before = received;
        for (; slot; slot = next_packet(&ring)) {
            struct packet packet;
            size_t size = read(context, octets_of(slot), slot->tp_snaplen, &packet);
            if (size == 0) continue;
            total += size;
            disordered += packet.number < next;
            next = packet.number + 1;
            shared->received = ++received;
        }
        if (received != before) last = now();
        else if (!before) first = 0;
    }
    printf("{\"received\": %llu, \"bytes\": %llu, \"outOfOrder\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n",
           (unsigned long long)received, (unsigned long long)total, (unsigned long long)disordered, (long long)(last - first),
           (long long)processor_time());
}

#endif
