// Internal: what a radio can do in one band.
#pragma once

#include "netlink_request.h"
#include "nl80211_wiphy.h"

// Hands one entry of NL80211_ATTR_WIPHY_BANDS to the visitor. A dump has several for each band: its rates in one, its
// frequencies in others.
void rl_nl80211_visit_band(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nlattr *band);
