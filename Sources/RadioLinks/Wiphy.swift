import CNetlink

/// What the kernel tells about one radio.
struct Wiphy: Equatable {
    let index: UInt32
    var name = ""
    /// Bits `NL80211_FEATURE_*`.
    var features: UInt32 = 0
    /// Numbers `NL80211_IFTYPE_*`.
    var interfaceTypes: Set<UInt32> = []
    /// Its capabilities in each band, by numbers `NL80211_BAND_*`.
    var bands: [UInt32: WiphyBand] = [:]
    /// The channels by centre frequency in MHz.
    var channels: [UInt16: WiphyChannel] = [:]
    /// What may be up at once on the wiphy as a whole.
    var combinations: [InterfaceCombination] = []
    /// The radios within the wiphy by number, where the kernel (6.11 and later) tells of several.
    var radios: [UInt32: RadioOfWiphy] = [:]

    init(index: UInt32) { self.index = index }

    var hasMonitor: Bool { interfaceTypes.contains(NL80211_IFTYPE_MONITOR.rawValue) }
    var hasAccessPoint: Bool { interfaceTypes.contains(NL80211_IFTYPE_AP.rawValue) }
    var hasIBSS: Bool { interfaceTypes.contains(NL80211_IFTYPE_ADHOC.rawValue) }
    var hasActiveMonitor: Bool { features & NL80211_FEATURE_ACTIVE_MONITOR.rawValue != 0 }

    /// The lowest channel on which the radio may transmit of its own accord, in MHz.
    var firstPermittedFrequency: UInt16? {
        channels.filter { $0.value.restrictions.isEmpty && Channel.place(of: $0.key) != nil }.keys.min()
    }

    /// Throws unless the radio may transmit on this channel of its own accord: the kernel takes frames for a channel
    /// where it may not, and drops them in silence.
    func check(frequency: UInt16, regulatoryDomain: String) throws(RadioError) {
        guard let restriction = try channel(frequency).gravestRestriction else { return }
        throw .channelForbidden(
            wiphy: name, frequency: frequency, restriction: restriction, regulatoryDomain: regulatoryDomain)
    }

    private func channel(_ frequency: UInt16) throws(RadioError) -> WiphyChannel {
        guard let channel = channels[frequency] else { throw .channelUnknown(wiphy: name, frequency: frequency) }
        return channel
    }
}

/// One channel of a radio: what keeps it from transmitting there of its own accord, and how loud it may be.
struct WiphyChannel: Equatable {
    /// Empty for a channel that may be used.
    var restrictions: Set<ChannelRestriction>
    /// What is known of radar on the channel; `nil` where the kernel tells none.
    var radarState: RadarState?
    /// The most that may be sent, in units of 0.01 dBm.
    var maximumPower: UInt32 = 0

    /// The restriction that a user has to hear of first.
    var gravestRestriction: ChannelRestriction? { ChannelRestriction.allCases.first(where: restrictions.contains) }
}

/// What the kernel knows of radar on a channel (`NL80211_DFS_*`).
public enum RadarState: String, Codable, Equatable, Sendable {
    /// Nobody has looked for radar yet.
    case usable
    /// Radar was seen; the channel is closed for half an hour.
    case unavailable
    /// Somebody looked and saw no radar.
    case available
}

extension Wiphy {
    /// Adds a channel.
    mutating func addChannel(_ told: rl_frequency) {
        guard let frequency = UInt16(exactly: told.megahertz) else { return }
        let table: [(ChannelRestriction, nl80211_frequency_attr)] = [
            (.disabled, NL80211_FREQUENCY_ATTR_DISABLED), (.noInitiatingRadiation, NL80211_FREQUENCY_ATTR_NO_IR),
            (.radar, NL80211_FREQUENCY_ATTR_RADAR),
        ]
        var channel = WiphyChannel(
            restrictions: Set(table.filter { told.flags >> $0.1.rawValue & 1 == 1 }.map(\.0)))
        switch told.radar_state {
        case NL80211_DFS_USABLE.rawValue: channel.radarState = .usable
        case NL80211_DFS_UNAVAILABLE.rawValue: channel.radarState = .unavailable
        case NL80211_DFS_AVAILABLE.rawValue: channel.radarState = .available
        default: break
        }
        channel.maximumPower = told.maximum_power
        channels[frequency] = channel
    }

    /// Adds a combination, of one radio within the wiphy or (`RL_WHOLE_WIPHY`) of the wiphy.
    mutating func addCombination(radio: UInt32, interfaces: UInt32, channels: UInt32) {
        change(radio) { $0.append(InterfaceCombination(interfaces: interfaces, channels: channels, limits: [])) }
    }

    /// Adds a limit to the combination added last; bit N of `types` stands for `NL80211_IFTYPE_*` = N.
    mutating func addCombinationLimit(radio: UInt32, interfaces: UInt32, types: UInt32) {
        let modes = (0..<32).filter { types >> $0 & 1 == 1 }.map { InterfaceMode(type: $0).rawValue }
        change(radio) { combinations in
            guard let last = combinations.indices.last else { return }
            combinations[last].limits.append(.init(interfaces: interfaces, modes: modes))
        }
    }

    /// Adds a range in kHz that a radio within the wiphy serves.
    mutating func addRange(radio: UInt32, start: UInt32, end: UInt32) {
        guard start <= end else { return }
        radios[radio, default: RadioOfWiphy()].ranges.append(.init(start: start / 1000, end: end / 1000))
    }

    private mutating func change(_ radio: UInt32, _ body: (inout [InterfaceCombination]) -> Void) {
        if radio == UInt32.max {
            body(&combinations)
        } else {
            body(&radios[radio, default: RadioOfWiphy()].combinations)
        }
    }
}
