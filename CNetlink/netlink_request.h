// Internal: one request and its answers on a netlink socket.
#pragma once

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "nl80211.h"

struct rl_nl80211 {
    struct nl_sock *socket;
    int family;
};

// Opens a socket of a netlink protocol that answers with the kernel's own errno.
int rl_netlink_connect(int protocol, struct nl_sock **socket);
// Sends `message`, frees it, hands every answer to `visit` (which may be NULL) and returns the kernel's verdict.
// -ENOMEM when `message` is NULL, so that the result of building one can be passed on unchecked.
int rl_netlink_request(struct nl_sock *socket, struct nl_msg *message, nl_recvmsg_msg_cb_t visit, void *context);
// A message for nl80211, or NULL.
struct nl_msg *rl_nl80211_message(const rl_nl80211 *handle, int flags, uint8_t command);
// The attributes of an answer of nl80211.
int rl_nl80211_parse(struct nl_msg *message, struct nlattr *attributes[NL80211_ATTR_MAX + 1]);
// Drops `message` when `result` says that an attribute did not fit: nla_put and friends return 0 or less than 0.
struct nl_msg *rl_netlink_checked(struct nl_msg *message, int result);
// Reads everything that waits on a non-blocking socket of multicast groups: 0, -ENOBUFS (some was lost) or -EIO.
int rl_netlink_drain(struct nl_sock *socket, nl_recvmsg_msg_cb_t visit, void *context);
// Makes a connected socket fit for rl_netlink_drain.
int rl_netlink_listen(struct nl_sock *socket);
