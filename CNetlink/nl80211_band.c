#include "nl80211_band.h"

#include <string.h>

static uint32_t flags_of(struct nlattr *attributes[NL80211_FREQUENCY_ATTR_MAX + 1]) {
    uint32_t flags = 0;
    for (int type = 1; type <= NL80211_FREQUENCY_ATTR_MAX && type < 32; type++) {
        if (attributes[type] && nla_len(attributes[type]) == 0) flags |= UINT32_C(1) << type;
    }
    return flags;
}

static void store_ht(struct rl_band *told, struct nlattr *attributes[NL80211_BAND_ATTR_MAX + 1]) {
    struct nlattr *capability = attributes[NL80211_BAND_ATTR_HT_CAPA], *set = attributes[NL80211_BAND_ATTR_HT_MCS_SET];
    if (!capability || !set || nla_len(set) < (int)sizeof told->ht_mcs_set) return;
    told->has_ht = true;
    told->ht_capability = nla_get_u16(capability);
    memcpy(told->ht_mcs_set, nla_data(set), sizeof told->ht_mcs_set);
    struct nlattr *factor = attributes[NL80211_BAND_ATTR_HT_AMPDU_FACTOR];
    struct nlattr *density = attributes[NL80211_BAND_ATTR_HT_AMPDU_DENSITY];
    if (factor) told->ht_ampdu_parameters = nla_get_u8(factor) & 3;
    if (density) told->ht_ampdu_parameters |= (uint8_t)((nla_get_u8(density) & 7) << 2);
}

static void store_vht(struct rl_band *told, struct nlattr *attributes[NL80211_BAND_ATTR_MAX + 1]) {
    struct nlattr *capability = attributes[NL80211_BAND_ATTR_VHT_CAPA], *set = attributes[NL80211_BAND_ATTR_VHT_MCS_SET];
    if (!capability || !set || nla_len(set) < (int)sizeof told->vht_mcs_set) return;
    told->has_vht = true;
    told->vht_capability = nla_get_u32(capability);
    memcpy(told->vht_mcs_set, nla_data(set), sizeof told->vht_mcs_set);
}

static void visit_rates(
    const struct rl_wiphy_visitor *visitor, uint32_t wiphy, uint32_t band,
    struct nlattr *attributes[NL80211_BAND_ATTR_MAX + 1]) {
    struct rl_band told = {.band = band};
    struct nlattr *entry;
    int rest;
    nla_for_each_nested(entry, attributes[NL80211_BAND_ATTR_RATES], rest) {
        struct nlattr *values[NL80211_BITRATE_ATTR_MAX + 1];
        if (nla_parse_nested(values, NL80211_BITRATE_ATTR_MAX, entry, NULL) < 0) continue;
        if (!values[NL80211_BITRATE_ATTR_RATE] || told.rate_count == sizeof told.rates) continue;
        // From units of 100 kb/s to those of 500 kb/s, of which every rate is a multiple.
        told.rates[told.rate_count++] = (uint8_t)(nla_get_u32(values[NL80211_BITRATE_ATTR_RATE]) / 5);
    }
    store_ht(&told, attributes);
    store_vht(&told, attributes);
    visitor->band(visitor->context, wiphy, &told);
}

void rl_nl80211_visit_band(const struct rl_wiphy_visitor *visitor, uint32_t wiphy, struct nlattr *band) {
    struct nlattr *attributes[NL80211_BAND_ATTR_MAX + 1];
    if (nla_parse_nested(attributes, NL80211_BAND_ATTR_MAX, band, NULL) < 0) return;
    if (attributes[NL80211_BAND_ATTR_RATES]) visit_rates(visitor, wiphy, (uint32_t)nla_type(band), attributes);
    if (!attributes[NL80211_BAND_ATTR_FREQS]) return;
    struct nlattr *entry;
    int rest;
    nla_for_each_nested(entry, attributes[NL80211_BAND_ATTR_FREQS], rest) {
        struct nlattr *values[NL80211_FREQUENCY_ATTR_MAX + 1];
        if (nla_parse_nested(values, NL80211_FREQUENCY_ATTR_MAX, entry, NULL) < 0) continue;
        struct nlattr *frequency = values[NL80211_FREQUENCY_ATTR_FREQ];
        if (!frequency || nla_len(frequency) < 4) continue;
        struct nlattr *state = values[NL80211_FREQUENCY_ATTR_DFS_STATE];
        struct nlattr *power = values[NL80211_FREQUENCY_ATTR_MAX_TX_POWER];
        const struct rl_frequency told = {
            .megahertz = nla_get_u32(frequency),
            .flags = flags_of(values),
            .radar_state = state ? nla_get_u32(state) : UINT32_MAX,
            .maximum_power = power ? nla_get_u32(power) : 0,
        };
        visitor->frequency(visitor->context, wiphy, &told);
    }
}
