import IEEE80211
import LinkSecurity
import TestSupport
import Testing
import VirtualAir

@testable import SessionCore

/// Somebody in range sends announcements that are not true: as many as he likes, under any name and address.
@Suite struct ForgedAnnouncementTests {
    /// An announcement of a device, from some radio.
    static func forged(
        of device: MACAddress, from transmitter: MACAddress, on link: LinkIdentifier = link1,
        named: LinkIdentifier? = nil, isProtected: Bool, change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var capabilities: Announcement.Capabilities = [.rebuild, .sharing, .radioAcknowledges]
        if isProtected { capabilities.insert(.protection) }
        let announcement = Announcement(
            mldAddress: device, link: named ?? link, capabilities: capabilities, interval: 977)
        var action = PeerAction.announcement(announcement).action
        change(&action.body)
        return ActionFrame(
            receiver: .broadcast, transmitter: transmitter, bssid: .broadcast, action: .vendorSpecific(action)
        ).serialized()
    }

    private static func address(_ number: Int) -> MACAddress { MACAddress(rawValue: 0x0266_0000_0000 + UInt64(number)) }

    private static func refused(_ pair: Pair, _ station: Int = Pair.a) -> AnnouncementRefusals {
        pair.status(station).counters.announcements
    }

    /// Two devices that found each other, with a session that carried payloads.
    private static func live(
        isSecured: Bool, configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) -> Pair {
        var pair = DiscoveryTests.strangers(isSecured: isSecured, configure: configure)
        pair.run(for: .seconds(2))
        pair.send(payloads(0..<3))
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
        return pair
    }

    /// What must not change.
    private struct Untouched: Equatable {
        let peers: [PeerStatus]
        let sessions: [SessionStatus]
        let deadline: Deadline?
        let outputs: Int

        init(_ pair: Pair, _ station: Int = Pair.a) {
            peers = pair.status(station).peers
            sessions = pair.status(station).sessions
            deadline = pair.engines[station].nextDeadline
            outputs = pair.trace.count
        }
    }

    @Test("a forged announcement for a known peer changes nothing, and is counted", arguments: [false, true])
    func knownPeer(isSecured: Bool) {
        var pair = Self.live(isSecured: isSecured)
        let before = Untouched(pair)
        for link in [link1, link2] {
            let mpdu = Self.forged(
                of: Pair.mldAddress(Pair.b), from: Self.address(1), on: link, isProtected: isSecured)
            pair.inject(mpdu, to: Pair.a, on: link)
        }
        #expect(Untouched(pair) == before)
        #expect(Self.refused(pair).addressTaken == 2)
        // Nor does one that claims the radio of the peer for another device.
        pair.inject(
            Self.forged(of: Self.address(2), from: Pair.address(Pair.b, link1), isProtected: isSecured), to: Pair.a,
            on: link1)
        #expect(Untouched(pair) == before)
        #expect(Self.refused(pair).addressTaken == 3)
    }

    @Test(
        "a radio that is announced for a lost link is tried, and stays nobody's as long as it proves nothing",
        arguments: [false, true])
    func lostLink(isSecured: Bool) {
        var pair = Self.live(isSecured: isSecured)
        pair.linkDown(link2, at: Pair.b)
        #expect(pair.run(untilEvent: .linkLost, at: Pair.a) != nil)
        let links = pair.status(Pair.a).peers.first?.links.map(\.address)
        let start = pair.trace.count
        for number in 0..<500 {
            pair.inject(
                Self.forged(
                    of: Pair.mldAddress(Pair.b), from: Self.address(number), on: link2, isProtected: isSecured),
                to: Pair.a, on: link2)
        }
        #expect(pair.status(Pair.a).peers.first?.links.map(\.address) == links)
        #expect(Self.refused(pair).tooFast >= 500 - 32)
        let tries = pair.frames(from: Pair.a, since: start).filter { $0.link == link2 }
        #expect((1...64).contains(tries.count))
        #expect(DiscoveryTests.kinds(pair, Pair.a, since: start).isEmpty)
        // The true one comes back.
        pair.linkUp(link2, at: Pair.b)
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).peers.first?.links.map(\.health) == [.alive, .alive])
    }

    @Test("a frame that is not authentic makes a candidate nobody's link")
    func candidateForges() throws {
        var pair = Self.live(isSecured: true)
        pair.linkDown(link2, at: Pair.b)
        #expect(pair.run(untilEvent: .linkLost, at: Pair.a) != nil)
        let before = pair.status(Pair.a).peers.first?.links
        pair.inject(
            Self.forged(of: Pair.mldAddress(Pair.b), from: Self.address(1), on: link2, isProtected: true), to: Pair.a,
            on: link2)
        let heartbeat = Heartbeat(
            flags: .linkAlive, transmission: TransmissionNumber(rawValue: 1), interval: 98, sessions: [])
        let mpdu = ActionFrame(
            receiver: Pair.address(Pair.a, link2), transmitter: Self.address(1), bssid: .broadcast,
            action: .vendorSpecific(PeerAction.heartbeat(heartbeat).action)
        ).serialized()
        pair.inject(mpdu, to: Pair.a, on: link2)
        #expect(pair.status(Pair.a).counters.security.unprotected == 1)
        // One that the peer sent before, from the other radio.
        let recorded = try #require(
            pair.frames(from: Pair.b).last { $0.link == link1 && ProtectionElement.isAtEnd(of: $0.mpdu.span) })
        var moved = recorded.mpdu
        for octet in 0..<6 {
            moved[4 + octet] = Pair.address(Pair.a, link2).octet(octet)
            moved[10 + octet] = Self.address(1).octet(octet)
        }
        pair.inject(moved, to: Pair.a, on: link2)
        let refusals = pair.status(Pair.a).counters.security
        #expect(refusals.notAuthentic + refusals.replayed == 1)
        #expect(pair.status(Pair.a).peers.first?.links == before)
    }

    @Test("who claims the radio of a device before it is found does not keep it from being found")
    func claimedRadio() {
        var pair = DiscoveryTests.strangers(isSecured: true)
        for number in 0..<3 {
            for link in [link1, link2] {
                pair.inject(
                    Self.forged(
                        of: Self.address(number), from: Pair.address(Pair.b, link), on: link, isProtected: true),
                    to: Pair.a, on: link)
            }
        }
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).peers.map(\.mldAddress) == [Pair.mldAddress(Pair.b)])
        #expect(pair.status(Pair.a).peers.first?.links.map(\.health) == [.alive, .alive])
    }

    @Test("a silent device is not woken by what is not authentic")
    func forgedHandshake() {
        var pair = DiscoveryTests.strangers(isSecured: true, modes: [.listen, .off])
        pair.inject(
            Self.forged(of: Self.address(1), from: Self.address(2), isProtected: true), to: Pair.a, on: link1)
        for octets in [[UInt8](repeating: 1, count: 60), [2] + [UInt8](repeating: 0, count: 48), [1, 1, 4]] {
            let mpdu = ActionFrame(
                receiver: Pair.address(Pair.a, link1), transmitter: Self.address(2), bssid: .broadcast,
                action: HandshakeFrame.action(octets)
            ).serialized()
            pair.inject(mpdu, to: Pair.a, on: link1)
        }
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).peers.map(\.isDormant) == [true])
        #expect(pair.frames(from: Pair.a).isEmpty)
    }

    @Test("a peer with configured links is never changed", arguments: [false, true])
    func staticPeer(isSecured: Bool) {
        var pair = Pair(isSecured: isSecured) { station, configuration in
            configuration.discovery.mode = .announce
            if isSecured {
                configuration.discovery.admission = .holders(of: Pair.key().map(KeyFile.init(shared:)))
            }
        }
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).peers.map(\.origin) == [.configured])
        #expect(Self.refused(pair) == AnnouncementRefusals())
        pair.linkDown(link2, at: Pair.b)
        #expect(pair.run(untilEvent: .linkLost, at: Pair.a) != nil)
        let before = Untouched(pair)
        for (number, link) in [link1, link2].enumerated() {
            pair.inject(
                Self.forged(
                    of: Pair.mldAddress(Pair.b), from: Self.address(number), on: link, isProtected: isSecured),
                to: Pair.a, on: link)
        }
        #expect(Untouched(pair) == before)
        #expect(Self.refused(pair).addressTaken == 2)
        pair.run(for: .seconds(30))
        #expect(pair.status(Pair.a).peers.first?.links.count == 2)
        #expect(DiscoveryTests.kinds(pair, Pair.a).isEmpty)
    }

    @Test(
        "a flood of announcements under new names is bounded, counted, told of nothing, and harms no peer",
        arguments: [false, true])
    func flood(isSecured: Bool) {
        var pair = Self.live(isSecured: isSecured)
        let start = pair.trace.count
        for number in 0..<4000 {
            pair.inject(
                Self.forged(of: Self.address(number), from: Self.address(number), isProtected: isSecured), to: Pair.a,
                on: link1)
            if number % 10 == 9 { pair.run(for: .milliseconds(10)) }
            if number % 500 == 0 { pair.send(payloads(number..<number + 1)) }
        }
        #expect(pair.engines[Pair.a].peers.count <= DiscoveryParameters().mostPeers)
        #expect(pair.status(Pair.a).peers.map(\.mldAddress) == [Pair.mldAddress(Pair.b)])
        #expect(DiscoveryTests.kinds(pair, Pair.a, since: start).allSatisfy { $0 == .announcementRefused })
        // 64 names, four a second.
        #expect(DiscoveryTests.kinds(pair, Pair.a, since: start).count <= 4 * 5)
        let refused = Self.refused(pair)
        #expect(refused.tooFast + refused.tooManyPeers >= 4000 - 16 * 5)
        // Sixteen new ones a second, a request or a heartbeat for each, and this device's own announcements.
        let toStrangers = pair.frames(from: Pair.a, since: start).count { frame in
            guard let receiver = (try? MACHeader(parsing: frame.mpdu.span))?.address1 else { return true }
            return receiver != Pair.address(Pair.b, frame.link)
        }
        #expect(toStrangers <= 16 * 5 + 2 * 10 * 4 + 8)
        #expect(pair.events(at: Pair.a, since: start).allSatisfy { $0.kind == .announcementRefused })
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b).count == 3 + 8)
        pair.run(for: .seconds(10))
        #expect(pair.engines[Pair.a].peers.count { !$0.isVacant } == 1)
    }

    @Test("who answers takes the place of who does not, the one not heard of for longest; places in use are kept")
    func places() {
        var pair = DiscoveryTests.strangers { $1.discovery.mostPeers = 2 }
        pair.kill(Pair.b)
        func announce(_ number: Int) {
            pair.inject(
                Self.forged(of: Self.address(number), from: Self.address(number), isProtected: false), to: Pair.a,
                on: link1)
        }
        func devices() -> [MACAddress] { pair.engines[Pair.a].peers.map(\.mldAddress) }
        announce(1)
        announce(2)
        announce(3)
        #expect(devices() == [Self.address(1), Self.address(2)])
        #expect(Self.refused(pair).tooManyPeers == 1)
        #expect(pair.event(.announcementRefused, at: Pair.a)?.cause == .tooManyPeers)
        pair.run(for: .seconds(2))
        announce(1)
        announce(3)
        #expect(devices() == [Self.address(1), Self.address(3)])
        pair.run(for: .seconds(2))
        announce(1)
        pair.restart(Pair.b)
        pair.run(for: .seconds(2))
        #expect(devices() == [Self.address(1), Pair.mldAddress(Pair.b)])
        for number in 10..<100 {
            announce(number)
            pair.run(for: .milliseconds(200))
        }
        #expect(devices().contains(Pair.mldAddress(Pair.b)))
        #expect(pair.status(Pair.a).peers.map(\.mldAddress) == [Pair.mldAddress(Pair.b)])
    }

    @Test("a silent device tells of announced devices, no more than it keeps, and answers none")
    func silentFlood() {
        var pair = DiscoveryTests.strangers(modes: [.listen, .off])
        for number in 0..<1000 {
            pair.inject(
                Self.forged(of: Self.address(number), from: Self.address(number), isProtected: false), to: Pair.a,
                on: link1)
            pair.run(for: .milliseconds(5))
        }
        #expect(pair.status(Pair.a).peers.count == DiscoveryParameters().mostPeers)
        #expect(pair.frames(from: Pair.a).isEmpty)
        #expect(pair.events(at: Pair.a).count { $0.kind == .peerAppeared } <= 16 * 6)
    }

    @Test("devices of another key, without one, or with one that this device lacks are no peers; the user is told why")
    func keys() throws {
        var pair = DiscoveryTests.strangers(isSecured: true, keys: [0x42, 0x24])
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).peers.isEmpty && pair.status(Pair.b).peers.isEmpty)
        #expect(pair.event(.handshakeFailed, at: Pair.a)?.cause == .wrongKey)

        pair = DiscoveryTests.strangers { station, configuration in
            if station == Pair.b {
                configuration.discovery.admission = .holders(of: Pair.key().map(KeyFile.init(shared:)))
            }
        }
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).peers.isEmpty && pair.status(Pair.b).peers.isEmpty)
        #expect(pair.event(.announcementRefused, at: Pair.a)?.cause == .noKeyForPeer)
        #expect(pair.event(.announcementRefused, at: Pair.b)?.cause == .peerNotProtected)
        #expect(DiscoveryTests.kinds(pair, Pair.a) == [.announcementRefused])
        #expect(Self.refused(pair).noKey >= 2)
    }

    @Test("announcements that contradict themselves, or are of another version, are counted by cause")
    func contradictions() {
        var pair = DiscoveryTests.strangers(modes: [.listen, .off])
        func inject(_ mpdu: [UInt8]) { pair.inject(mpdu, to: Pair.a, on: link1) }
        let (device, radio) = (Self.address(1), Self.address(2))
        inject(Self.forged(of: device, from: radio, isProtected: false) { $0[1] = 9 })
        #expect(Self.refused(pair).otherVersion == 1)
        #expect(pair.event(.announcementRefused, at: Pair.a)?.cause == .versionMismatch)
        inject(Self.forged(of: device, from: radio, named: link2, isProtected: false))
        #expect(Self.refused(pair).otherLink == 1)
        inject(Self.forged(of: Pair.mldAddress(Pair.a), from: radio, isProtected: false))
        inject(Self.forged(of: device, from: Pair.address(Pair.a, link1), isProtected: false))
        #expect(Self.refused(pair).ownAddress == 2)
        inject(Self.forged(of: .broadcast, from: radio, isProtected: false))
        inject(Self.forged(of: MACAddress(rawValue: 0), from: radio, isProtected: false))
        inject(Self.forged(of: device, from: radio, isProtected: false) { $0.removeLast(8) })
        #expect(pair.status(Pair.a).counters.malformed == 3)
        #expect(pair.status(Pair.a).peers.isEmpty)
    }

    @Test("announcements cut or changed anywhere are read or refused, and make no peer of nothing")
    func changed() {
        var pair = DiscoveryTests.strangers(modes: [.listen, .off])
        var random = SeededRandom(seed: 7)
        let whole = Self.forged(of: Self.address(1), from: Self.address(2), isProtected: false)
        for length in 0..<whole.count { pair.inject(Array(whole.prefix(length)), to: Pair.a, on: link1) }
        #expect(pair.status(Pair.a).peers.isEmpty)
        for _ in 0..<3000 {
            var mpdu = whole
            for _ in 0..<3 {
                mpdu[Int.random(in: mpdu.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            pair.inject(mpdu, to: Pair.a, on: link1)
        }
        #expect(pair.engines[Pair.a].peers.count <= DiscoveryParameters().mostPeers)
    }
}
