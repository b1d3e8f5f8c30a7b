// Wireless interfaces: list, read, make, remove.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nl80211.h"

struct rl_interface {
    uint32_t index;
    uint32_t wiphy;
    // NL80211_IFTYPE_*
    uint32_t type;
    // Centre frequency in MHz; 0 when the kernel tells none.
    uint32_t frequency;
    uint8_t address[6];
    char name[16];
};

int rl_nl80211_visit_interfaces(
    rl_nl80211 *handle, void (*visit)(void *context, const struct rl_interface *interface), void *context);
int rl_nl80211_get_interface(rl_nl80211 *handle, uint32_t index, struct rl_interface *interface);
// Makes an interface of a type (NL80211_IFTYPE_*), down. It goes with the socket of `handle`: the kernel removes it when that is
// closed, as when its process is killed.
int rl_nl80211_new_interface(
    rl_nl80211 *handle, uint32_t wiphy, uint32_t type, const char *name, struct rl_interface *interface);
// The same with a monitor interface that receives other BSSes too; `active`: one that acknowledges frames to its address.
int rl_nl80211_new_monitor(
    rl_nl80211 *handle, uint32_t wiphy, const char *name, bool active, struct rl_interface *interface);
int rl_nl80211_delete_interface(rl_nl80211 *handle, uint32_t index);
// Whether the radio saves power on this interface; -EOPNOTSUPP where the driver has no say in it.
int rl_nl80211_get_power_save(rl_nl80211 *handle, uint32_t index, bool *enabled);
