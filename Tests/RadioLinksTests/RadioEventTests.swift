import CNetlink
import Testing

@testable import RadioLinks

@Suite("What the kernel's events mean")
struct RadioEventTests {
    private func wireless(_ command: nl80211_commands, interface: UInt32 = 0, frequency: UInt32 = 0) -> RadioEvent? {
        "phy7".withCString { name in
            RadioEvent(
                rl_nl80211_event(
                    command: UInt8(command.rawValue), wiphy: 7, interface: interface, frequency: frequency,
                    wiphy_name: name))
        }
    }

    @Test func radios() {
        #expect(wireless(NL80211_CMD_NEW_WIPHY) == .wiphyAdded(name: "phy7"))
        #expect(wireless(NL80211_CMD_DEL_WIPHY) == .wiphyRemoved(name: "phy7"))
        #expect(wireless(NL80211_CMD_REG_CHANGE) == .regulatoryDomainChanged)
        #expect(wireless(NL80211_CMD_WIPHY_REG_CHANGE) == .regulatoryDomainChanged)
        #expect(
            wireless(NL80211_CMD_CH_SWITCH_NOTIFY, interface: 9, frequency: 5180)
                == .channelChanged(index: 9, frequency: 5180))
        #expect(wireless(NL80211_CMD_STOP_AP, interface: 9) == .accessPointStopped(index: 9))
        #expect(wireless(NL80211_CMD_DEL_STATION, interface: 9) == .stationRemoved(index: 9))
        #expect(wireless(NL80211_CMD_NEW_SCAN_RESULTS) == nil)
    }

    @Test("of all that rtnetlink repeats, only changes are told: up, down, without a carrier, removed")
    func links() {
        var history = LinkHistory()
        func events(up: Bool, carrier: Bool, removed: Bool = false) -> [RadioEvent] {
            "relink1a".withCString { name in
                let event = rl_link_event(index: 9, removed: removed, up: up, carrier: carrier, name: name)
                return history.events(of: LinkHistory.News(event))
            }
        }
        #expect(events(up: false, carrier: false) == [.interfaceDown(index: 9, name: "relink1a")])
        #expect(events(up: false, carrier: false) == [])
        #expect(events(up: true, carrier: false) == [.interfaceUp(index: 9, name: "relink1a")])
        #expect(events(up: true, carrier: false) == [], "an access point that has not begun")
        #expect(events(up: true, carrier: true) == [])
        #expect(events(up: true, carrier: false) == [.carrierLost(index: 9, name: "relink1a")])
        #expect(events(up: true, carrier: false) == [])
        #expect(events(up: true, carrier: true) == [])
        #expect(events(up: false, carrier: false) == [.interfaceDown(index: 9, name: "relink1a")])
        #expect(events(up: false, carrier: false, removed: true) == [.interfaceRemoved(index: 9, name: "relink1a")])
        #expect(events(up: true, carrier: true) == [.interfaceUp(index: 9, name: "relink1a")])
    }
}
