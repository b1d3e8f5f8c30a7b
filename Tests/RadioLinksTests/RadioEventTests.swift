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
        #expect(wireless(NL80211_CMD_NEW_SCAN_RESULTS) == nil)
    }

    @Test func links() {
        "relink1".withCString { name in
            let event = { (removed: Bool, up: Bool) in
                RadioEvent(rl_link_event(index: 9, removed: removed, up: up, carrier: up, name: name))
            }
            #expect(event(false, true) == .interfaceUp(index: 9, name: "relink1"))
            #expect(event(false, false) == .interfaceDown(index: 9, name: "relink1"))
            #expect(event(true, false) == .interfaceRemoved(index: 9, name: "relink1"))
        }
    }
}
