import Testing

@testable import HostInterface

@Suite struct InterfaceAddressTests {
    @Test("IPv4 and IPv6 addresses with their prefix length")
    func good() throws {
        let four = try #require(InterfaceAddress("10.0.0.1/24"))
        #expect(four.family == .ipv4 && four.octets == [10, 0, 0, 1] && four.prefixLength == 24)
        let six = try #require(InterfaceAddress("fd00::a/64"))
        #expect(six.family == .ipv6 && six.octets == [0xfd] + [UInt8](repeating: 0, count: 14) + [0x0a])
        #expect(six.prefixLength == 64 && six.description == "fd00::a/64")
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0/8", "fd00::a/129", "fd00::g/64", "/24", "a/b",
            "10.0.0.1/+8",
        ])
    func bad(_ text: String) { #expect(InterfaceAddress(text) == nil) }
}
