// nl80211's multicast groups config, mlme and regulatory.
#pragma once

#include <stdint.h>

#include "nl80211.h"

typedef struct rl_nl80211_events rl_nl80211_events;

struct rl_nl80211_event {
    // NL80211_CMD_*
    uint8_t command;
    // UINT32_MAX where the event names none.
    uint32_t wiphy;
    // 0 where the event names none.
    uint32_t interface;
    uint32_t frequency;
    // NULL where the event names none.
    const char *wiphy_name;
};

int rl_nl80211_events_open(rl_nl80211_events **handle);
void rl_nl80211_events_close(rl_nl80211_events *handle);
int rl_nl80211_events_descriptor(const rl_nl80211_events *handle);
// Hands over everything that waits and returns 0; -ENOBUFS: events were lost, and more may wait.
int rl_nl80211_events_receive(
    rl_nl80211_events *handle, void (*visit)(void *context, const struct rl_nl80211_event *event), void *context);
