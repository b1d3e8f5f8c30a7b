// A generic netlink socket that talks to nl80211 in the process's own network namespace, for requests.
#pragma once

#include <linux/nl80211.h>

typedef struct rl_nl80211 rl_nl80211;

// -ENOENT: the kernel has no nl80211, that is, no wireless at all.
int rl_nl80211_open(rl_nl80211 **handle);
void rl_nl80211_close(rl_nl80211 *handle);
