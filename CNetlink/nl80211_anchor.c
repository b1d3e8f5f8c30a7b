#include "nl80211_anchor.h"

#include "netlink_request.h"

static int put_octets(struct nl_msg *message, int type, const struct rl_octets *octets) {
    return nla_put(message, type, (int)octets->length, octets->octets);
}

static int put_channel(struct nl_msg *message, const struct rl_channel *channel) {
    int result = nla_put_u32(message, NL80211_ATTR_WIPHY_FREQ, channel->frequency);
    const uint32_t type = channel->ht ? NL80211_CHAN_HT20 : NL80211_CHAN_NO_HT;
    return result < 0 ? result : nla_put_u32(message, NL80211_ATTR_WIPHY_CHANNEL_TYPE, type);
}

// A command about an interface.
static struct nl_msg *interface_message(const rl_nl80211 *handle, uint8_t command, uint32_t index) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, command);
    return rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
}

static int put_access_point(struct nl_msg *message, const struct rl_access_point *access_point) {
    int result = put_channel(message, &access_point->channel);
    if (result == 0) result = put_octets(message, NL80211_ATTR_BEACON_HEAD, &access_point->head);
    if (result == 0) result = put_octets(message, NL80211_ATTR_BEACON_TAIL, &access_point->tail);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_BEACON_INTERVAL, access_point->beacon_interval);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_DTIM_PERIOD, access_point->dtim_period);
    if (result == 0) result = put_octets(message, NL80211_ATTR_SSID, &access_point->ssid);
    if (result == 0) result = nla_put_u32(message, NL80211_ATTR_HIDDEN_SSID, NL80211_HIDDEN_SSID_ZERO_LEN);
    if (result == 0) result = nla_put_flag(message, NL80211_ATTR_PRIVACY);
    return result;
}

int rl_nl80211_start_access_point(rl_nl80211 *handle, uint32_t index, const struct rl_access_point *access_point) {
    struct nl_msg *message = interface_message(handle, NL80211_CMD_START_AP, index);
    message = rl_netlink_checked(message, message ? put_access_point(message, access_point) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_nl80211_join_ibss(
    rl_nl80211 *handle, uint32_t index, const struct rl_channel *channel, const struct rl_octets *ssid,
    const uint8_t bssid[6], uint32_t beacon_interval) {
    struct nl_msg *message = interface_message(handle, NL80211_CMD_JOIN_IBSS, index);
    message = rl_netlink_checked(message, message ? put_channel(message, channel) : 0);
    message = rl_netlink_checked(message, message ? nla_put_flag(message, NL80211_ATTR_FREQ_FIXED) : 0);
    message = rl_netlink_checked(message, message ? put_octets(message, NL80211_ATTR_SSID, ssid) : 0);
    message = rl_netlink_checked(message, message ? nla_put(message, NL80211_ATTR_MAC, 6, bssid) : 0);
    message = rl_netlink_checked(
        message, message ? nla_put_u32(message, NL80211_ATTR_BEACON_INTERVAL, beacon_interval) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}
