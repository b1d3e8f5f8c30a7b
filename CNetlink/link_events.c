#include "link_events.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>

#include "netlink_request.h"

// IFF_LOWER_UP of linux/if.h, which can't be included beside net/if.h.
enum { LOWER_UP = 1 << 16 };

struct rl_link_events {
    struct nl_sock *socket;
};

int rl_link_events_open(rl_link_events **handle) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    int result = rl_netlink_connect(NETLINK_ROUTE, &(*handle)->socket);
    if (result == 0 && nl_socket_add_membership((*handle)->socket, RTNLGRP_LINK) < 0) result = -EIO;
    if (result == 0) result = rl_netlink_listen((*handle)->socket);
    if (result < 0) {
        rl_link_events_close(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_link_events_close(rl_link_events *handle) {
    if (!handle) return;
    nl_socket_free(handle->socket);
    free(handle);
}

int rl_link_events_descriptor(const rl_link_events *handle) { return nl_socket_get_fd(handle->socket); }

struct visitor {
    void (*visit)(void *context, const struct rl_link_event *event);
    void *context;
};

static int visit_event(struct nl_msg *message, void *context) {
    const struct visitor *visitor = context;
    const struct nlmsghdr *header = nlmsg_hdr(message);
    if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK) return NL_OK;
    struct nlattr *attributes[IFLA_MAX + 1];
    if (nlmsg_parse((struct nlmsghdr *)header, sizeof(struct ifinfomsg), attributes, IFLA_MAX, NULL) < 0) return NL_OK;
    const struct ifinfomsg *link = nlmsg_data(header);
    // A port that leaves a bridge is told as a removal of family AF_BRIDGE; the interface stays.
    if (link->ifi_family != AF_UNSPEC) return NL_OK;
    const struct rl_link_event event = {
        .index = (uint32_t)link->ifi_index,
        .removed = header->nlmsg_type == RTM_DELLINK,
        .up = (link->ifi_flags & IFF_UP) != 0,
        .carrier = (link->ifi_flags & LOWER_UP) != 0,
        .name = attributes[IFLA_IFNAME] ? nla_get_string(attributes[IFLA_IFNAME]) : "",
    };
    visitor->visit(visitor->context, &event);
    return NL_OK;
}

int rl_link_events_receive(
    rl_link_events *handle, void (*visit)(void *context, const struct rl_link_event *event), void *context) {
    struct visitor visitor = {visit, context};
    return rl_netlink_drain(handle->socket, visit_event, &visitor);
}
