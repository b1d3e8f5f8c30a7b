#include "nl80211_events.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <stdlib.h>

#include "netlink_request.h"

struct rl_nl80211_events {
    struct nl_sock *socket;
};

static int join(struct nl_sock *socket) {
    static const char *const groups[] = {
        NL80211_MULTICAST_GROUP_CONFIG, NL80211_MULTICAST_GROUP_MLME, NL80211_MULTICAST_GROUP_REG};
    for (size_t index = 0; index < sizeof groups / sizeof *groups; index++) {
        int group = genl_ctrl_resolve_grp(socket, NL80211_GENL_NAME, groups[index]);
        if (group < 0) return -ENOENT;
        if (nl_socket_add_membership(socket, group) < 0) return -EIO;
    }
    return 0;
}

int rl_nl80211_events_open(rl_nl80211_events **handle) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    int result = rl_netlink_connect(NETLINK_GENERIC, &(*handle)->socket);
    if (result == 0) result = join((*handle)->socket);
    if (result == 0) result = rl_netlink_listen((*handle)->socket);
    if (result < 0) {
        rl_nl80211_events_close(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_nl80211_events_close(rl_nl80211_events *handle) {
    if (!handle) return;
    nl_socket_free(handle->socket);
    free(handle);
}

int rl_nl80211_events_descriptor(const rl_nl80211_events *handle) { return nl_socket_get_fd(handle->socket); }

struct visitor {
    void (*visit)(void *context, const struct rl_nl80211_event *event);
    void *context;
};

static int visit_event(struct nl_msg *message, void *context) {
    const struct visitor *visitor = context;
    struct nlattr *attributes[NL80211_ATTR_MAX + 1];
    if (rl_nl80211_parse(message, attributes) < 0) return NL_OK;
    struct rl_nl80211_event event = {
        .command = genlmsg_hdr(nlmsg_hdr(message))->cmd,
        .wiphy = UINT32_MAX,
    };
    if (attributes[NL80211_ATTR_WIPHY]) event.wiphy = nla_get_u32(attributes[NL80211_ATTR_WIPHY]);
    if (attributes[NL80211_ATTR_IFINDEX]) event.interface = nla_get_u32(attributes[NL80211_ATTR_IFINDEX]);
    if (attributes[NL80211_ATTR_WIPHY_FREQ]) event.frequency = nla_get_u32(attributes[NL80211_ATTR_WIPHY_FREQ]);
    if (attributes[NL80211_ATTR_WIPHY_NAME]) event.wiphy_name = nla_get_string(attributes[NL80211_ATTR_WIPHY_NAME]);
    visitor->visit(visitor->context, &event);
    return NL_OK;
}

int rl_nl80211_events_receive(
    rl_nl80211_events *handle, void (*visit)(void *context, const struct rl_nl80211_event *event), void *context) {
    struct visitor visitor = {visit, context};
    return rl_netlink_drain(handle->socket, visit_event, &visitor);
}
