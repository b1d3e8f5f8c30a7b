#include "nl80211_station.h"

#include "netlink_request.h"

static int put_station(struct nl_msg *message, const struct rl_station *station) {
    // The mask has AUTHORIZED without the set having it, and neither AUTHENTICATED nor ASSOCIATED: the kernel sets those two.
    const uint32_t has = UINT32_C(1) << NL80211_STA_FLAG_WME | UINT32_C(1) << NL80211_STA_FLAG_MFP;
    const struct nl80211_sta_flag_update flags = {
        .mask = has | UINT32_C(1) << NL80211_STA_FLAG_AUTHORIZED, .set = has};
    int result = nla_put(message, NL80211_ATTR_MAC, sizeof station->address, station->address);
    if (result == 0) result = nla_put_u16(message, NL80211_ATTR_STA_AID, station->aid);
    if (result == 0) result = nla_put_u16(message, NL80211_ATTR_STA_LISTEN_INTERVAL, 1);
    if (result == 0) {
        result = nla_put(message, NL80211_ATTR_STA_SUPPORTED_RATES, (int)station->rate_count, station->rates);
    }
    if (result == 0 && station->has_ht) {
        result = nla_put(message, NL80211_ATTR_HT_CAPABILITY, RL_HT_CAPABILITY_SIZE, station->ht_capability);
    }
    if (result == 0) result = nla_put(message, NL80211_ATTR_STA_FLAGS2, sizeof flags, &flags);
    return result;
}

int rl_nl80211_add_station(rl_nl80211 *handle, uint32_t index, const struct rl_station *station) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, NL80211_CMD_NEW_STATION);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
    message = rl_netlink_checked(message, message ? put_station(message, station) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}
