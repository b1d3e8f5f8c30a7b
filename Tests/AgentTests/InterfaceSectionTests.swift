import HostInterface
import Testing

@testable import Agent

@Suite("The section [interface]")
struct InterfaceSectionTests {
    private func parse(_ section: String) throws -> TAPConfiguration? {
        try AgentConfiguration(parsing: minimalConfiguration + section, file: "a.toml").host
    }

    @Test("no section, no interface; an empty one has the defaults; every key is heard")
    func right() throws {
        #expect(try parse("") == nil)
        #expect(try parse("[interface]") == TAPConfiguration(name: "relink0", mtu: 1390, addresses: []))
        let addresses = ["10.0.0.1/24", "fd00::1/64"].compactMap(InterfaceAddress.init)
        #expect(
            try parse("[interface]\nname = \"air-0\"\nmtu = 2196\naddresses = [\"10.0.0.1/24\", \"fd00::1/64\"]")
                == TAPConfiguration(name: "air-0", mtu: 2196, addresses: addresses))
    }

    @Test(
        "what is wrong is told with its line and the remedy",
        arguments: [
            (
                "name = \"relink1\"",
                "name: link 1 uses the name relink1 already",
                "give every interface a name of its own"
            ),
            (
                "name = \"a b\"",
                "name: \"a b\" can't be the name of an interface",
                "write 1 to 15 letters, digits, \"-\" or \"_\""
            ),
            (
                "mtu = 2219",
                "mtu: 2219 is out of range",
                "write a number from 68 to 2196"
            ),
            (
                "addresses = [\"10.0.0.1\"]",
                "addresses: \"10.0.0.1\" is not an IP address with a prefix length",
                "write addresses such as \"10.0.0.1/24\" or \"fd00::1/64\""
            ),
            (
                "addresses = [\"10.0.0.1/8\", \"10.0.0.1/8\"]",
                "addresses: 10.0.0.1/8 stands here twice",
                "write each address once"
            ),
            (
                "addresses = \"10.0.0.1/8\"",
                "addresses: this is not an array of strings",
                "write addresses = [\"…\"]"
            ),
            (
                "mtu = 1000\naddresses = [\"fd00::1/64\"]",
                "mtu: IPv6 needs packets of 1280 octets",
                "write mtu = 1390, or leave the IPv6 addresses out"
            ),
            (
                "nmae = \"x\"",
                "nmae: is not a key here",
                "did you mean \"name\"?"
            ),
        ])
    func wrong(_ section: String, cause: String, remedy: String) {
        #expect {
            try parse("[interface]\n" + section)
        } throws: { error in
            "\(error)" == "a.toml:13: interface.\(cause); \(remedy)"
        }
    }
}
