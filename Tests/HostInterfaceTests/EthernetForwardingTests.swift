import IEEE80211
import Testing

@testable import HostInterface

@Suite struct EthernetForwardingTests {
    private static let own = MACAddress(rawValue: 0x0252_4c00_000a)
    private static let b = MACAddress(rawValue: 0x0252_4c00_000b)
    private static let c = MACAddress(rawValue: 0x0252_4c00_000c)
    private static let stranger = MACAddress(rawValue: 0x0252_4c00_0099)
    /// IPv6's all-nodes group.
    private static let group = MACAddress(rawValue: 0x3333_0000_0001)
    private let forwarding = EthernetForwarding(own: own, peers: [b, c])

    private func frame(to destination: MACAddress, from source: MACAddress, length: Int = 60) -> [UInt8] {
        let header: [UInt8] = (0..<6).map(destination.octet) + (0..<6).map(source.octet) + [0x08, 0x00]
        return header + [UInt8](repeating: 0, count: length - header.count)
    }

    @Test("a frame of the host goes to the peer it is addressed to, to all when it is for a group, else nowhere")
    func fromHost() {
        #expect(forwarding.fromHost(frame(to: Self.c, from: Self.own).span) == .send(Self.c))
        #expect(forwarding.fromHost(frame(to: .broadcast, from: Self.own).span) == .sendToAll)
        #expect(forwarding.fromHost(frame(to: Self.group, from: Self.own).span) == .sendToAll)
        #expect(forwarding.fromHost(frame(to: Self.stranger, from: Self.own).span) == .drop(\.noSuchPeer))
        #expect(forwarding.fromHost(frame(to: Self.own, from: Self.own).span) == .drop(\.noSuchPeer))
        #expect(forwarding.fromHost(frame(to: Self.b, from: Self.stranger).span) == .drop(\.foreignSource))
    }

    @Test("a frame of the host that can't be carried is dropped")
    func lengths() {
        #expect(forwarding.fromHost(frame(to: Self.b, from: Self.own, length: 14).span) == .send(Self.b))
        #expect(forwarding.fromHost(frame(to: Self.b, from: Self.own).span.extracting(first: 13)) == .drop(\.malformed))
        let longest = frame(to: Self.b, from: Self.own, length: FrameSizes.largestPayload + 1)
        #expect(forwarding.fromHost(longest.span) == .drop(\.malformed))
        #expect(forwarding.fromHost(longest.span.extracting(first: longest.count - 1)) == .send(Self.b))
    }

    @Test("a peer speaks under its own address only, and to this device or a group")
    func fromPeer() {
        #expect(forwarding.fromPeer(Self.b, frame(to: Self.own, from: Self.b).span) == .deliver)
        #expect(forwarding.fromPeer(Self.b, frame(to: .broadcast, from: Self.b).span) == .deliver)
        #expect(forwarding.fromPeer(Self.b, frame(to: Self.group, from: Self.b).span) == .deliver)
        #expect(forwarding.fromPeer(Self.b, frame(to: Self.own, from: Self.c).span) == .drop(\.spoofed))
        #expect(forwarding.fromPeer(Self.b, frame(to: Self.own, from: Self.own).span) == .drop(\.spoofed))
        #expect(forwarding.fromPeer(Self.b, frame(to: Self.c, from: Self.b).span) == .drop(\.misdirected))
        #expect(forwarding.fromPeer(Self.b, [UInt8](repeating: 0, count: 13).span) == .drop(\.malformedFromPeer))
    }
}
