import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("What is refused before the kernel is asked")
struct MonitorRadioConfigurationTests {
    private func configuration(interface: String = "relink1", address: UInt64? = nil) throws
        -> MonitorRadioConfiguration
    {
        MonitorRadioConfiguration(
            identifier: try #require(LinkIdentifier(1)), wiphy: "phy0", interface: interface,
            address: address.map(MACAddress.init(rawValue:)), frequency: 2412)
    }

    @Test(
        "interface names that the kernel would refuse or fill in",
        arguments: ["", "a/b", "relink%d", "a b", "sixteen-octets-x"])
    func interfaceName(name: String) throws {
        #expect(throws: RadioError.interfaceNameUnusable(name)) { try configuration(interface: name).check() }
    }

    @Test("group addresses and the address of nobody", arguments: [UInt64(0x0100_0000_0001), 0xffff_ffff_ffff, 0])
    func address(value: UInt64) throws {
        #expect(throws: RadioError.addressUnusable(MACAddress(rawValue: value))) {
            try configuration(address: value).check()
        }
    }

    @Test(
        "the interface beside the monitor has another name, of fifteen octets at most",
        arguments: [("relink1", "relink1a"), ("fifteen-octets_", "fifteen-octetsa"), ("fifteen-octetsa", "fifteen-octetsb")])
    func companion(name: String, companion: String) throws {
        #expect(try configuration(interface: name).companion == companion)
    }

    @Test("names of fifteen octets and individual addresses pass")
    func usable() throws {
        try configuration(interface: "fifteen-octets_", address: 0x0252_4c01_000a).check()
    }
}
