import CNetlink

/// What the kernel tells about one radio.
struct Wiphy: Equatable {
    let index: UInt32
    var name = ""
    /// Bits `NL80211_FEATURE_*`.
    var features: UInt32 = 0
    /// Numbers `NL80211_IFTYPE_*`.
    var interfaceTypes: Set<UInt32> = []
    /// The restrictions by centre frequency in MHz; empty for a channel that may be used.
    var channels: [UInt16: Set<ChannelRestriction>] = [:]

    init(index: UInt32) { self.index = index }

    var hasMonitor: Bool { interfaceTypes.contains(NL80211_IFTYPE_MONITOR.rawValue) }
    var hasActiveMonitor: Bool { features & NL80211_FEATURE_ACTIVE_MONITOR.rawValue != 0 }

    /// Throws unless the radio may transmit on this channel of its own accord: the kernel takes frames for a channel
    /// where it may not, and drops them in silence.
    func check(frequency: UInt16, regulatoryDomain: String) throws(RadioError) {
        guard let restrictions = channels[frequency] else {
            throw .channelUnknown(wiphy: name, frequency: frequency)
        }
        let gravest: [ChannelRestriction] = [.disabled, .radar, .noInitiatingRadiation]
        guard let restriction = gravest.first(where: restrictions.contains) else { return }
        throw .channelForbidden(
            wiphy: name, frequency: frequency, restriction: restriction, regulatoryDomain: regulatoryDomain)
    }

    /// Adds a channel; bit N of `flags` is the presence of `NL80211_FREQUENCY_ATTR_*` = N.
    mutating func addChannel(frequency: UInt32, flags: UInt32) {
        guard let frequency = UInt16(exactly: frequency) else { return }
        let table: [(ChannelRestriction, nl80211_frequency_attr)] = [
            (.disabled, NL80211_FREQUENCY_ATTR_DISABLED), (.noInitiatingRadiation, NL80211_FREQUENCY_ATTR_NO_IR),
            (.radar, NL80211_FREQUENCY_ATTR_RADAR),
        ]
        channels[frequency] = Set(table.filter { flags >> $0.1.rawValue & 1 == 1 }.map(\.0))
    }
}
