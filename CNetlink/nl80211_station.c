#include "nl80211_station.h"

#include <string.h>

#include "netlink_request.h"

static struct nl_msg *station_message(
    const rl_nl80211 *handle, uint8_t command, uint32_t index, const uint8_t address[6]) {
    struct nl_msg *message = rl_nl80211_message(handle, 0, command);
    message = rl_netlink_checked(message, message ? nla_put_u32(message, NL80211_ATTR_IFINDEX, index) : 0);
    return rl_netlink_checked(message, message ? nla_put(message, NL80211_ATTR_MAC, 6, address) : 0);
}

static int put_station(struct nl_msg *message, const struct rl_station *station) {
    // The mask has AUTHORIZED without the set having it, and neither AUTHENTICATED nor ASSOCIATED: the kernel sets those two.
    const uint32_t has = UINT32_C(1) << NL80211_STA_FLAG_WME | UINT32_C(1) << NL80211_STA_FLAG_MFP;
    const struct nl80211_sta_flag_update flags = {
        .mask = has | UINT32_C(1) << NL80211_STA_FLAG_AUTHORIZED, .set = has};
    int result = nla_put_u16(message, NL80211_ATTR_STA_AID, station->aid);
    if (result == 0) result = nla_put_u16(message, NL80211_ATTR_STA_LISTEN_INTERVAL, 1);
    if (result == 0) {
        result = nla_put(message, NL80211_ATTR_STA_SUPPORTED_RATES, (int)station->rate_count, station->rates);
    }
    if (result == 0 && station->has_ht) {
        result = nla_put(message, NL80211_ATTR_HT_CAPABILITY, RL_HT_CAPABILITY_SIZE, station->ht_capability);
    }
    if (result == 0 && station->has_vht) {
        result = nla_put(message, NL80211_ATTR_VHT_CAPABILITY, RL_VHT_CAPABILITY_SIZE, station->vht_capability);
    }
    if (result == 0) result = nla_put(message, NL80211_ATTR_STA_FLAGS2, sizeof flags, &flags);
    return result;
}

int rl_nl80211_add_station(rl_nl80211 *handle, uint32_t index, const struct rl_station *station) {
    struct nl_msg *message = station_message(handle, NL80211_CMD_NEW_STATION, index, station->address);
    message = rl_netlink_checked(message, message ? put_station(message, station) : 0);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

int rl_nl80211_delete_station(rl_nl80211 *handle, uint32_t index, const uint8_t address[6]) {
    struct nl_msg *message = station_message(handle, NL80211_CMD_DEL_STATION, index, address);
    return rl_netlink_request(handle->socket, message, NULL, NULL);
}

static void store_rate(struct rl_station_report *report, struct nlattr *rate) {
    struct nlattr *values[NL80211_RATE_INFO_MAX + 1];
    if (nla_parse_nested(values, NL80211_RATE_INFO_MAX, rate, NULL) < 0) return;
    if (values[NL80211_RATE_INFO_BITRATE32]) {
        report->rate = nla_get_u32(values[NL80211_RATE_INFO_BITRATE32]);
    } else if (values[NL80211_RATE_INFO_BITRATE]) {
        report->rate = nla_get_u16(values[NL80211_RATE_INFO_BITRATE]);
    }
    if (values[NL80211_RATE_INFO_MCS]) report->mcs = nla_get_u8(values[NL80211_RATE_INFO_MCS]);
    if (values[NL80211_RATE_INFO_VHT_MCS] && values[NL80211_RATE_INFO_VHT_NSS]) {
        report->mcs = nla_get_u8(values[NL80211_RATE_INFO_VHT_MCS]);
        report->vht_streams = nla_get_u8(values[NL80211_RATE_INFO_VHT_NSS]);
    }
}

static int store_report(struct nl_msg *message, void *context) {
    struct rl_station_report *report = context;
    struct nlattr *attributes[NL80211_ATTR_MAX + 1], *values[NL80211_STA_INFO_MAX + 1];
    if (rl_nl80211_parse(message, attributes) < 0 || !attributes[NL80211_ATTR_STA_INFO]) return NL_OK;
    if (nla_parse_nested(values, NL80211_STA_INFO_MAX, attributes[NL80211_ATTR_STA_INFO], NULL) < 0) return NL_OK;
    for (int type = 1; type <= NL80211_STA_INFO_MAX && type < 32; type++) {
        if (values[type]) report->known |= UINT32_C(1) << type;
    }
    const struct {
        int type;
        uint32_t *value;
    } numbers[] = {
        {NL80211_STA_INFO_TX_PACKETS, &report->packets},
        {NL80211_STA_INFO_TX_RETRIES, &report->retries},
        {NL80211_STA_INFO_TX_FAILED, &report->failures},
        {NL80211_STA_INFO_EXPECTED_THROUGHPUT, &report->expected_throughput},
    };
    for (size_t number = 0; number < sizeof numbers / sizeof *numbers; number++) {
        if (values[numbers[number].type]) *numbers[number].value = nla_get_u32(values[numbers[number].type]);
    }
    if (values[NL80211_STA_INFO_TX_BITRATE]) store_rate(report, values[NL80211_STA_INFO_TX_BITRATE]);
    return NL_OK;
}

int rl_nl80211_get_station(
    rl_nl80211 *handle, uint32_t index, const uint8_t address[6], struct rl_station_report *report) {
    memset(report, 0, sizeof *report);
    report->mcs = -1;
    struct nl_msg *message = station_message(handle, NL80211_CMD_GET_STATION, index, address);
    return rl_netlink_request(handle->socket, message, store_report, report);
}
