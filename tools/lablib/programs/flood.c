// Ethernet frames as fast as they are taken, at little cost of their own: like the injector's they pass by the host's IP stack.
//     flood send INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED    SIZE octets behind the Ethernet header, to a MAC address; at most WINDOW
//                                                                frames are in flight
//     flood receive INTERFACE SHARED                             until SIGTERM
// The receiver counts in the file SHARED. Each prints a JSON object at its end.
#define _GNU_SOURCE
#include "packets.h"

#include <netinet/ether.h>

enum { ETHER_TYPE = 0x88b5 };

static void write_packet(void *context, unsigned char *frame, size_t head, const struct packet *packet) {
    (void)context;
    memcpy(frame + head, packet, sizeof *packet);
}

static void do_nothing(void *context) {
    (void)context;
}

static size_t read_packet(void *context, const unsigned char *frame, size_t length, struct packet *packet) {
    (void)context;
    if (length < ETH_HLEN + sizeof *packet) return 0;
    memcpy(packet, frame + ETH_HLEN, sizeof *packet);
    return length - ETH_HLEN;
}

static void send_flood(const char *interface, const struct ether_addr *to, size_t size, double seconds, struct window window) {
    struct ethhdr header = {.h_proto = htons(ETHER_TYPE)};
    int s = packet_socket(interface, 0, header.h_source);
    memcpy(header.h_dest, to->ether_addr_octet, ETH_ALEN);
    int64_t start = now();
    send_batches(s, &header, sizeof header, sizeof header + size, seconds, &window, write_packet, do_nothing, NULL);
    printf("{\"sent\": %llu, \"nanoseconds\": %lld, \"processorNanoseconds\": %lld}\n", (unsigned long long)window.sent,
           (long long)(now() - start), (long long)processor_time());
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc == 8 && !strcmp(argv[1], "send")) {
        const struct ether_addr *to = ether_aton(argv[3]);
        size_t size = strtoul(argv[4], NULL, 10);
        if (!to || size < sizeof(struct packet) || size > MOST_OCTETS - ETH_HLEN) {
            fprintf(stderr, "a MAC address is needed, and frames have 16 to %d octets\n", MOST_OCTETS - ETH_HLEN);
            return 2;
        }
        send_flood(argv[2], to, size, atof(argv[5]), open_window(argv[7], strtoul(argv[6], NULL, 10)));
    } else if (argc == 4 && !strcmp(argv[1], "receive")) {
        unsigned char own[ETH_ALEN];
        receive_batches(packet_socket(argv[2], ETHER_TYPE, own), map_shared(argv[3]), read_packet, NULL);
    } else {
        fprintf(stderr, "usage: flood send INTERFACE ADDRESS SIZE SECONDS WINDOW SHARED, flood receive INTERFACE SHARED\n");
        return 2;
    }
    return 0;
}
