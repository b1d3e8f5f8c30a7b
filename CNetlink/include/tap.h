// TAP interfaces: Ethernet frames of the host, through /dev/net/tun.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Makes a TAP interface without a carrier, and a non-blocking descriptor: one read is one Ethernet frame that the host
// sends, one write is one that it receives. The interface goes with the descriptor. -EBUSY or -EINVAL when there is an
// interface of that name, -ENOENT or -ENODEV when the kernel has no TUN/TAP driver.
int rl_tap_open(const char *name, int *descriptor);
// -EINVAL or -ENOTTY before Linux 5.0, where a TAP interface always has a carrier.
int rl_tap_set_carrier(int descriptor, bool carrier);
