// Stations of an access point's interface: for whom the kernel or the card chooses rates.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211.h"

#define RL_HT_CAPABILITY_SIZE 26
#define RL_VHT_CAPABILITY_SIZE 12

struct rl_station {
    uint8_t address[6];
    // 1 to 2007.
    uint16_t aid;
    // In units of 500 kb/s, as in a Supported Rates element.
    uint8_t rates[12];
    size_t rate_count;
    // 1 if the next field is valid: the content of an HT Capabilities element.
    bool has_ht;
    uint8_t ht_capability[RL_HT_CAPABILITY_SIZE];
    // The same of a VHT Capabilities element; a station with VHT has HT.
    bool has_vht;
    uint8_t vht_capability[RL_VHT_CAPABILITY_SIZE];
};

// What the kernel reports of a station. `known` has bit N set where it gave NL80211_STA_INFO_* = N < 32.
struct rl_station_report {
    uint32_t known;
    // Of the last frame to it, in units of 100 kb/s; 0 where the kernel gives none.
    uint32_t rate;
    // The MCS of that frame; -1 where it was neither HT nor VHT. The number of spatial streams where it was VHT, otherwise 0.
    int32_t mcs;
    uint8_t vht_streams;
    uint32_t packets;
    uint32_t retries;
    uint32_t failures;
    // In kb/s.
    uint32_t expected_throughput;
};

// A station with QoS and MFP that is associated and not authorized: rate control serves it, and the kernel's own Block Ack
// agreements, and its reading of ours, are out of the question. -EEXIST: there is one of this address.
int rl_nl80211_add_station(rl_nl80211 *handle, uint32_t index, const struct rl_station *station);
// -ENOENT: there is none of this address.
int rl_nl80211_delete_station(rl_nl80211 *handle, uint32_t index, const uint8_t address[6]);
// -ENOENT: there is none of this address.
int rl_nl80211_get_station(
    rl_nl80211 *handle, uint32_t index, const uint8_t address[6], struct rl_station_report *report);
