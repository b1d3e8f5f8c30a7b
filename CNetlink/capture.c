#define _GNU_SOURCE
#include "capture.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

_Static_assert(RL_CAPTURE_ERROR_SIZE >= PCAP_ERRBUF_SIZE, "libpcap writes texts of up to PCAP_ERRBUF_SIZE octets");
_Static_assert(RL_CAPTURE_RADIOTAP == DLT_IEEE802_11_RADIO, "the number in the header is libpcap's");

struct rl_capture {
    pcap_t *pcap;
};

static int explain(pcap_t *pcap, int status, char error[RL_CAPTURE_ERROR_SIZE]) {
    const char *text = pcap_geterr(pcap);
    snprintf(error, RL_CAPTURE_ERROR_SIZE, "%s", *text ? text : pcap_statustostr(status));
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE: return -ENODEV;
    case PCAP_ERROR_PERM_DENIED: return -EPERM;
    case PCAP_ERROR_IFACE_NOT_UP: return -ENETDOWN;
    default: return -EIO;
    }
}

int rl_capture_open(
    const char *interface, int snapshot_length, int buffer_size, rl_capture **handle,
    char error[RL_CAPTURE_ERROR_SIZE]) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    pcap_t *pcap = pcap_create(interface, error);
    (*handle)->pcap = pcap;
    int result = pcap ? 0 : -EIO;
    if (pcap) {
        pcap_set_snaplen(pcap, snapshot_length);
        pcap_set_buffer_size(pcap, buffer_size);
        pcap_set_immediate_mode(pcap, 1);
        int status = pcap_activate(pcap);
        // A positive status is a warning.
        if (status < 0) {
            result = explain(pcap, status, error);
        } else if (pcap_setnonblock(pcap, 1, error) < 0) {
            result = -EIO;
        } else if ((status = pcap_setdirection(pcap, PCAP_D_IN)) < 0) {
            result = explain(pcap, status, error);
        } else {
            // What this sends is not even copied for libpcap to leave it aside; without effect before Linux 4.20.
            setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &(int){1}, sizeof(int));
        }
    }
    if (result < 0) {
        rl_capture_close(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_capture_close(rl_capture *handle) {
    if (!handle) return;
    if (handle->pcap) pcap_close(handle->pcap);
    free(handle);
}

int rl_capture_link_type(const rl_capture *handle) { return pcap_datalink(handle->pcap); }

int rl_capture_descriptor(const rl_capture *handle) { return pcap_get_selectable_fd(handle->pcap); }

int rl_capture_set_filter(rl_capture *handle, const char *expression, char error[RL_CAPTURE_ERROR_SIZE]) {
    struct bpf_program program;
    int status = pcap_compile(handle->pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN);
    if (status < 0) return explain(handle->pcap, status, error);
    status = pcap_setfilter(handle->pcap, &program);
    pcap_freecode(&program);
    return status < 0 ? explain(handle->pcap, status, error) : 0;
}

struct visitor {
    void (*visit)(void *context, const uint8_t *packet, size_t length);
    void *context;
};

static void visit_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *packet) {
    const struct visitor *visitor = (const struct visitor *)user;
    // A packet longer than the snapshot length is cut, thus useless.
    if (header->caplen == header->len) visitor->visit(visitor->context, packet, header->caplen);
}

int rl_capture_receive(
    rl_capture *handle, int limit, void (*visit)(void *context, const uint8_t *packet, size_t length), void *context,
    char error[RL_CAPTURE_ERROR_SIZE]) {
    struct visitor visitor = {visit, context};
    int status = pcap_dispatch(handle->pcap, limit, visit_packet, (u_char *)&visitor);
    return status < 0 ? explain(handle->pcap, status, error) : status;
}

int rl_capture_send(
    rl_capture *handle, const uint8_t *header, size_t header_length, const struct iovec *frames, size_t count) {
    struct iovec parts[RL_CAPTURE_SEND_LIMIT][2];
    struct mmsghdr messages[RL_CAPTURE_SEND_LIMIT];
    if (count > RL_CAPTURE_SEND_LIMIT) count = RL_CAPTURE_SEND_LIMIT;
    for (size_t i = 0; i < count; i++) {
        parts[i][0] = (struct iovec){.iov_base = (void *)(uintptr_t)header, .iov_len = header_length};
        parts[i][1] = frames[i];
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = parts[i], .msg_iovlen = 2}};
    }
    // The socket itself: pcap_inject wants one packet in one piece, and turns errno into a text. Through the queue discipline, so
    // that what tc(8) does to the interface is done to these frames, too.
    int taken = sendmmsg(pcap_fileno(handle->pcap), messages, (unsigned)count, MSG_DONTWAIT);
    return taken < 0 ? -errno : taken;
}

int rl_capture_get_dropped(rl_capture *handle, uint32_t *dropped) {
    struct pcap_stat statistics;
    if (pcap_stats(handle->pcap, &statistics) < 0) return -EIO;
    *dropped = statistics.ps_drop;
    return 0;
}

int rl_capture_filter_matches(
    int link_type, const char *expression, const uint8_t *packet, size_t length, char error[RL_CAPTURE_ERROR_SIZE]) {
    pcap_t *pcap = pcap_open_dead(link_type, 65535);
    if (!pcap) return -ENOMEM;
    struct bpf_program program;
    int status = pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN);
    int result;
    if (status < 0) {
        result = explain(pcap, status, error);
    } else {
        const struct pcap_pkthdr header = {.caplen = (bpf_u_int32)length, .len = (bpf_u_int32)length};
        result = pcap_offline_filter(&program, &header, packet) != 0;
        pcap_freecode(&program);
    }
    pcap_close(pcap);
    return result;
}
