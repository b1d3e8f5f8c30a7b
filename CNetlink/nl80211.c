#include "nl80211.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <stdlib.h>

#include "netlink_request.h"

int rl_nl80211_open(rl_nl80211 **handle) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    int result = rl_netlink_connect(NETLINK_GENERIC, &(*handle)->socket);
    if (result == 0) {
        (*handle)->family = genl_ctrl_resolve((*handle)->socket, NL80211_GENL_NAME);
        if ((*handle)->family < 0) result = -ENOENT;
    }
    if (result < 0) {
        rl_nl80211_close(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_nl80211_close(rl_nl80211 *handle) {
    if (!handle) return;
    nl_socket_free(handle->socket);
    free(handle);
}

struct nl_msg *rl_nl80211_message(const rl_nl80211 *handle, int flags, uint8_t command) {
    struct nl_msg *message = nlmsg_alloc();
    if (message && !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, handle->family, 0, flags, command, 0)) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

int rl_nl80211_parse(struct nl_msg *message, struct nlattr *attributes[NL80211_ATTR_MAX + 1]) {
    return genlmsg_parse(nlmsg_hdr(message), 0, attributes, NL80211_ATTR_MAX, NULL);
}
