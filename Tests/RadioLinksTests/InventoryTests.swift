import CNetlink
import Foundation
import Testing

@testable import RadioLinks

@Suite("What the kernel says of radios")
struct InventoryTests {
    private static let wiphy = {
        var wiphy = Wiphy(index: 3)
        wiphy.name = "phy3"
        wiphy.features = NL80211_FEATURE_ACTIVE_MONITOR.rawValue
        wiphy.interfaceTypes = [NL80211_IFTYPE_STATION.rawValue, NL80211_IFTYPE_MONITOR.rawValue]
        let radar = UInt32(1) << NL80211_FREQUENCY_ATTR_RADAR.rawValue
        let disabled = UInt32(1) << NL80211_FREQUENCY_ATTR_DISABLED.rawValue
        wiphy.addChannel(WiphyTests.channel(2412, 0))
        wiphy.addChannel(WiphyTests.channel(5260, radar, radarState: NL80211_DFS_AVAILABLE.rawValue))
        wiphy.addChannel(WiphyTests.channel(5180, disabled))
        // No channel of the standard: left out of what people see.
        wiphy.addChannel(WiphyTests.channel(2200, 0))
        wiphy.addCombination(radio: .max, interfaces: 4, channels: 1)
        wiphy.addCombinationLimit(radio: .max, interfaces: 3, types: 1 << 2 | 1 << 6)
        wiphy.addRange(radio: 1, start: 5_150_000, end: 5_900_000)
        wiphy.addCombination(radio: 1, interfaces: 2, channels: 2)
        wiphy.addRange(radio: 0, start: 2_402_000, end: 2_494_000)
        return wiphy
    }()

    private var description: RadioDescription {
        RadioDescription(Self.wiphy, regulatoryDomain: "US", interfaces: [], files: SystemFiles(root: "/nowhere"))
    }

    @Test("channels by band, with restrictions, the state of radar, and power")
    func channels() throws {
        #expect(description.bands.map(\.band) == [.twoPointFour, .five])
        #expect(description.bands[0].channels.map(\.channel) == [1])
        #expect(description.bands[0].channels[0].isPermitted)
        #expect(description.bands[0].channels[0].maximumPower == 20)
        let five = description.bands[1].channels
        #expect(five.map(\.frequency) == [5180, 5260])
        #expect(five.map(\.restrictions) == [[.disabled], [.radar]])
        #expect(five.map(\.radarState) == [nil, .available])
        #expect(five.map(\.maximumPower) == [nil, 20])
        #expect(Self.wiphy.firstPermittedFrequency == 2412)
    }

    @Test("combinations of the wiphy and of the radios within it")
    func combinations() {
        let limit = InterfaceCombination.Limit(interfaces: 3, modes: ["managed", "monitor"])
        #expect(description.combinations == [InterfaceCombination(interfaces: 4, channels: 1, limits: [limit])])
        #expect(description.radios.map(\.ranges) == [[.init(start: 2402, end: 2494)], [.init(start: 5150, end: 5900)]])
        #expect(description.radios.map(\.combinations.count) == [0, 1])
    }

    @Test("JSON can be read back")
    func json() throws {
        let inventory = RadioInventory(radios: [description], programs: [RunningProgram(name: "iwd", process: 5)])
        let octets = try JSONEncoder().encode(inventory)
        #expect(try JSONDecoder().decode(RadioInventory.self, from: octets) == inventory)
    }

    @Test("modes have the kernel's numbers")
    func modes() {
        let table: [(nl80211_iftype, InterfaceMode)] = [
            (NL80211_IFTYPE_ADHOC, .ibss), (NL80211_IFTYPE_STATION, .managed), (NL80211_IFTYPE_AP, .accessPoint),
            (NL80211_IFTYPE_AP_VLAN, .accessPointVLAN), (NL80211_IFTYPE_WDS, .wds), (NL80211_IFTYPE_MONITOR, .monitor),
            (NL80211_IFTYPE_MESH_POINT, .meshPoint), (NL80211_IFTYPE_P2P_CLIENT, .p2pClient),
            (NL80211_IFTYPE_P2P_GO, .p2pGroupOwner), (NL80211_IFTYPE_P2P_DEVICE, .p2pDevice),
            (NL80211_IFTYPE_OCB, .ocb), (NL80211_IFTYPE_NAN, .nan),
        ]
        for (type, mode) in table { #expect(InterfaceMode(type: type.rawValue) == mode) }
        #expect(InterfaceMode(type: 99) == .unspecified)
    }

    @Test("channels have their place", arguments: [(UInt16(2484), "2.4", 14), (5180, "5", 36), (5955, "6", 1)])
    func places(frequency: UInt16, band: String, number: Int) throws {
        let place = try #require(Channel.place(of: frequency))
        #expect(place.band.rawValue == band)
        #expect(place.number == number)
        #expect(Channel.frequency(of: number, band: place.band) == frequency)
        #expect(Channel.place(of: frequency + 1) == nil)
    }
}
