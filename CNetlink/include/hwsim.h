// The netlink interface of mac80211_hwsim, for a medium: frames come from all radios that were made in the network namespace
// that this runs in, wherever they were moved to.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct rl_hwsim rl_hwsim;

// Flags of frames and reports (enum hwsim_tx_control_flags of the kernel's mac80211_hwsim.h).
enum {
    RL_HWSIM_NO_ACK = 1 << 1,
    RL_HWSIM_ACKNOWLEDGED = 1 << 2,
};

struct rl_hwsim_frame {
    // The radio's second address, by which hwsim names it.
    uint8_t radio[6];
    uint32_t frequency;
    uint32_t flags;
    int8_t rate;
    uint64_t cookie;
    const uint8_t *octets;
    size_t length;
};

// Called with each frame that a radio has to send; the octets are the caller's during the call only.
typedef void (*rl_hwsim_visit)(void *context, const struct rl_hwsim_frame *frame);

// From now on, and until it is closed, the radios hear each other through this alone. -ENOENT: the module is not loaded;
// -EBUSY: there is a medium already; -EOPNOTSUPP: a radio has several channels; -EPERM.
int rl_hwsim_open(rl_hwsim **handle);
void rl_hwsim_close(rl_hwsim *handle);
int rl_hwsim_descriptor(const rl_hwsim *handle);
// Hands over all frames that wait, and returns 0; -ENOBUFS: some were lost, and more may wait.
int rl_hwsim_receive(rl_hwsim *handle, rl_hwsim_visit visit, void *context);
// Hands a frame to a radio: 0 when it took it, -EINVAL when it did not (it is off, on another channel, or gone). Frames that
// come meanwhile go to `visit`.
int rl_hwsim_deliver(
    rl_hwsim *handle, const uint8_t radio[6], uint32_t frequency, uint32_t rate, const uint8_t *octets, size_t length,
    rl_hwsim_visit visit, void *context);
// Tells a sender what became of its frame: 0, or -EINVAL when hwsim does not know the frame, any more or not yet: it hands a
// frame over before it notes that it waits for the report. Frames that come meanwhile go to `visit`.
int rl_hwsim_report(
    rl_hwsim *handle, const uint8_t radio[6], uint64_t cookie, uint32_t flags, int8_t rate, uint8_t tries,
    rl_hwsim_visit visit, void *context);
