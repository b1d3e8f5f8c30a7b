import CNetlink
import Testing

@testable import RadioLinks

@Suite("Whether a radio may use a channel")
struct WiphyTests {
    private let wiphy = {
        var wiphy = Wiphy(index: 3)
        wiphy.name = "phy3"
        let bit = { (attribute: nl80211_frequency_attr) in UInt32(1) << attribute.rawValue }
        wiphy.addChannel(Self.channel(2412, 0))
        wiphy.addChannel(Self.channel(2467, bit(NL80211_FREQUENCY_ATTR_NO_IR)))
        wiphy.addChannel(Self.channel(5180, bit(NL80211_FREQUENCY_ATTR_NO_HT40_MINUS)))
        wiphy.addChannel(Self.channel(5260, bit(NL80211_FREQUENCY_ATTR_RADAR) | bit(NL80211_FREQUENCY_ATTR_NO_IR)))
        wiphy.addChannel(Self.channel(5885, bit(NL80211_FREQUENCY_ATTR_DISABLED)))
        return wiphy
    }()

    /// A channel as the kernel tells of it.
    static func channel(_ megahertz: UInt32, _ flags: UInt32, radarState: UInt32 = .max) -> rl_frequency {
        rl_frequency(megahertz: megahertz, flags: flags, radar_state: radarState, maximum_power: 2000)
    }

    @Test("a channel without restrictions, or with others than these", arguments: [UInt16(2412), 5180])
    func allowed(frequency: UInt16) throws {
        try wiphy.check(frequency: frequency, regulatoryDomain: "00")
    }

    @Test(
        "the gravest restriction is named, with the remedy that helps",
        arguments: [
            (UInt16(2467), ChannelRestriction.noInitiatingRadiation, "iw reg set"), (5260, .radar, "without radar"),
            (5885, .disabled, "iw reg set"),
        ])
    func forbidden(frequency: UInt16, restriction: ChannelRestriction, remedy: String) throws {
        let error = #expect(throws: RadioError.self) { try wiphy.check(frequency: frequency, regulatoryDomain: "00") }
        let wanted = RadioError.channelForbidden(
            wiphy: "phy3", frequency: frequency, restriction: restriction, regulatoryDomain: "00")
        #expect(error == wanted)
        #expect(wanted.remedy.contains(remedy))
        #expect(wanted.cause.contains("domain 00"))
    }

    @Test("a frequency that the radio does not have")
    func unknown() {
        #expect(throws: RadioError.channelUnknown(wiphy: "phy3", frequency: 5955)) {
            try wiphy.check(frequency: 5955, regulatoryDomain: "00")
        }
    }
}
