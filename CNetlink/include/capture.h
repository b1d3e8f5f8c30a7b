// Capture from and injection into one interface over libpcap.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

typedef struct rl_capture rl_capture;

// Octets of an error text, its NUL included.
#define RL_CAPTURE_ERROR_SIZE 256
// What rl_capture_link_type says of an interface that delivers radiotap headers (DLT_IEEE802_11_RADIO).
#define RL_CAPTURE_RADIOTAP 127

// How many packets rl_capture_send takes at a time.
#define RL_CAPTURE_SEND_LIMIT 16

// Opens the interface, which must be up: no waiting, every packet at once, incoming packets only (the kernel's TX
// reports of a monitor interface count as such). On failure `error` says why.
int rl_capture_open(
    const char *interface, int snapshot_length, int buffer_size, rl_capture **handle,
    char error[RL_CAPTURE_ERROR_SIZE]);
void rl_capture_close(rl_capture *handle);
int rl_capture_link_type(const rl_capture *handle);
int rl_capture_descriptor(const rl_capture *handle);
// A filter in libpcap's language, run by the kernel; packets that came before it are filtered too.
int rl_capture_set_filter(rl_capture *handle, const char *expression, char error[RL_CAPTURE_ERROR_SIZE]);
// Hands over at most `limit` packets and returns how many; -ENODEV, -EIO: see `error`.
int rl_capture_receive(
    rl_capture *handle, int limit, void (*visit)(void *context, const uint8_t *packet, size_t length), void *context,
    char error[RL_CAPTURE_ERROR_SIZE]);
// Injects packets, the radiotap header in front of each of the frames, without waiting. Returns how many the kernel took, which
// may be fewer than there are; the kernel's errno tells what is wrong with the first.
int rl_capture_send(
    rl_capture *handle, const uint8_t *header, size_t header_length, const struct iovec *frames, size_t count);
// How many packets the kernel dropped since the interface was opened.
int rl_capture_get_dropped(rl_capture *handle, uint32_t *dropped);
// Whether a filter expression lets a packet of a link type through: 1 or 0. Needs no interface and no rights.
int rl_capture_filter_matches(
    int link_type, const char *expression, const uint8_t *packet, size_t length, char error[RL_CAPTURE_ERROR_SIZE]);
