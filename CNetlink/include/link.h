// Network interfaces over rtnetlink: read and set what nl80211 does not.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct rl_link rl_link;

struct rl_link_state {
    bool up;
    uint32_t mtu;
    uint8_t address[6];
    // The interface's alias, a text for people and programs; empty when it has none.
    char alias[64];
};

// A socket for requests, in the process's own network namespace.
int rl_link_open(rl_link **handle);
void rl_link_close(rl_link *handle);
int rl_link_get(rl_link *handle, uint32_t index, struct rl_link_state *state);
int rl_link_set_up(rl_link *handle, uint32_t index, bool up);
// Lets the interface's operational state be dormant at most, whatever its carrier (IF_LINK_MODE_DORMANT).
int rl_link_set_dormant(rl_link *handle, uint32_t index);
// Most drivers want the interface down for this.
int rl_link_set_address(rl_link *handle, uint32_t index, const uint8_t address[6]);
int rl_link_set_alias(rl_link *handle, uint32_t index, const char *alias);
int rl_link_set_mtu(rl_link *handle, uint32_t index, uint32_t mtu);
// Gives an interface an IP address with its network's prefix length: 4 octets for AF_INET, 16 for AF_INET6.
int rl_link_add_ip_address(rl_link *handle, uint32_t index, int family, const uint8_t *address, uint8_t prefix);
