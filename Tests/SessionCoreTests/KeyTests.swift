import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// Keys over time: how they come, how they are renewed, and what is told when they can't come.
@Suite struct KeyTests {
    @Test("other keys: both ends say so, once, and nothing lives")
    func wrongKey() {
        var pair = Pair(isSecured: true) { station, configuration in
            if station == Pair.b { configuration.peers[0].key = Pair.key(9) }
        }
        pair.run(for: .seconds(5))
        for station in [Pair.a, Pair.b] {
            let failures = pair.events(at: station).filter { $0.kind == .handshakeFailed }
            #expect(failures.map(\.cause) == [.wrongKey])
            #expect(pair.event(.secured, at: station) == nil)
            #expect(pair.event(.linkAlive, at: station) == nil)
            #expect(pair.status(station).counters.security.notAuthentic > 0)
        }
    }

    @Test("a key at one end only: both ends say so, and nothing lives")
    func oneKey() {
        var pair = Pair(isSecured: true) { station, configuration in
            if station == Pair.b { configuration.peers[0].key = nil }
        }
        pair.run(for: .seconds(5))
        func causes(_ station: Int) -> [EventCause?] {
            pair.events(at: station).filter { $0.kind == .handshakeFailed }.map(\.cause)
        }
        #expect(causes(Pair.a) == [.peerNotProtected])
        #expect(causes(Pair.b) == [.noKeyForPeer])
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["idle"])
        #expect(pair.event(.linkAlive, at: Pair.a) == nil)
    }

    @Test("a handshake of another version is told")
    func otherVersion() {
        var pair = Pair(isSecured: true)
        pair.kill(Pair.b)
        pair.run(for: .milliseconds(10))
        let action = VendorSpecificAction(oui: SessionElement.oui, body: [HandshakeFrame.type, 2, 1, 2, 3])
        let frame = ActionFrame(
            receiver: Pair.address(Pair.a, link1), transmitter: Pair.address(Pair.b, link1), bssid: .broadcast,
            action: .vendorSpecific(action))
        pair.inject(frame.serialized(), to: Pair.a, on: link1)
        #expect(pair.event(.handshakeFailed, at: Pair.a)?.cause == .versionMismatch)
    }

    @Test("recorded requests, said again and again, keep no link from being heard", arguments: [20, 90])
    func answersAreNoHeartbeats(milliseconds: Int) {
        var pair = Pair(isSecured: true)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.run(for: .milliseconds(500))
        let requests = [Pair.a, Pair.b].flatMap { station in
            pair.frames(from: station).filter { frame in
                (try? HandshakeFrame.message(in: ActionFrame(parsing: frame.mpdu).action))?.first == 1
            }.map { (station, $0) }
        }
        #expect(!requests.isEmpty)
        let start = pair.trace.count
        for number in 0..<(4000 / milliseconds) {
            for (station, frame) in requests { pair.inject(frame.mpdu, to: 1 - station, on: frame.link) }
            // Traffic on another link keeps heartbeats from slowing down.
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(milliseconds))
        }
        for station in [Pair.a, Pair.b] {
            #expect(pair.event(.linkLost, at: station, since: start) == nil)
            #expect(pair.event(.linkSuspect, at: station, since: start) == nil)
        }
    }

    @Test("a peer that is not there: this is told once, and it is found all the same")
    func noAnswer() {
        var pair = Pair(isSecured: true)
        pair.kill(Pair.b)
        pair.run(for: .seconds(30))
        let failures = pair.events(at: Pair.a).filter { $0.kind == .handshakeFailed }
        #expect(failures.map(\.cause) == [.noAnswer])
        pair.restart(Pair.b)
        #expect(pair.run(untilEvent: .established, at: Pair.a) != nil)
    }

    @Test("a device that is no peer: whom it asks says so, and it hears no answer")
    func unknownPeer() {
        var pair = Pair(isSecured: true) { station, configuration in
            guard station == Pair.b else { return }
            configuration.peers[0].mldAddress = MACAddress(rawValue: 0x0252_4c00_0099)
            for link in [link1, link2] {
                configuration.peers[0].links[link] = MACAddress(rawValue: 0x0252_4c00_0099 + UInt64(link.rawValue) << 8)
            }
        }
        pair.run(for: .seconds(9))
        func failures(_ station: Int) -> [Event] { pair.events(at: station).filter { $0.kind == .handshakeFailed } }
        #expect(failures(Pair.a).map(\.cause) == [.noAnswer])
        let told = failures(Pair.b).filter { $0.cause == .unknownPeer }
        #expect(told.count == 1)
        #expect([link1, link2].map { Pair.address(Pair.a, $0) }.contains { $0 == told.first?.peer })
    }

    @Test("while the peer is heard, nobody makes its user think that it has another key or version")
    func falseAlarms() {
        var pair = Pair(isSecured: true)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.run(for: .milliseconds(500))
        let start = pair.trace.count
        let request = [HandshakeFrame.type, 1, 1] + [UInt8](repeating: 7, count: 65)
        let version = [HandshakeFrame.type, 2, 1, 2, 3]
        for body in [request, version] {
            let frame = ActionFrame(
                receiver: Pair.address(Pair.a, link1), transmitter: Pair.address(Pair.b, link1), bssid: .broadcast,
                action: .vendorSpecific(VendorSpecificAction(oui: SessionElement.oui, body: body)))
            pair.inject(frame.serialized(), to: Pair.a, on: link1)
        }
        #expect(pair.event(.handshakeFailed, at: Pair.a, since: start) == nil)
        #expect(pair.status(Pair.a).counters.security.notAuthentic == 1)
        #expect(pair.status(Pair.a).counters.foreign == 1)
    }

    @Test(
        "as many handshake messages are looked at in a second as the configuration says, and an eighth of that in a row"
    )
    func handshakeRate() {
        var pair = Pair(isSecured: true) { _, configuration in configuration.security.handshakesPerSecond = 40 }
        pair.kill(Pair.b)
        let body = [HandshakeFrame.type, 1, 1] + [UInt8](repeating: 7, count: 65)
        let frame = ActionFrame(
            receiver: Pair.address(Pair.a, link1), transmitter: Pair.address(Pair.b, link1), bssid: .broadcast,
            action: .vendorSpecific(VendorSpecificAction(oui: SessionElement.oui, body: body)))
        for _ in 0..<12 { pair.inject(frame.serialized(), to: Pair.a, on: link1) }
        #expect(pair.status(Pair.a).counters.security.notAuthentic == 5)
        #expect(pair.status(Pair.a).counters.security.tooManyHandshakes == 7)
        // A thousand in the next second.
        for _ in 0..<1000 {
            pair.run(for: .milliseconds(1))
            pair.inject(frame.serialized(), to: Pair.a, on: link1)
        }
        #expect(pair.status(Pair.a).counters.security.notAuthentic == 45)
        #expect(pair.status(Pair.a).counters.security.tooManyHandshakes == 967)
    }

    @Test("a peer that comes later, and over bad air, gets keys", arguments: AcknowledgmentSource.allCases)
    func laterPeer(acknowledgment: AcknowledgmentSource) throws {
        var pair = Pair(acknowledgment: acknowledgment, seed: 5, isSecured: true)
        pair.kill(Pair.b)
        for station in [Pair.a, Pair.b] {
            for link in [link1, link2] {
                pair.setFaults(from: station, on: link) {
                    $0.frameLoss = 0.3
                    $0.duplication = 0.3
                    $0.jitter = .milliseconds(3)
                }
            }
        }
        pair.run(for: .seconds(30))
        pair.restart(Pair.b)
        #expect(pair.run(untilEvent: .established, at: Pair.a) != nil)
        pair.send(payloads(0..<20))
        pair.run(for: .seconds(5))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<20))
    }

    @Test(
        "either end restarts: new keys, and the payloads go on", arguments: [Pair.a, Pair.b],
        AcknowledgmentSource.allCases)
    func restart(station: Int, acknowledgment: AcknowledgmentSource) throws {
        var pair = Pair(acknowledgment: acknowledgment, isSecured: true)
        #expect(pair.run(untilEvent: .established, at: Pair.a) != nil)
        pair.kill(station)
        pair.run(for: .milliseconds(200))
        let start = pair.trace.count
        pair.restart(station)
        pair.run(for: .seconds(3))
        #expect(pair.event(.secured, at: station, since: start) != nil)
        #expect(pair.event(.secured, at: 1 - station, since: start) != nil)
        pair.send(payloads(0..<5))
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b).suffix(5) == payloads(0..<5)[...])
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
    }

    @Test("new keys before the packet numbers are used up, in the middle of a stream, without a gap")
    func rekeyByNumber() throws {
        var pair = Pair(isSecured: true) { _, configuration in configuration.security.frames.packetsUntilRekey = 300 }
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        let start = pair.trace.count
        for number in 0..<2000 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(1))
        }
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<2000))
        for station in [Pair.a, Pair.b] {
            let told = pair.events(at: station, since: start)
            #expect(Set(told.map(\.kind)) == [.secured])
            #expect(told.count >= 3)
            var refusals = pair.status(station).counters.security
            // Requests of both ends cross, and beside keys that work each needs a cookie.
            refusals.lateHandshakes = 0
            refusals.withoutCookie = 0
            #expect(refusals == SecurityRefusals())
        }
    }

    @Test("new keys when the old ones are an hour old, and the old ones are forgotten")
    func rekeyByAge() throws {
        var pair = Pair(isSecured: true)
        pair.keepTrace = false
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        #expect(pair.run(limit: .seconds(3590), untilEvent: .secured, at: Pair.a) == nil)
        #expect(pair.run(limit: .seconds(20), untilEvent: .secured, at: Pair.a) != nil)
        pair.run(for: .seconds(20))
        #expect(pair.status(Pair.b).peers[0].security?.handshakes == 2)
        #expect(pair.status(Pair.a).peers[0].security?.actionPackets ?? .max < 1000)
    }

    @Test("a recorded request makes nobody drop keys that work, and costs a bounded number of answers")
    func recordedRequests() throws {
        var pair = Pair(isSecured: true)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        let requests = [Pair.a, Pair.b].flatMap { station in
            pair.frames(from: station).filter { frame in
                (try? HandshakeFrame.message(in: ActionFrame(parsing: frame.mpdu).action))?.first == 1
            }.map { (station, $0) }
        }
        #expect(!requests.isEmpty)
        let start = pair.trace.count
        for _ in 0..<300 {
            for (station, frame) in requests { pair.inject(frame.mpdu, to: 1 - station, on: frame.link) }
        }
        #expect(pair.trace.count - start <= 2 * 64)
        pair.run(for: .seconds(1))
        pair.send(payloads(0..<3))
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
        #expect(pair.event(.secured, at: Pair.a, since: start) == nil)
        #expect(pair.status(Pair.b).counters.security.tooManyHandshakes > 0)
        let asked = [Pair.a, Pair.b].map { pair.status($0).counters.security.withoutCookie }
        #expect(asked.reduce(0, +) > 0)
    }

    @Test(
        "a device that starts again gets keys, however often somebody says a recorded request", arguments: [100, 490])
    func recordedRequestsAfterRestart(milliseconds: Int) throws {
        var pair = Pair(seed: 2, isSecured: true)
        // b's own requests do not get through at first, so that a's is answered.
        for link in [link1, link2] { pair.setFaults(from: Pair.b, on: link) { $0.delay = .milliseconds(5) } }
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        let requests = pair.frames(from: Pair.a).filter { frame in
            (try? HandshakeFrame.message(in: ActionFrame(parsing: frame.mpdu).action))?.first == 1
        }
        #expect(!requests.isEmpty)
        pair.kill(Pair.b)
        pair.run(for: .milliseconds(300))
        let start = pair.trace.count
        pair.restart(Pair.b)
        for _ in 0..<30 {
            for (link, mpdu) in requests { pair.inject(mpdu, to: Pair.b, on: link) }
            pair.run(for: .milliseconds(milliseconds))
        }
        #expect(pair.event(.secured, at: Pair.b, since: start) != nil)
        pair.send(payloads(0..<3))
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b).suffix(3) == payloads(0..<3)[...])
    }

    @Test("the same inputs and secrets give the same frames, octet for octet")
    func deterministic() {
        func trace() -> [Pair.Entry] {
            var pair = Pair(seed: 3, isSecured: true)
            pair.run(for: .seconds(1))
            pair.send(payloads(0..<5))
            pair.run(for: .seconds(1))
            return pair.trace
        }
        let first = trace()
        #expect(first.count > 50)
        #expect(first == trace())
    }

    @Test("secrets differ from draw to draw and from seed to seed, and the same seed gives the same")
    func generator() throws {
        var one = try #require(SecretGenerator(octets: [UInt8](repeating: 1, count: 32)))
        var same = try #require(SecretGenerator(octets: [UInt8](repeating: 1, count: 32)))
        var other = try #require(SecretGenerator(octets: [UInt8](repeating: 2, count: 32)))
        let drawn = (0..<100).map { _ in one.next() }
        #expect(Set(drawn).count == 100)
        #expect(drawn == (0..<100).map { _ in same.next() })
        #expect(Set(drawn).isDisjoint(with: (0..<100).map { _ in other.next() }))
        #expect(SecretGenerator(octets: [UInt8](repeating: 1, count: 31)) == nil)
    }

    @Test("new keys come on a link that payloads keep busy, though the other one is dead")
    func rekeyUnderLoad() throws {
        var pair = Pair(isSecured: true) { _, configuration in configuration.security.frames.packetsUntilRekey = 300 }
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.setDead(link2, true)
        pair.run(for: .seconds(1))
        let start = pair.trace.count
        for number in 0..<3000 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(1))
        }
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3000))
        for station in [Pair.a, Pair.b] {
            #expect(pair.events(at: station, since: start).count { $0.kind == .secured } >= 2)
        }
    }

    @Test("a heartbeat under the keys before says nothing of sessions, however soon after the change it is delivered")
    func heldBackOverRekey() throws {
        var pair = Pair(isSecured: true) { _, configuration in configuration.security.frames.packetsUntilRekey = 300 }
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.run(for: .milliseconds(300))
        pair.setFaults(from: Pair.b, on: link2) { $0.isCut = true }
        let start = pair.trace.count
        pair.run(for: .milliseconds(120))
        pair.setFaults(from: Pair.b, on: link2) { $0.isCut = false }
        let held = try #require(pair.frames(from: Pair.b, since: start).first { $0.link == link2 })
        for number in 0..<1000 where pair.event(.secured, at: Pair.a, since: start) == nil {
            pair.send(payloads(number..<number + 1))
            pair.run(limit: .milliseconds(1), untilEvent: .secured, at: Pair.a)
        }
        let before = pair.status(Pair.a).counters.stale
        pair.inject(held.mpdu, to: Pair.a, on: link2)
        #expect(pair.status(Pair.a).counters.stale == before + 1)
    }
}
