import IEEE80211
import LinkSecurity
import TestSupport
import Testing
import VirtualAir

@testable import SessionCore

/// Devices that know nothing of each other at the start.
@Suite struct DiscoveryTests {
    /// Two devices without a configured peer.
    static func strangers(
        isSecured: Bool = false, acknowledgment: AcknowledgmentSource = .mac,
        modes: [DiscoveryParameters.Mode] = [.announce, .announce], keys: [UInt8] = [0x42, 0x42],
        configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) -> Pair {
        Pair(acknowledgment: acknowledgment, isSecured: false) { station, configuration in
            configuration.peers = []
            configuration.discovery.mode = modes[station]
            if isSecured {
                configuration.discovery.admission = .holders(of: Pair.key(keys[station]).map(KeyFile.init(shared:)))
            }
            configure(station, &configuration)
        }
    }

    /// The announcements that a station sent since `start` of the trace, with their times and receivers.
    static func announcements(
        of pair: Pair, from station: Int, since start: Int = 0
    ) -> [(instant: MonotonicInstant, link: LinkIdentifier, receiver: MACAddress, announcement: Announcement)] {
        pair.trace[start...].compactMap { entry in
            guard entry.station == station, case .transmit(let link, _, let mpdu) = entry.output,
                let frame = try? ActionFrame(parsing: mpdu), case .vendorSpecific(let action) = frame.action,
                case .announcement(let announcement) = try? PeerAction(body: action.body)
            else { return nil }
            return (entry.instant, link, frame.receiver, announcement)
        }
    }

    static func kinds(_ pair: Pair, _ station: Int, since start: Int = 0) -> [Event.Kind] {
        let about: [Event.Kind] = [.peerAppeared, .peerChanged, .peerVanished, .announcementRefused]
        return pair.events(at: station, since: start).map(\.kind).filter(about.contains)
    }

    // MARK: Coming

    @Test(
        "devices without a configured peer appear to each other on all links, and carry traffic",
        arguments: [false, true], AcknowledgmentSource.allCases)
    func appear(isSecured: Bool, acknowledgment: AcknowledgmentSource) throws {
        var pair = Self.strangers(isSecured: isSecured, acknowledgment: acknowledgment)
        for station in [Pair.a, Pair.b] {
            #expect(
                pair.run(limit: .seconds(3)) { entry in
                    guard case .event(let event) = entry.output else { return false }
                    return event.kind == .linkAlive && event.link == link2 && entry.station == station
                } != nil || pair.events(at: station).contains { $0.kind == .linkAlive && $0.link == link2 })
        }
        pair.run(for: .seconds(1))
        for station in [Pair.a, Pair.b] {
            let peer = try #require(pair.status(station).peers.first)
            #expect(pair.status(station).peers.count == 1)
            #expect(peer.mldAddress == Pair.mldAddress(1 - station))
            #expect(peer.origin == .discovered)
            #expect(peer.links.map(\.link) == [link1, link2])
            #expect(peer.links.map(\.address) == [link1, link2].map { Pair.address(1 - station, $0) })
            #expect(peer.links.allSatisfy { $0.health == .alive })
            #expect(peer.capabilities?.contains([.rebuild, .sharing]) == true)
            #expect((peer.security?.keysSince != nil) == isSecured)
            #expect(Self.kinds(pair, station) == [.peerAppeared, .peerChanged])
            #expect(pair.event(.peerChanged, at: station)?.cause == .linkFound)
            #expect(pair.event(.peerChanged, at: station)?.links == [link1, link2])
        }
        pair.send(payloads(0..<5))
        pair.run(for: .milliseconds(500))
        let link = try #require(pair.status(Pair.a).sessions.first?.link)
        pair.setDead(link, true)
        pair.send(payloads(5..<10))
        #expect(pair.run(untilEvent: .rebuilt, at: Pair.b) != nil)
        pair.run(for: .milliseconds(500))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<10))
    }

    @Test("announcements go out on each link at the interval, a tenth more or less, with the Multi-Link element")
    func announcing() throws {
        var pair = Self.strangers(modes: [.announce, .off]) { $1.discovery.interval = .milliseconds(400) }
        pair.run(for: .seconds(20))
        let sent = Self.announcements(of: pair, from: Pair.a)
        for link in [link1, link2] {
            let here = sent.filter { $0.link == link }
            #expect(here.allSatisfy { $0.receiver == .broadcast && $0.announcement.link == link })
            let gaps = zip(here.dropFirst(), here).map { $0.instant - $1.instant }
            #expect(gaps.count > 44)
            #expect(gaps.allSatisfy { (.milliseconds(360)...(.milliseconds(440))).contains($0) })
            #expect(Set(gaps).count > 30, "no jitter")
        }
        let frame = try #require(pair.frames(from: Pair.a).first)
        guard case .vendorSpecific(let action) = try ActionFrame(parsing: frame.mpdu).action else {
            return #expect(Bool(false), "no vendor-specific action")
        }
        let element = try #require(
            try BasicMultiLinkElement(in: Element.list(parsing: Array(action.body.dropFirst(2)))))
        #expect(element.mldAddress == Pair.mldAddress(Pair.a))
        #expect(element.linkID == frame.link.rawValue)
        #expect(sent.first?.announcement.capabilities == [.rebuild, .sharing, .radioAcknowledges])
        #expect(sent.first?.announcement.interval == Duration.milliseconds(400).timeUnits)
    }

    @Test("with discovery off, announcements mean nothing and none are sent")
    func off() {
        var pair = Self.strangers(modes: [.off, .announce])
        pair.run(for: .seconds(3))
        #expect(pair.frames(from: Pair.a).isEmpty)
        #expect(pair.status(Pair.a).peers.isEmpty)
        #expect(pair.status(Pair.a).counters.unknownSender > 0)
    }

    @Test("a silent device sends nothing and learns; a session that it wants makes it known", arguments: [false, true])
    func silent(isSecured: Bool) throws {
        var pair = Self.strangers(isSecured: isSecured, modes: [.listen, .announce])
        pair.run(for: .seconds(10))
        #expect(pair.frames(from: Pair.a).isEmpty)
        let peer = try #require(pair.status(Pair.a).peers.first)
        #expect(peer.isDormant && peer.links.map(\.link) == [link1, link2])
        #expect(Self.kinds(pair, Pair.a) == [.peerAppeared])
        #expect(pair.status(Pair.b).peers.isEmpty)
        pair.hand(.command(.connect(peer: peer.mldAddress, tid: .bestEffort)), to: Pair.a)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.run(for: .seconds(2))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).peers.first?.links.map(\.health) == [.alive, .alive])
        }
        let told = Self.announcements(of: pair, from: Pair.a)
        #expect(!told.isEmpty && told.allSatisfy { $0.receiver == Pair.address(Pair.b, $0.link) })
        // Who restarts hears from it again, too.
        pair.restart(Pair.b)
        #expect(pair.run(limit: .seconds(3), untilEvent: .establishedAnew, at: Pair.a) != nil)
    }

    @Test("a peer that is configured without links is found, keeps its sessions wanted, and stays when it vanishes")
    func configured() throws {
        var pair = Self.strangers { station, configuration in
            guard station == Pair.a else { return }
            configuration.peers = [
                PeerConfiguration(mldAddress: Pair.mldAddress(Pair.b), links: [:], sessions: [.bestEffort])
            ]
        }
        #expect(pair.run(untilEvent: .established, at: Pair.a) != nil)
        #expect(pair.status(Pair.a).peers.first?.origin == .configured)
        pair.hand(.command(.shutDown), to: Pair.b)
        pair.run(for: .milliseconds(100))
        pair.kill(Pair.b)
        #expect(pair.run(limit: .seconds(30), untilEvent: .peerVanished, at: Pair.a) != nil)
        #expect(pair.status(Pair.a).peers.map(\.mldAddress) == [Pair.mldAddress(Pair.b)])
        let start = pair.trace.count
        pair.restart(Pair.b)
        pair.run(for: .seconds(5))
        #expect(pair.sessionEvents(at: Pair.a, since: start).last == .establishedAnew)
        #expect(Self.kinds(pair, Pair.a, since: start).first == .peerAppeared)
    }

    // MARK: Changing and going

    @Test("a peer loses a link, has it back, and has it at another radio", arguments: [false, true])
    func change(isSecured: Bool) throws {
        var pair = Self.strangers(isSecured: isSecured)
        pair.run(for: .seconds(3))
        pair.linkDown(link2, at: Pair.b)
        var told = pair.run(limit: .seconds(10), untilEvent: .peerChanged, at: Pair.a)
        var changed = try #require(told)
        #expect(changed.cause == .linkGone && changed.link == link2 && changed.links == [link1])
        pair.linkUp(link2, at: Pair.b)
        told = pair.run(untilEvent: .peerChanged, at: Pair.a)
        changed = try #require(told)
        #expect(changed.cause == .linkFound && changed.link == link2 && changed.links == [link1, link2])
        pair.run(for: .seconds(1))

        pair.linkDown(link2, at: Pair.b)
        #expect(pair.run(untilEvent: .linkLost, at: Pair.a) != nil)
        let other = MACAddress(rawValue: 0x0252_4c00_7702)
        pair.air.addRadio(station: Pair.b, link: link2, address: other)
        pair.hand(.linkUp(link2, LinkProperties(address: other, frequency: 2412, acknowledgment: .mac)), to: Pair.b)
        told = pair.run(untilEvent: .peerChanged, at: Pair.a)
        changed = try #require(told)
        #expect(changed.cause == .addressChanged && changed.links == [link1, link2])
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).peers.first?.links.last?.address == other)
        #expect(pair.status(Pair.a).peers.first?.links.last?.health == .alive)
    }

    @Test("CFG-1: a discovered peer whose heartbeat names a radio that no announcement named yet is in no disagreement")
    func newRadio() {
        var pair = Self.strangers(isSecured: false)
        pair.run(for: .seconds(3))
        let other = MACAddress(rawValue: 0x0252_4c00_7702)
        let sender = SenderLinks(
            mldAddress: Pair.mldAddress(Pair.b), links: [.init(identifier: link2, frequency: 2412, address: other)])
        pair.inject(AgreementTests.heartbeat(sender), to: Pair.a, on: link1)
        #expect(!pair.events(at: Pair.a).contains { $0.kind == .peerDisagrees })
        #expect(pair.status(Pair.a).peers.first?.origin == .discovered)
    }

    @Test("a rebuild on a link whose radio is replaced meanwhile is asked for anew at once", arguments: [false, true])
    func replacement(isSecured: Bool) throws {
        var pair = Self.strangers(isSecured: isSecured, acknowledgment: .frame) {
            $1.discovery.interval = .milliseconds(20)
        }
        pair.run(for: .seconds(3))
        pair.setDead(link2, true)
        pair.send(payloads(0..<5))
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.first?.link == link1)
        // Payloads that the old radio does not hear, and another one that announces itself a moment later; nobody hears a farewell.
        pair.setDead(link1, true)
        pair.send(payloads(5..<10))
        pair.linkDown(link1, at: Pair.b)
        pair.setDead(link1, false)
        let other = MACAddress(rawValue: 0x0252_4c00_7701)
        pair.air.addRadio(station: Pair.b, link: link1, address: other, acknowledges: false)
        let properties = LinkProperties(address: other, frequency: 2412, acknowledgment: .frame)
        let start = pair.trace.count
        pair.hand(.linkUp(link1, properties), to: Pair.b)
        let told = pair.run(untilEvent: .peerChanged, at: Pair.a)
        let changed = try #require(told)
        #expect(changed.cause == .addressChanged && changed.link == link1)
        #expect(pair.events(at: Pair.a, since: start).contains { $0.kind == .rebuildRequested })
        #expect(!pair.events(at: Pair.b, since: start).contains { $0.kind == .rebuilt })
        // Sooner than a request is repeated.
        pair.run(for: .milliseconds(1))
        #expect(pair.events(at: Pair.b, since: start).contains { $0.kind == .rebuilt })
        #expect(pair.delivered(at: Pair.b) == payloads(0..<10))
    }

    @Test("a peer that is heard no more vanishes, and appears again", arguments: [false, true])
    func vanish(isSecured: Bool) {
        var pair = Self.strangers(isSecured: isSecured)
        pair.run(for: .seconds(3))
        pair.kill(Pair.b)
        let before = pair.now
        #expect(pair.run(limit: .seconds(10), untilEvent: .peerVanished, at: Pair.a) != nil)
        #expect(pair.now - before >= .seconds(5))
        #expect(pair.status(Pair.a).peers.isEmpty)
        let start = pair.trace.count
        pair.run(for: .seconds(5))
        #expect(Self.announcements(of: pair, from: Pair.a, since: start).count == pair.trace.count - start)
        pair.restart(Pair.b)
        #expect(pair.run(untilEvent: .peerAppeared, at: Pair.a) != nil)
        pair.send(payloads(0..<3))
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
    }

    @Test("a session holds a peer of which nothing is heard, as long as it is kept")
    func retention() {
        var pair = Self.strangers { $1.limits.retention = .seconds(20) }
        pair.run(for: .seconds(2))
        pair.send(payloads(0..<3))
        pair.run(for: .seconds(1))
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.send(payloads(3..<6))
        pair.run(for: .seconds(15))
        #expect(pair.event(.peerVanished, at: Pair.a) == nil)
        for link in [link1, link2] { pair.setDead(link, false) }
        #expect(pair.run(untilEvent: .rebuilt, at: Pair.a) != nil)
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<6))
        for link in [link1, link2] { pair.setDead(link, true) }
        #expect(pair.run(limit: .seconds(40), untilEvent: .peerVanished, at: Pair.a) != nil)
        #expect(pair.status(Pair.a).sessions.isEmpty)
    }

    @Test("payloads that wait for a peer that vanishes are told as lost")
    func lostPayloads() throws {
        var pair = Self.strangers { $1.session.payloadLifetime = .seconds(60) }
        pair.run(for: .seconds(3))
        pair.kill(Pair.b)
        pair.run(for: .seconds(2))
        pair.send(payloads(0..<4))
        #expect(pair.run(limit: .seconds(20), untilEvent: .peerVanished, at: Pair.a) != nil)
        let ended = try #require(pair.event(.ended, at: Pair.a))
        #expect(ended.cause == .peerGone && ended.framesLost == 4)
    }
}
