import Glibc
import IEEE80211
import Testing

@testable import HostInterface

/// Whether this process may make interfaces.
private let isPossible =
    (try? TAPInterface(
        TAPConfiguration(name: "rlprobe\(getpid() % 100_000)"), address: MACAddress(rawValue: 0x0252_4c00_000a))) != nil

/// On the kernel of this machine.
@Suite(.serialized, .enabled(if: isPossible, "needs CAP_NET_ADMIN and /dev/net/tun"))
struct TAPInterfaceTests {
    private static let name = "rltest\(getpid() % 100_000)"
    private static let own = MACAddress(rawValue: 0x0252_4c00_000a)

    private func text(_ file: String) -> String? {
        guard let stream = fopen("/sys/class/net/\(Self.name)/\(file)", "r") else { return nil }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, CInt(line.count), stream) != nil else { return nil }
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("the interface has address, MTU and carrier as wanted, and goes when it is closed")
    func life() throws {
        let addresses = ["10.253.7.1/30"].compactMap(InterfaceAddress.init)
        let tap = try TAPInterface(
            TAPConfiguration(name: Self.name, mtu: 1300, addresses: addresses), address: Self.own)
        #expect(text("address") == "02:52:4c:00:00:0a")
        #expect(text("mtu") == "1300")
        #expect(text("carrier") == "0")
        tap.setCarrier(true)
        #expect(text("carrier") == "1")
        tap.close()
        #expect(if_nametoindex(Self.name) == 0)
        let frame: [UInt8] = [0]
        let delivery = try tap.deliver(frame.span)
        #expect(delivery == .busy)
        #expect(try tap.receive(limit: 1) { _ in } == 0)
    }

    @Test("IPv6 addresses, too", .enabled(if: access("/proc/sys/net/ipv6", F_OK) == 0, "the kernel has no IPv6"))
    func version6() throws {
        let addresses = ["fd00:7::a/64"].compactMap(InterfaceAddress.init)
        let tap = try TAPInterface(TAPConfiguration(name: Self.name, addresses: addresses), address: Self.own)
        defer { tap.close() }
        let stream = try #require(fopen("/proc/net/if_inet6", "r"))
        defer { fclose(stream) }
        var lines: [String] = []
        var line = [CChar](repeating: 0, count: 128)
        while fgets(&line, CInt(line.count), stream) != nil {
            lines.append(String(decoding: line.prefix { $0 > 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        // Address, index, prefix length, scope, flags, name.
        let own = lines.filter { $0.hasPrefix("fd00000700000000000000000000000a") && $0.hasSuffix(Self.name) }
        #expect(own.count == 1 && own[0].contains(" 40 "))
    }

    @Test("a name that is taken is refused with the remedy, by another TAP or by something else")
    func taken() throws {
        let tap = try TAPInterface(TAPConfiguration(name: Self.name), address: Self.own)
        defer { tap.close() }
        for name in [Self.name, "lo"] {
            #expect(throws: TAPError.nameTaken(interface: name)) {
                _ = try TAPInterface(TAPConfiguration(name: name), address: Self.own)
            }
        }
        #expect("\(TAPError.nameTaken(interface: "lo"))".contains("ip link del lo"))
    }

    @Test("an address that the kernel refuses is an error that names it, and nothing stays behind")
    func refusedAddress() throws {
        let addresses = ["10.253.7.1/30", "10.253.7.1/30"].compactMap(InterfaceAddress.init)
        #expect(throws: TAPError.refused(action: "give \(Self.name) the address 10.253.7.1/30", code: EEXIST)) {
            _ = try TAPInterface(TAPConfiguration(name: Self.name, addresses: addresses), address: Self.own)
        }
        #expect(if_nametoindex(Self.name) == 0)
    }
}
