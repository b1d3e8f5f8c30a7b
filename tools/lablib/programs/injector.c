// The plain injector that the data path is compared with: QoS Data frames from one monitor interface to another, no session at all.
//     injector send PROTECTION flood INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED    as fast as it goes: many frames with one system call,
//                                                       at most WINDOW in flight; echoes are read from a ring
//     injector send PROTECTION pace INTERFACE ADDRESS SIZE SECONDS RATE              numbered, RATE a second
//     injector receive PROTECTION flood INTERFACE SHARED                             until SIGTERM: counts in SHARED, reads from a ring
//     injector receive PROTECTION pace INTERFACE FILE                                until SIGTERM: FILE gets a line for each arrival:
//                                                       number, when it was sent, when it arrived (monotonic nanoseconds)
// PROTECTION is open or gcmp. SIZE is that of the frame's body. ADDRESS is what the receiver says when it is ready.
// Each prints a JSON object at its end.
#define _GNU_SOURCE
#include "packets.h"
#include "gcmp.h"

#include <linux/filter.h>
#include <netinet/ether.h>

enum { RADIOTAP = 8, HEADER = 26, QOS_DATA = 0x88, FIRST = RADIOTAP + HEADER, TX_FAIL = 1 };
// Of an echo no more is read: radiotap's fields and the MAC header.
enum { ECHO_OCTETS = 128 };

// One end: its address, the receiver's, and what protects frames (NULL: nothing).
struct end {
    unsigned char own[ETH_ALEN], receiver[ETH_ALEN];
    size_t size;
    EVP_CIPHER_CTX *key;
    struct ring echoes;
    uint64_t echoed, acknowledged;
};

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

// Where the body of a frame to `receiver` begins; 0 for all others. Echoes have TX flags, frames that were received have none.
static size_t body_of(const unsigned char *frame, size_t length, const unsigned char *receiver, size_t *flags) {
    if (length < RADIOTAP) return 0;
    size_t radiotap = frame[2] | (size_t)frame[3] << 8;
    if (length < radiotap + HEADER || frame[radiotap] != QOS_DATA || memcmp(frame + radiotap + 4, receiver, ETH_ALEN)) return 0;
    *flags = tx_flags(frame, radiotap);
    return radiotap + HEADER;
}

static void read_echoes(void *context) {
    struct end *end = context;
    const struct tpacket3_hdr *slot;
    while ((slot = next_packet(&end->echoes))) {
        const unsigned char *frame = octets_of(slot);
        size_t flags;
        if (!body_of(frame, slot->tp_snaplen, end->receiver, &flags) || !flags) continue;
        end->echoed++;
        end->acknowledged += !(frame[flags] & TX_FAIL);
    }
}

static void write_packet(void *context, unsigned char *frame, size_t head, const struct packet *packet) {
    static unsigned char text[MOST_OCTETS];
    struct end *end = context;
    memcpy(end->key ? text : frame + head, packet, sizeof *packet);
    if (end->key) gcmp_seal(end->key, frame + RADIOTAP, HEADER, packet->number + 1, text, end->size);
}

static size_t read_packet(void *context, const unsigned char *frame, size_t length, struct packet *packet) {
    static unsigned char text[MOST_OCTETS];
    struct end *end = context;
    size_t flags, at = body_of(frame, length, end->own, &flags);
    if (!at || flags || length < at + sizeof *packet || length > sizeof text) return 0;
    if (end->key && !gcmp_open(end->key, frame + at - HEADER, HEADER, length - at, text)) return 0;
    memcpy(packet, end->key ? text : frame + at, sizeof *packet);
    return length - at;
}

// The head of each frame: radiotap without fields, and the MAC header.
static void write_head(const struct end *end, unsigned char head[FIRST]) {
    memset(head, 0, FIRST);
    head[2] = RADIOTAP;
    head[RADIOTAP] = QOS_DATA;
    memcpy(head + RADIOTAP + 4, end->receiver, ETH_ALEN);
    memcpy(head + RADIOTAP + 10, end->own, ETH_ALEN);
    memset(head + RADIOTAP + 16, 0xff, ETH_ALEN);
}

static void send_flood(const char *interface, struct end *end, double seconds, struct window window) {
    // The kernel hands what is received to other sockets, and of the echoes no more than is read.
    struct sock_filter code[] = {{BPF_RET | BPF_K, 0, 0, ECHO_OCTETS}};
    struct sock_fprog program = {1, code};
    int s = packet_socket(interface, ETH_P_ALL, end->own), one = 1;
    if (setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ||
        setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one)) fail(interface);
    end->echoes = open_ring(s);
    unsigned char head[FIRST];
    write_head(end, head);
    int64_t start = now();
    send_batches(s, head, FIRST, FIRST + end->size, seconds, &window, write_packet, read_echoes, end);
    int64_t took = now() - start;
    usleep(300000);
    read_echoes(end);
    printf("{\"sent\": %llu, \"echoed\": %llu, \"acknowledged\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n",
           (unsigned long long)window.sent, (unsigned long long)end->echoed, (unsigned long long)end->acknowledged, (long long)took,
           (long long)processor_time());
}

static void send_paced(const char *interface, struct end *end, double seconds, double rate) {
    unsigned char frame[MOST_OCTETS] = {0};
    int s = packet_socket(interface, 0, end->own);
    write_head(end, frame);
    uint64_t sent = 0;
    for (int64_t start = now(), at = start; !is_ended && at < start + (int64_t)(seconds * 1e9);) {
        struct packet packet = {sent, at = now()};
        write_packet(end, frame, FIRST, &packet);
        if (send(s, frame, FIRST + end->size, 0) >= 0) sent++;
        else if (errno != ENOBUFS && !is_passing()) fail("send");
        sleep_until(start + (int64_t)((double)sent * 1e9 / rate));
    }
    printf("{\"sent\": %llu}\n", (unsigned long long)sent);
}

static void receive_paced(int s, struct end *end, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    unsigned char frame[MOST_OCTETS];
    uint64_t received = 0;
    wake_now_and_then(s);
    say_ready();
    while (!is_ended) {
        ssize_t n = recv(s, frame, sizeof frame, 0);
        int64_t at = now();
        struct packet packet;
        if (n <= 0 || !read_packet(end, frame, (size_t)n, &packet)) continue;
        received++;
        fprintf(file, "%llu %lld %lld\n", (unsigned long long)packet.number, (long long)packet.sent, (long long)at);
    }
    if (fclose(file)) fail(path);
    printf("{\"received\": %llu}\n", (unsigned long long)received);
}

static int usage(void) {
    fprintf(stderr, "usage: injector send open|gcmp flood INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED, injector send open|gcmp pace INTERFACE "
                    "ADDRESS SIZE SECONDS RATE, injector receive open|gcmp flood INTERFACE SHARED, injector receive open|gcmp pace INTERFACE FILE\n");
    return 2;
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc < 6) return usage();
    int is_sender = !strcmp(argv[1], "send"), is_flood = !strcmp(argv[3], "flood"), is_protected = !strcmp(argv[2], "gcmp");
    if (argc != (is_sender ? (is_flood ? 10 : 9) : 6) || (!is_sender && strcmp(argv[1], "receive")) || (!is_flood && strcmp(argv[3], "pace")) ||
        (!is_protected && strcmp(argv[2], "open"))) return usage();
    struct end end = {.key = is_protected ? gcmp_key(is_sender) : NULL};
    if (!is_sender) {
        int s = packet_socket(argv[4], ETH_P_ALL, end.own);
        printf("%s ", ether_ntoa((struct ether_addr *)end.own));
        if (is_flood) receive_batches(s, map_shared(argv[5]), read_packet, &end);
        else receive_paced(s, &end, argv[5]);
        return 0;
    }
    const struct ether_addr *to = ether_aton(argv[5]);
    end.size = strtoul(argv[6], NULL, 10);
    if (!to || end.size < sizeof(struct packet) + GCMP_HEADER + GCMP_TAG || end.size > MOST_OCTETS - 200) {
        fprintf(stderr, "a MAC address is needed, and frames have %zu to %d octets\n", sizeof(struct packet) + GCMP_HEADER + GCMP_TAG, MOST_OCTETS - 200);
        return 2;
    }
    memcpy(end.receiver, to->ether_addr_octet, ETH_ALEN);
    if (is_flood) send_flood(argv[4], &end, atof(argv[7]), open_window(argv[9], strtoul(argv[8], NULL, 10)));
    else send_paced(argv[4], &end, atof(argv[7]), atof(argv[8]));
    return 0;
}
