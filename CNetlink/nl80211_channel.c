#include "nl80211_channel.h"

#include <errno.h>
#include <stdio.h>

#include "netlink_request.h"

static int put_channel(struct nl_msg *message, uint32_t index, uint32_t frequency) {
    int result = nla_put_u32(message, NL80211_ATTR_IFINDEX, index);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_WIPHY_FREQ, frequency);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_WIPHY_CHANNEL_TYPE, NL80211_CHAN_NO_HT);
    return result;
}

int rl_nl80211_set_channel(rl_nl80211 *handle, uint32_t index, uint32_t frequency) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_SET_WIPHY);
    message = rl_netlink_checked(message, message ? put_channel(message, index, frequency) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

static int store_letters(struct nl_msg *message, void *context) {
    struct nlattr *attributes[NL80211_ATTR_MAX + 1];
    if (rl_nl80211_parse(message, attributes) < 0 || !attributes[NL80211_ATTR_REG_ALPHA2]) return NL_OK;
    snprintf(context, 3, "%s", nla_get_string(attributes[NL80211_ATTR_REG_ALPHA2]));
    return NL_OK;
}

int rl_nl80211_get_regulatory_domain(rl_nl80211 *handle, uint32_t wiphy, char letters[3]) {
    letters[0] = 0;
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_GET_REG);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_WIPHY, wiphy) : 0);
    int result = rl_netlink_request(handle->socket, message, store_letters, letters);
    if (result == 0 && letters[0] == 0) return -ENOENT;
    return result;
}
