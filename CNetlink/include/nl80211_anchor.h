// Anchors: an access point or an IBSS, on an interface that is up, holds a radio on a channel beside a monitor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211.h"

struct rl_channel {
    // Centre frequency of the 20 MHz channel in MHz.
    uint32_t frequency;
    // HT20 instead of 20 MHz without HT.
    bool ht;
};

struct rl_octets {
    const uint8_t *octets;
    size_t length;
};

struct rl_access_point {
    struct rl_channel channel;
    // The SSID, which is not empty; it is hidden with zero length in beacons.
    struct rl_octets ssid;
    // The beacon: what stands before the TIM element, which the kernel adds, and what follows it.
    struct rl_octets head, tail;
    // In TU.
    uint32_t beacon_interval;
    // In beacons.
    uint32_t dtim_period;
};

// Starts an access point with the privacy bit for whoever asks the kernel; beacons are as given. -EALREADY: it runs already.
int rl_nl80211_start_access_point(rl_nl80211 *handle, uint32_t index, const struct rl_access_point *access_point);
// Joins an IBSS of this BSSID on this channel and no other.
int rl_nl80211_join_ibss(
    rl_nl80211 *handle, uint32_t index, const struct rl_channel *channel, const struct rl_octets *ssid,
    const uint8_t bssid[6], uint32_t beacon_interval);
