// Channel and regulatory domain.
#pragma once

#include <stdint.h>

#include "nl80211.h"

// 20 MHz without HT, centre frequency in MHz. The interface must be up and a monitor.
int rl_nl80211_set_channel(rl_nl80211 *handle, uint32_t index, uint32_t frequency);
// The two letters (ended by NUL) that apply to this wiphy: "00" is the world.
int rl_nl80211_get_regulatory_domain(rl_nl80211 *handle, uint32_t wiphy, char letters[3]);
