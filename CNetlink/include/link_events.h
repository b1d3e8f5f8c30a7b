// rtnetlink's link events: interfaces that come, go, and are set up or down.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct rl_link_events rl_link_events;

struct rl_link_event {
    uint32_t index;
    bool removed;
    bool up;
    // 1 if the layer below works; for an access point, if it runs.
    bool carrier;
    const char *name;
};

int rl_link_events_open(rl_link_events **handle);
void rl_link_events_close(rl_link_events *handle);
int rl_link_events_descriptor(const rl_link_events *handle);
// Hands over everything that waits and returns 0; -ENOBUFS: events were lost, and more may wait.
int rl_link_events_receive(
    rl_link_events *handle, void (*visit)(void *context, const struct rl_link_event *event), void *context);
