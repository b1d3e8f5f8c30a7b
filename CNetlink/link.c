#include "link.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_request.h"

struct rl_link {
    struct nl_sock *socket;
};

int rl_link_open(rl_link **handle) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    int result = rl_netlink_connect(NETLINK_ROUTE, &(*handle)->socket);
    if (result < 0) {
        free(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_link_close(rl_link *handle) {
    if (!handle) return;
    nl_socket_free(handle->socket);
    free(handle);
}

static struct nl_msg *link_message(int type, const struct ifinfomsg *header) {
    struct nl_msg *message = nlmsg_alloc_simple(type, 0);
    int result = message ? nlmsg_append(message, (void *)header, sizeof *header, NLMSG_ALIGNTO) : 0;
    return rl_netlink_checked(message, result);
}

static int store_state(struct nl_msg *message, void *context) {
    struct rl_link_state *state = context;
    struct nlattr *attributes[IFLA_MAX + 1];
    if (nlmsg_parse(nlmsg_hdr(message), sizeof(struct ifinfomsg), attributes, IFLA_MAX, NULL) < 0) return NL_OK;
    const struct ifinfomsg *header = nlmsg_data(nlmsg_hdr(message));
    state->up = (header->ifi_flags & IFF_UP) != 0;
    if (attributes[IFLA_MTU]) state->mtu = nla_get_u32(attributes[IFLA_MTU]);
    if (attributes[IFLA_ADDRESS]) nla_memcpy(state->address, attributes[IFLA_ADDRESS], sizeof state->address);
    if (attributes[IFLA_IFALIAS]) {
        snprintf(state->alias, sizeof state->alias, "%s", nla_get_string(attributes[IFLA_IFALIAS]));
    }
    return NL_OK;
}

int rl_link_get(rl_link *handle, uint32_t index, struct rl_link_state *state) {
    const struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
    memset(state, 0, sizeof *state);
    return rl_netlink_request(handle->socket, link_message(RTM_GETLINK, &header), store_state, state);
}

int rl_link_set_up(rl_link *handle, uint32_t index, bool up) {
    const struct ifinfomsg header = {
        .ifi_family = AF_UNSPEC, .ifi_index = (int)index, .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP};
    return rl_netlink_request(handle->socket, link_message(RTM_NEWLINK, &header), NULL, NULL);
}

int rl_link_set_dormant(rl_link *handle, uint32_t index) {
    const struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
    struct nl_msg *message = link_message(RTM_NEWLINK, &header);
    const uint8_t dormant = 1;
    message = rl_netlink_checked(message, message ? nla_put_u8(message, IFLA_LINKMODE, dormant) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_link_set_address(rl_link *handle, uint32_t index, const uint8_t address[6]) {
    const struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
    struct nl_msg *message = link_message(RTM_NEWLINK, &header);
    message = rl_netlink_checked(message, message ? nla_put(message, IFLA_ADDRESS, 6, address) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_link_set_alias(rl_link *handle, uint32_t index, const char *alias) {
    const struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
    struct nl_msg *message = link_message(RTM_NEWLINK, &header);
    message = rl_netlink_checked(message, message ? nla_put_string(message, IFLA_IFALIAS, alias) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_link_set_mtu(rl_link *handle, uint32_t index, uint32_t mtu) {
    const struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
    struct nl_msg *message = link_message(RTM_NEWLINK, &header);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, IFLA_MTU, mtu) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_link_add_ip_address(rl_link *handle, uint32_t index, int family, const uint8_t *address, uint8_t prefix) {
    const struct ifaddrmsg header = {.ifa_family = (uint8_t)family, .ifa_prefixlen = prefix, .ifa_index = index};
    const int length = family == AF_INET ? 4 : 16;
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    message = rl_netlink_checked(message, message ? nlmsg_append(message, (void *)&header, sizeof header, NLMSG_ALIGNTO) : 0);
    // For IPv4 the local address is what counts; the other is the peer's on point-to-point links, else the same.
    message = rl_netlink_checked(message, message ? nla_put(message, IFA_LOCAL, length, address) : 0);
    message = rl_netlink_checked(message, message ? nla_put(message, IFA_ADDRESS, length, address) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}
