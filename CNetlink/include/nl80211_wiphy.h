// Radios ("wiphys") and what they can do.
#pragma once

#include <stdint.h>

#include "nl80211.h"

// The kernel tells about one wiphy in many messages; each function is called for every piece of it, in that order of
// messages.
struct rl_wiphy_visitor {
    void *context;
    void (*name)(void *context, uint32_t wiphy, const char *name);
    // NL80211_FEATURE_* bits.
    void (*features)(void *context, uint32_t wiphy, uint32_t features);
    // An NL80211_IFTYPE_* that the radio can be.
    void (*interface_type)(void *context, uint32_t wiphy, uint32_t type);
    // A channel by its centre frequency in MHz; `flags` has bit N set for every flag attribute NL80211_FREQUENCY_ATTR_*
    // = N < 32.
    void (*frequency)(void *context, uint32_t wiphy, uint32_t frequency, uint32_t flags);
};

int rl_nl80211_visit_wiphys(rl_nl80211 *handle, const struct rl_wiphy_visitor *visitor);
