#include "nl80211_interface.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netlink_request.h"

struct visitor {
    void (*visit)(void *context, const struct rl_interface *interface);
    void *context;
};

static int visit_interface(struct nl_msg *message, void *context) {
    const struct visitor *visitor = context;
    struct nlattr *attributes[NL80211_ATTR_MAX + 1];
    // A wireless device without a network interface (P2P device, NAN) has no index.
    if (rl_nl80211_parse(message, attributes) < 0 || !attributes[NL80211_ATTR_IFINDEX]) return NL_OK;
    struct rl_interface interface = {.index = nla_get_u32(attributes[NL80211_ATTR_IFINDEX])};
    if (attributes[NL80211_ATTR_WIPHY]) interface.wiphy = nla_get_u32(attributes[NL80211_ATTR_WIPHY]);
    if (attributes[NL80211_ATTR_IFTYPE]) interface.type = nla_get_u32(attributes[NL80211_ATTR_IFTYPE]);
    if (attributes[NL80211_ATTR_WIPHY_FREQ]) interface.frequency = nla_get_u32(attributes[NL80211_ATTR_WIPHY_FREQ]);
    if (attributes[NL80211_ATTR_MAC]) nla_memcpy(interface.address, attributes[NL80211_ATTR_MAC], 6);
    if (attributes[NL80211_ATTR_IFNAME]) {
        snprintf(interface.name, sizeof interface.name, "%s", nla_get_string(attributes[NL80211_ATTR_IFNAME]));
    }
    visitor->visit(visitor->context, &interface);
    return NL_OK;
}

int rl_nl80211_visit_interfaces(
    rl_nl80211 *handle, void (*visit)(void *context, const struct rl_interface *interface), void *context) {
    struct visitor visitor = {visit, context};
    struct nl_msg *message = rl_nl80211_message(handle, NLM_F_DUMP, NL80211_CMD_GET_INTERFACE);
    return rl_netlink_request(handle->socket, message, visit_interface, &visitor);
}

static void store(void *context, const struct rl_interface *interface) {
    *(struct rl_interface *)context = *interface;
}

int rl_nl80211_get_interface(rl_nl80211 *handle, uint32_t index, struct rl_interface *interface) {
    struct visitor visitor = {store, interface};
    memset(interface, 0, sizeof *interface);
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_GET_INTERFACE);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
    int result = rl_netlink_request(handle->socket, message, visit_interface, &visitor);
    if (result == 0 && interface->index != index) return -ENODEV;
    return result;
}

static int put_interface(struct nl_msg *message, uint32_t wiphy, uint32_t type, const char *name) {
    int result = nla_put_u32(message, NL80211_ATTR_WIPHY, wiphy);
    if (result == 0) result = nla_put_string(message, NL80211_ATTR_IFNAME, name);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_IFTYPE, type);
    if (result == 0) result = nla_put_flag(message, NL80211_ATTR_SOCKET_OWNER);
    return result;
}

static int put_monitor_flags(struct nl_msg *message, bool active) {
    struct nlattr *flags = nla_nest_start(message, NL80211_ATTR_MNTR_FLAGS);
    if (!flags) return -ENOMEM;
    int result = nla_put_flag(message, NL80211_MNTR_FLAG_OTHER_BSS);
    if (result == 0 && active) result = nla_put_flag(message, NL80211_MNTR_FLAG_ACTIVE);
    nla_nest_end(message, flags);
    return result;
}

static int request_interface(rl_nl80211 *handle, struct nl_msg *message, struct rl_interface *interface) {
    struct visitor visitor = {store, interface};
    memset(interface, 0, sizeof *interface);
    int result = rl_netlink_request(handle->socket, message, visit_interface, &visitor);
    if (result == 0 && interface->index == 0) return -ENODEV;
    return result;
}

int rl_nl80211_new_interface(
    rl_nl80211 *handle, uint32_t wiphy, uint32_t type, const char *name, struct rl_interface *interface) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_NEW_INTERFACE);
    message = rl_netlink_checked(message, message ? put_interface(message, wiphy, type, name) : 0);
    return request_interface(handle, message, interface);
}

int rl_nl80211_new_monitor(
    rl_nl80211 *handle, uint32_t wiphy, const char *name, bool active, struct rl_interface *interface) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_NEW_INTERFACE);
    message = rl_netlink_checked(
        message, message ? put_interface(message, wiphy, NL80211_IFTYPE_MONITOR, name) : 0);
    message = rl_netlink_checked(message, message ? put_monitor_flags(message, active) : 0);
    return request_interface(handle, message, interface);
}

int rl_nl80211_delete_interface(rl_nl80211 *handle, uint32_t index) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_DEL_INTERFACE);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

static int store_power_save(struct nl_msg *message, void *context) {
    struct nlattr *attributes[NL80211_ATTR_MAX + 1];
    if (rl_nl80211_parse(message, attributes) < 0 || !attributes[NL80211_ATTR_PS_STATE]) return NL_OK;
    *(bool *)context = nla_get_u32(attributes[NL80211_ATTR_PS_STATE]) == NL80211_PS_ENABLED;
    return NL_OK;
}

int rl_nl80211_get_power_save(rl_nl80211 *handle, uint32_t index, bool *enabled) {
    *enabled = false;
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_GET_POWER_SAVE);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
    return rl_netlink_request(handle->socket, message, store_power_save, enabled);
}
