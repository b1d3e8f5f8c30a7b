#include "nl80211_wiphy.h"

#include <errno.h>

#include "netlink_request.h"

static uint32_t flags_of(struct nlattr *attributes[NL80211_FREQUENCY_ATTR_MAX + 1]) {
    uint32_t flags = 0;
    for (int type = 1; type <= NL80211_FREQUENCY_ATTR_MAX && type < 32; type++) {
        if (attributes[type] && nla_len(attributes[type]) == 0) flags |= UINT32_C(1) << type;
    }
    return flags;
}

static void visit_band(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nlattr *band) {
    struct nlattr *attributes[NL80211_BAND_ATTR_MAX + 1];
    if (nla_parse_nested(attributes, NL80211_BAND_ATTR_MAX, band, NULL) < 0) return;
    if (!attributes[NL80211_BAND_ATTR_FREQS]) return;
    struct nlattr *entry;
    int rest;
    nla_for_each_nested(entry, attributes[NL80211_BAND_ATTR_FREQS], rest) {
        struct nlattr *values[NL80211_FREQUENCY_ATTR_MAX + 1];
        if (nla_parse_nested(values, NL80211_FREQUENCY_ATTR_MAX, entry, NULL) < 0) continue;
        struct nlattr *frequency = values[NL80211_FREQUENCY_ATTR_FREQ];
        if (!frequency || nla_len(frequency) < 4) continue;
        visitor->frequency(visitor->context, wiphy, nla_get_u32(frequency), flags_of(values));
    }
}

static int visit_wiphy(struct nl_msg *message, void *context) {
    const struct rl_wiphy_visitor *visitor = context;
    struct nlattr *attributes[NL80211_ATTR_MAX + 1];
    if (rl_nl80211_parse(message, attributes) < 0 || !attributes[NL80211_ATTR_WIPHY]) return NL_OK;
    uint32_t wiphy = nla_get_u32(attributes[NL80211_ATTR_WIPHY]);
    if (attributes[NL80211_ATTR_WIPHY_NAME]) {
        visitor->name(visitor->context, wiphy, nla_get_string(attributes[NL80211_ATTR_WIPHY_NAME]));
    }
    if (attributes[NL80211_ATTR_FEATURE_FLAGS]) {
        visitor->features(visitor->context, wiphy, nla_get_u32(attributes[NL80211_ATTR_FEATURE_FLAGS]));
    }
    struct nlattr *entry;
    int rest;
    if (attributes[NL80211_ATTR_SUPPORTED_IFTYPES]) {
        nla_for_each_nested(entry, attributes[NL80211_ATTR_SUPPORTED_IFTYPES], rest) {
            visitor->interface_type(visitor->context, wiphy, (uint32_t)nla_type(entry));
        }
    }
    if (attributes[NL80211_ATTR_WIPHY_BANDS]) {
        nla_for_each_nested(entry, attributes[NL80211_ATTR_WIPHY_BANDS], rest) visit_band(visitor, wiphy, entry);
    }
    return NL_OK;
}

int rl_nl80211_visit_wiphys(rl_nl80211 *handle, const struct rl_wiphy_visitor *visitor) {
    struct nl_msg *message = rl_nl80211_message(handle, NLM_F_DUMP, NL80211_CMD_GET_WIPHY);
    // Without the flag the kernel leaves out what does not fit one message.
    message = rl_netlink_checked(message, message ? nla_put_flag(message, NL80211_ATTR_SPLIT_WIPHY_DUMP) : 0);
    return rl_netlink_request(handle->socket, message, visit_wiphy, (void *)visitor);
}
