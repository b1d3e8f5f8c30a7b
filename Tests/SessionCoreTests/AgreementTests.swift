import IEEE80211
import SessionCore
import TestSupport
import Testing

@Suite("Things that two devices must agree on")
struct AgreementTests {
    /// The events of a station that say that the two devices disagree.
    private func disagreements(_ pair: Pair, at station: Int) -> [Event] {
        pair.events(at: station).filter { $0.kind == .peerDisagrees }
    }

    @Test("CFG-1: a pair whose configurations agree reports nothing", arguments: AcknowledgmentSource.allCases)
    func agreement(acknowledgment: AcknowledgmentSource) {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .seconds(10))
        #expect(disagreements(pair, at: Pair.a).isEmpty && disagreements(pair, at: Pair.b).isEmpty)
        #expect(pair.status(Pair.a).sessions.first?.state == "live")
    }

    @Test("CFG-2: a link to which the peer gives another ID is reported once, and no session lives there")
    func linkMismatch() throws {
        let sender = SenderLinks(
            mldAddress: Pair.mldAddress(Pair.b),
            links: [
                .init(identifier: link2, frequency: 2412, address: Pair.address(Pair.b, link1)),
                .init(identifier: link2, frequency: 2412, address: Pair.address(Pair.b, link2)),
            ])
        var pair = Pair(isSecured: false)
        pair.run(for: .seconds(1))
        for _ in 0..<3 { pair.inject(Self.heartbeat(sender), to: Pair.a, on: link1) }
        let told = disagreements(pair, at: Pair.a)
        #expect(told.map(\.cause) == [.linkMismatch] && told.first?.link == link1)
        pair.run(for: .milliseconds(50))
        #expect(pair.status(Pair.a).sessions.first?.link == link2)
        #expect(pair.status(Pair.a).peers.first?.links.first?.health == .lost)
        // The peer's own heartbeats say otherwise, sooner or later: the link is used again.
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).peers.first?.links.first?.health == .alive)
    }

    @Test("CFG-1: another channel, another radio and another device are told apart")
    func causes() {
        func cause(_ links: [SenderLinks.Link], mldAddress: MACAddress = Pair.mldAddress(Pair.b)) -> EventCause? {
            var pair = Pair(isSecured: false)
            pair.run(for: .seconds(1))
            pair.inject(Self.heartbeat(SenderLinks(mldAddress: mldAddress, links: links)), to: Pair.a, on: link1)
            return disagreements(pair, at: Pair.a).first?.cause
        }
        let frequency = UInt16(2412)
        let there = Pair.address(Pair.b, link1)
        #expect(cause([.init(identifier: link1, frequency: frequency, address: there)]) == nil)
        #expect(cause([.init(identifier: link1, frequency: 2437, address: there)]) == .channelMismatch)
        let other = MACAddress(rawValue: 0x0252_4c00_7701)
        #expect(cause([.init(identifier: link1, frequency: frequency, address: other)]) == .addressMismatch)
        #expect(cause([], mldAddress: other) == .mldAddressMismatch)
        // A radio that does not work is not listed.
        #expect(cause([]) == nil)
    }

    @Test("CFG-1: another MLD address is reported once for each link, on whichever links its heartbeats come")
    func otherDevice() {
        var pair = Pair(isSecured: false)
        pair.run(for: .seconds(1))
        let sender = SenderLinks(mldAddress: MACAddress(rawValue: 0x0252_4c00_7701), links: [])
        for _ in 0..<4 {
            for link in [link1, link2] { pair.inject(Self.heartbeat(sender, on: link), to: Pair.a, on: link) }
        }
        let told = disagreements(pair, at: Pair.a)
        #expect(told.map(\.link) == [link1, link2] && told.allSatisfy { $0.cause == .mldAddressMismatch })
    }

    @Test("CFG-3: a session that is rebuilt and lost again and again is reported once")
    func loop() throws {
        var pair = Pair()
        pair.run(for: .seconds(1))
        for _ in 0..<12 {
            let link = try #require(pair.status(Pair.a).sessions.first?.link)
            pair.linkDown(link, at: Pair.a)
            pair.run(for: .milliseconds(20))
            pair.linkUp(link, at: Pair.a)
            pair.run(for: .milliseconds(400))
        }
        let loops = pair.events(at: Pair.a).filter { $0.kind == .rebuildLoop }
        #expect(loops.count == 1)
        #expect(pair.events(at: Pair.a).count { $0.kind == .rebuilt } >= 9)
    }

    @Test("CFG-1: links travel in a heartbeat as they are, and others skip what they do not know")
    func codec() throws {
        let sender = SenderLinks(
            mldAddress: Pair.mldAddress(Pair.a),
            links: [.init(identifier: link2, frequency: 5180, address: Pair.address(Pair.a, link2))])
        let heartbeat = Heartbeat(
            flags: [.linkAlive], transmission: TransmissionNumber(rawValue: 7), interval: 98, sessions: [], sender: sender)
        let body = PeerAction.heartbeat(heartbeat).action.body
        #expect(try PeerAction(body: body) == .heartbeat(heartbeat))
        // One octet too few makes it none, and the heartbeat stays one.
        var short = Array(body.dropLast())
        short[short.count - 15] -= 1
        guard case .heartbeat(let rest) = try PeerAction(body: short) else { throw SessionFrameError.inconsistentLength }
        #expect(rest.sender == nil && rest.transmission == heartbeat.transmission)
    }

    /// A heartbeat of `b` with these links.
    static func heartbeat(_ sender: SenderLinks, on link: LinkIdentifier = link1) -> [UInt8] {
        let heartbeat = Heartbeat(
            flags: [.linkAlive, .radioAcknowledges], transmission: TransmissionNumber(rawValue: 1), interval: 98, sessions: [],
            sender: sender)
        return ActionFrame(
            receiver: Pair.address(Pair.a, link), transmitter: Pair.address(Pair.b, link), bssid: .broadcast,
            action: .vendorSpecific(PeerAction.heartbeat(heartbeat).action)
        ).serialized()
    }
}
