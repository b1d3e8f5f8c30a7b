// Radios ("wiphys") and what they can do.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211.h"

// A channel as the kernel tells of it.
struct rl_frequency {
    // Centre frequency in MHz.
    uint32_t megahertz;
    // Bit N is set for every flag attribute NL80211_FREQUENCY_ATTR_* = N < 32.
    uint32_t flags;
    // NL80211_DFS_*; UINT32_MAX where the kernel tells none.
    uint32_t radar_state;
    // The most that may be sent, in units of 0.01 dBm.
    uint32_t maximum_power;
};

// The capabilities of a radio in one band.
struct rl_band {
    // NL80211_BAND_*
    uint32_t band;
    // In units of 500 kb/s.
    uint8_t rates[32];
    size_t rate_count;
    // 1 if the next three fields are valid: those of an HT Capabilities element (IEEE Std 802.11-2020, 9.4.2.55).
    bool has_ht;
    uint16_t ht_capability;
    uint8_t ht_ampdu_parameters;
    uint8_t ht_mcs_set[16];
    // 1 if the next two fields are valid: those of a VHT Capabilities element (9.4.2.157).
    bool has_vht;
    uint32_t vht_capability;
    uint8_t vht_mcs_set[8];
};

// The kernel tells about one wiphy in many messages; each function is called for every piece of it, in that order of
// messages. Where the kernel tells of several radios within one wiphy, `radio` is the number of one of them; it is
// RL_WHOLE_WIPHY for what holds for the wiphy as a whole.
#define RL_WHOLE_WIPHY UINT32_MAX

struct rl_wiphy_visitor {
    void *context;
    void (*name)(void *context, uint32_t wiphy, const char *name);
    // NL80211_FEATURE_* bits.
    void (*features)(void *context, uint32_t wiphy, uint32_t features);
    // An NL80211_IFTYPE_* that the radio can be.
    void (*interface_type)(void *context, uint32_t wiphy, uint32_t type);
    void (*band)(void *context, uint32_t wiphy, const struct rl_band *band);
    void (*frequency)(void *context, uint32_t wiphy, const struct rl_frequency *frequency);
    // A combination of interfaces that may be up at once: how many in all, on how many channels.
    void (*combination)(void *context, uint32_t wiphy, uint32_t radio, uint32_t interfaces, uint32_t channels);
    // Of the combination told last: at most `interfaces` whose types NL80211_IFTYPE_* = N have bit N set.
    void (*combination_limit)(void *context, uint32_t wiphy, uint32_t radio, uint32_t interfaces, uint32_t types);
    // A range of frequencies in kHz that a radio of the wiphy serves.
    void (*radio_range)(void *context, uint32_t wiphy, uint32_t radio, uint32_t start, uint32_t end);
};

int rl_nl80211_visit_wiphys(rl_nl80211 *handle, const struct rl_wiphy_visitor *visitor);
