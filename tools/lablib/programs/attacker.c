// An attacker's radios: monitor interfaces that hear everything, and send whatever they are given, with any address.
//     attacker listen FILE INTERFACE...                 until SIGTERM; FILE gets what is heard
//     attacker send FILE RATE SECONDS INTERFACE...      the frames of FILE, RATE a second; once, or for SECONDS again and again
// FILE is frame after frame: when it was heard (8 octets, monotonic nanoseconds), which of the interfaces (1, the first is 1), length
// (2), MPDU without FCS; numbers are little-endian. Both print a JSON object at their end.
#define _GNU_SOURCE
#include "common.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/stat.h>

enum { MOST_RADIOS = 4, RADIOTAP = 10, HEAD = 11, TICK = 2000000 };

static int radios[MOST_RADIOS], radio_count;

// Opens the radios: with ETH_P_ALL to hear everything, with 0 to send only, since what nobody reads is not to be queued.
static void open_radios(char **names, int count, uint16_t protocol) {
    if (count < 1 || count > MOST_RADIOS) {
        fprintf(stderr, "1 to %d interfaces\n", MOST_RADIOS);
        exit(2);
    }
    for (int i = 0; i < count; i++) {
        struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(names[i])};
        radios[i] = socket(AF_PACKET, SOCK_RAW, htons(protocol));
        if (radios[i] < 0 || !at.sll_ifindex || bind(radios[i], (void *)&at, sizeof at)) fail(names[i]);
    }
    radio_count = count;
}

static void keep(FILE *file, int radio, const unsigned char *mpdu, size_t length) {
    unsigned char head[HEAD];
    int64_t at = now();
    memcpy(head, &at, 8);
    head[8] = (unsigned char)(radio + 1);
    head[9] = (unsigned char)length;
    head[10] = (unsigned char)(length >> 8);
    fwrite(head, 1, sizeof head, file);
    fwrite(mpdu, 1, length, file);
}

static int listen_to_all(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    struct pollfd polled[MOST_RADIOS];
    for (int i = 0, room = 8 << 20; i < radio_count; i++) {
        setsockopt(radios[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
        polled[i] = (struct pollfd){.fd = radios[i], .events = POLLIN};
    }
    unsigned long heard = 0;
    say_ready();
    while (!is_ended) {
        if (poll(polled, (nfds_t)radio_count, 200) < 0 && errno != EINTR) fail("poll");
        for (int i = 0; i < radio_count; i++) {
            unsigned char packet[MOST_OCTETS];
            ssize_t n;
            while ((n = recv(radios[i], packet, sizeof packet, MSG_DONTWAIT)) > 0) {
                size_t radiotap = packet[2] | (size_t)packet[3] << 8;
                if (n < RADIOTAP || radiotap >= (size_t)n) continue;
                keep(file, i, packet + radiotap, (size_t)n - radiotap);
                heard++;
            }
        }
    }
    if (fclose(file)) fail(path);
    printf("{\"heard\": %lu}\n", heard);
    return 0;
}

static unsigned char *read_all(const char *path, size_t *length) {
    FILE *file = fopen(path, "r");
    struct stat status;
    if (!file || fstat(fileno(file), &status)) fail(path);
    *length = (size_t)status.st_size;
    unsigned char *octets = malloc(*length + 1);
    if (!octets || fread(octets, 1, *length, file) != *length) fail(path);
    fclose(file);
    return octets;
}

// Sends one frame as it is: sequence number kept (0x10), in order (0x20), not waiting for an ACK (0x08).
static void send_frame(int radio, const unsigned char *mpdu, size_t length) {
    unsigned char packet[RADIOTAP + MOST_OCTETS] = {0, 0, RADIOTAP, 0, 0, 0x80, 0, 0, 0x38, 0};
    memcpy(packet + RADIOTAP, mpdu, length);
    while (send(radios[radio], packet, RADIOTAP + length, 0) < 0) {
        if (is_ended) return;
        if (errno != ENOBUFS && !is_passing()) fail("send");
        usleep(500);
    }
}

static int send_all(const char *path, double rate, double seconds) {
    size_t length, at = 0;
    unsigned char *octets = read_all(path, &length);
    uint64_t sent = 0;
    int64_t start = now(), end = start + (int64_t)(seconds * 1e9);
    while (!is_ended && length && (seconds > 0 ? now() < end : at < length)) {
        uint64_t due = (uint64_t)((double)(now() - start) * rate / 1e9) + 1;
        for (; sent < due && !is_ended && (seconds > 0 || at < length); sent++) {
            if (at >= length) at = 0;
            size_t count = at + HEAD <= length ? octets[at + 9] | (size_t)octets[at + 10] << 8 : length;
            int radio = at + HEAD <= length ? octets[at + 8] : 0;
            if (at + HEAD + count > length || count > MOST_OCTETS || radio < 1 || radio > radio_count) {
                fprintf(stderr, "%s: no frame at %zu\n", path, at);
                return 2;
            }
            send_frame(radio - 1, octets + at + HEAD, count);
            at += HEAD + count;
        }
        sleep_until(now() + TICK);
    }
    printf("{\"sent\": %llu, \"since\": %lld, \"nanoseconds\": %lld}\n", (unsigned long long)sent, (long long)start, (long long)(now() - start));
    free(octets);
    return 0;
}

int main(int argc, char **argv) {
    end_by_signal();
    if (argc > 3 && !strcmp(argv[1], "listen")) {
        open_radios(argv + 3, argc - 3, ETH_P_ALL);
        return listen_to_all(argv[2]);
    }
    if (argc > 5 && !strcmp(argv[1], "send")) {
        open_radios(argv + 5, argc - 5, 0);
        return send_all(argv[2], atof(argv[3]), atof(argv[4]));
    }
    fprintf(stderr, "usage: attacker listen FILE INTERFACE..., attacker send FILE RATE SECONDS INTERFACE...\n");
    return 2;
}
