#include "nl80211_wiphy.h"

#include <errno.h>

#include "nl80211_band.h"

// Several radios within one wiphy, from Linux 6.11 on (include/uapi/linux/nl80211.h): NL80211_ATTR_WIPHY_RADIOS,
// enum nl80211_wiphy_radio_attrs, enum nl80211_wiphy_radio_freq_range. Older headers have none of them.
enum {
    RL_ATTR_WIPHY_RADIOS = 331,
    RL_WIPHY_RADIO_ATTR_INDEX = 1,
    RL_WIPHY_RADIO_ATTR_FREQ_RANGE = 2,
    RL_WIPHY_RADIO_ATTR_INTERFACE_COMBINATION = 3,
    RL_WIPHY_RADIO_FREQ_ATTR_START = 1,
    RL_WIPHY_RADIO_FREQ_ATTR_END = 2,
};

static void visit_limit(
    const struct rl_wiphy_visitor *visitor, uint32_t wiphy, uint32_t radio, struct nlattr *limit) {
    struct nlattr *values[MAX_NL80211_IFACE_LIMIT + 1];
    if (nla_parse_nested(values, MAX_NL80211_IFACE_LIMIT, limit, NULL) < 0) return;
    if (!values[NL80211_IFACE_LIMIT_MAX] || !values[NL80211_IFACE_LIMIT_TYPES]) return;
    uint32_t types = 0;
    struct nlattr *type;
    int rest;
    nla_for_each_nested(type, values[NL80211_IFACE_LIMIT_TYPES], rest) {
        if (nla_type(type) < 32) types |= UINT32_C(1) << nla_type(type);
    }
    uint32_t interfaces = nla_get_u32(values[NL80211_IFACE_LIMIT_MAX]);
    visitor->combination_limit(visitor->context, wiphy, radio, interfaces, types);
}

static void visit_combination(
    const struct rl_wiphy_visitor *visitor, uint32_t wiphy, uint32_t radio, struct nlattr *combination) {
    struct nlattr *values[MAX_NL80211_IFACE_COMB + 1];
    if (nla_parse_nested(values, MAX_NL80211_IFACE_COMB, combination, NULL) < 0) return;
    if (!values[NL80211_IFACE_COMB_LIMITS] || !values[NL80211_IFACE_COMB_MAXNUM]) return;
    uint32_t interfaces = nla_get_u32(values[NL80211_IFACE_COMB_MAXNUM]);
    struct nlattr *channels = values[NL80211_IFACE_COMB_NUM_CHANNELS];
    visitor->combination(visitor->context, wiphy, radio, interfaces, channels ? nla_get_u32(channels) : 0);
    struct nlattr *limit;
    int rest;
    nla_for_each_nested(limit, values[NL80211_IFACE_COMB_LIMITS], rest) visit_limit(visitor, wiphy, radio, limit);
}

static void visit_range(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, uint32_t radio, struct nlattr *range) {
    struct nlattr *values[RL_WIPHY_RADIO_FREQ_ATTR_END + 1];
    if (nla_parse_nested(values, RL_WIPHY_RADIO_FREQ_ATTR_END, range, NULL) < 0) return;
    struct nlattr *start = values[RL_WIPHY_RADIO_FREQ_ATTR_START], *end = values[RL_WIPHY_RADIO_FREQ_ATTR_END];
    if (start && end) visitor->radio_range(visitor->context, wiphy, radio, nla_get_u32(start), nla_get_u32(end));
}

// Ranges and combinations stand here once for each, so the nested attributes are walked, not parsed into a table.
static void visit_radio(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nlattr *radio) {
    uint32_t index = RL_WHOLE_WIPHY;
    struct nlattr *entry;
    int rest;
    nla_for_each_nested(entry, radio, rest) {
        if (nla_type(entry) == RL_WIPHY_RADIO_ATTR_INDEX && nla_len(entry) >= 4) index = nla_get_u32(entry);
    }
    nla_for_each_nested(entry, radio, rest) {
        switch (nla_type(entry)) {
        case RL_WIPHY_RADIO_ATTR_FREQ_RANGE: visit_range(visitor, wiphy, index, entry); break;
        case RL_WIPHY_RADIO_ATTR_INTERFACE_COMBINATION: visit_combination(visitor, wiphy, index, entry); break;
        default: break;
        }
    }
}

static void visit_capabilities(
    const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nlattr *attributes[NL80211_ATTR_MAX + 1]) {
    struct nlattr *entry;
    int rest;
    if (attributes[NL80211_ATTR_SUPPORTED_IFTYPES]) {
        nla_for_each_nested(entry, attributes[NL80211_ATTR_SUPPORTED_IFTYPES], rest) {
            visitor->interface_type(visitor->context, wiphy, (uint32_t)nla_type(entry));
        }
    }
    if (attributes[NL80211_ATTR_INTERFACE_COMBINATIONS]) {
        nla_for_each_nested(entry, attributes[NL80211_ATTR_INTERFACE_COMBINATIONS], rest) {
            visit_combination(visitor, wiphy, RL_WHOLE_WIPHY, entry);
        }
    }
}

// The headers may be older than the kernel that runs, so this attribute may be beyond their NL80211_ATTR_MAX.
static void visit_radios(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nl_msg *message) {
    const struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(message));
    struct nlattr *radios = nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), RL_ATTR_WIPHY_RADIOS);
    if (!radios) return;
    struct nlattr *entry;
    int rest;
    nla_for_each_nested(entry, radios, rest) visit_radio(visitor, wiphy, entry);
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
    visit_capabilities(visitor, wiphy, attributes);
    struct nlattr *band;
    int rest;
    if (attributes[NL80211_ATTR_WIPHY_BANDS]) {
        nla_for_each_nested(band, attributes[NL80211_ATTR_WIPHY_BANDS], rest) rl_nl80211_visit_band(visitor, wiphy, band);
    }
    visit_radios(visitor, wiphy, message);
    return NL_OK;
}

int rl_nl80211_visit_wiphys(rl_nl80211 *handle, const struct rl_wiphy_visitor *visitor) {
    struct nl_msg *message = rl_nl80211_message(handle, NLM_F_DUMP, NL80211_CMD_GET_WIPHY);
    // Without the flag the kernel leaves out what does not fit one message.
    message = rl_netlink_checked(message, message ? nla_put_flag(message, NL80211_ATTR_SPLIT_WIPHY_DUMP) : 0);
    return rl_netlink_request(handle->socket, message, visit_wiphy, (void *)visitor);
}
