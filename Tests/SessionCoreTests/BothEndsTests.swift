import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// REB-7 and ROL-1: either end asks for the rebuild, both at once if need be.
@Suite struct BothEndsTests {
    /// A live session of which `initiator` is the initiator: `a` has the lower MLD address.
    private func livePair(
        links: Int = 2, initiator: Int = Pair.a, acknowledgment: AcknowledgmentSource = .mac, seed: UInt64 = 1,
        configure: (inout EngineConfiguration) -> Void = { _ in }
    ) -> Pair {
        var pair = Pair(links: links, acknowledgment: acknowledgment, seed: seed) { station, configuration in
            configuration.peers[0].sessions = station == initiator ? [.bestEffort] : []
            configure(&configuration)
        }
        pair.run(for: .milliseconds(300))
        return pair
    }

    private func liveLinks(_ pair: Pair) -> [LinkIdentifier?] {
        [Pair.a, Pair.b].flatMap { pair.status($0).sessions }.map { $0.state == "live" ? $0.link : nil }
    }

    @Test(
        "REB-1, REB-7: the receiver that the kernel tells of the loss asks at once, and two frames do it",
        arguments: AcknowledgmentSource.allCases)
    func receiverAsks(acknowledgment: AcknowledgmentSource) throws {
        var pair = livePair(acknowledgment: acknowledgment)
        pair.send(payloads(0..<5))
        pair.run(for: .milliseconds(60))
        let mark = pair.trace.count
        let lost = pair.now
        pair.linkDown(link1, at: Pair.b)
        _ = pair.run(untilEvent: .rebuilt, at: Pair.b)
        #expect(pair.now - lost < .milliseconds(2))
        #expect(pair.sessionEvents(at: Pair.b, since: mark) == [.interrupted, .rebuildRequested, .rebuilt])
        #expect(pair.event(.rebuilt, at: Pair.b, since: mark)?.frames == 1)
        #expect(liveLinks(pair) == [link2, link2])
        let requests = pair.sessionFrames(from: Pair.b, since: mark)
        guard case .addBlockAckRequest(let request) = try #require(requests.first).action else {
            Issue.record("not a request: \(requests)")
            return
        }
        let element = try #require(try SessionElement(in: request.elements))
        #expect(element.flags.isSuperset(of: [.supportsRebuild, .rebuild, .fromReceiver]))
        pair.send(payloads(5..<20))
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<20))
        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.rebuilt])
    }

    @Test("the receiver leaves a loss that the initiator notices too to the initiator: one request on the air")
    func initiatorFirst() {
        var pair = livePair()
        let mark = pair.trace.count
        pair.setDead(link1, true)
        pair.run(for: .seconds(2))
        #expect(!pair.sessionEvents(at: Pair.b, since: mark).contains(.rebuildRequested))
        #expect(pair.sessionFrames(from: Pair.a, since: mark).count == 1)
        #expect(liveLinks(pair) == [link2, link2])
    }

    @Test(
        "REB-7: both ends ask at once; one live session, the request of the higher MLD address wins",
        arguments: [Pair.a, Pair.b], AcknowledgmentSource.allCases)
    func bothAtOnce(initiator: Int, acknowledgment: AcknowledgmentSource) throws {
        var pair = livePair(links: 3, initiator: initiator, acknowledgment: acknowledgment)
        pair.send(payloads(0..<30), from: initiator)
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.a)
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .milliseconds(100))
        #expect(pair.sessionEvents(at: Pair.a, since: mark).contains(.rebuildRequested))
        #expect(pair.sessionEvents(at: Pair.b, since: mark).contains(.rebuildRequested))
        let live = liveLinks(pair)
        #expect(live.count == 2 && live[0] != nil && live[0] == live[1])
        #expect(pair.status(Pair.a).sessions.first?.description.identifier == session)
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: 1 - initiator) == payloads(0..<30))
        #expect(!pair.sessionEvents(at: Pair.a, since: mark).contains(.establishedAnew))
    }

    @Test(
        "REB-7: when the two requests cross on different links, both ends end on the link of the higher MLD address",
        arguments: [Pair.a, Pair.b])
    func crossed(initiator: Int) throws {
        // The frames of b, which has the higher address, arrive late: a's request is long acknowledged by then.
        var pair = livePair(links: 3, initiator: initiator) { $0.health.quietAfter = .seconds(1000) }
        for link in [link2, link3] { pair.setFaults(from: Pair.b, on: link) { $0.delay = .milliseconds(3) } }
        // Link 2 looks worse to a than link 3.
        pair.setFaults(from: Pair.a, on: link2) { $0.acknowledgmentLoss = 0.25 }
        pair.run(for: .seconds(10))
        pair.setFaults(from: Pair.a, on: link2) { $0.acknowledgmentLoss = 0 }
        pair.run(for: .milliseconds(120))
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.a)
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .milliseconds(200))
        let chosen = try #require(pair.event(.rebuildRequested, at: Pair.b, since: mark)?.link)
        #expect(pair.event(.rebuildRequested, at: Pair.a, since: mark)?.link != chosen)
        #expect(liveLinks(pair) == [chosen, chosen])
    }

    @Test("REB-2, REB-7: an initiator that gave payloads up answers the receiver's request with one of its own")
    func gaveUp() throws {
        var pair = livePair { $0.session.payloadLifetime = .milliseconds(400) }
        pair.send(payloads(0..<3))
        pair.run(for: .milliseconds(60))
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.send(payloads(3..<6))
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.map(\.state) != ["live"])
        for link in [link1, link2] { pair.setDead(link, false) }
        pair.run(for: .seconds(3))
        pair.send(payloads(6..<9))
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .seconds(2))
        #expect(pair.event(.payloadsGivenUp, at: Pair.a)?.framesLost == 3)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3) + payloads(6..<9))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
    }

    @Test("REB-8: a payload that a rebuild request has overtaken does not take the receiver back to the old link")
    func overtakenPayload() {
        var pair = livePair()
        pair.send(payloads(0..<1))
        pair.run(for: .milliseconds(60))
        // The next payload dawdles on link 1, while the session is rebuilt on link 2.
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .milliseconds(30) }
        pair.send(payloads(1..<2))
        pair.run(for: .milliseconds(1))
        pair.hand(.linkDown(link1, .channelChanged), to: Pair.a)
        pair.run(for: .milliseconds(20))
        #expect(liveLinks(pair) == [link2, link2])
        pair.send(payloads(2..<3))
        pair.run(for: .milliseconds(100))
        #expect(liveLinks(pair) == [link2, link2])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
    }

    @Test(
        "REB-5: the initiator does not know the session that the receiver wants rebuilt: it ends there, and is established anew"
    )
    func initiatorRestarted() {
        var pair = livePair()
        pair.kill(Pair.a)
        pair.restart(Pair.a)
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .seconds(2))
        let ended = pair.event(.ended, at: Pair.b, since: mark)
        #expect(ended?.cause == .refusal(.unknownSession) || ended?.cause == .replaced)
        #expect(liveLinks(pair) == [link2, link2])
    }

    @Test(
        "ROL-1: both ends are initiator and receiver at once, of sessions with several TIDs; a loss rebuilds them all")
    func bothRoles() throws {
        let tids = [0, 5, 7].compactMap(TrafficIdentifier.init)
        var pair = Pair { _, configuration in configuration.peers[0].sessions = tids }
        pair.run(for: .milliseconds(500))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.map(\.state) == [String](repeating: "live", count: 6))
        }
        let before = Set(pair.status(Pair.a).sessions.map(\.description.identifier))
        pair.linkDown(link1, at: Pair.a)
        pair.run(for: .seconds(1))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.allSatisfy { $0.state == "live" && $0.link == link2 })
            #expect(Set(pair.status(station).sessions.map(\.description.identifier)) == before)
        }
    }

    @Test(
        "EST-3: sharing is agreed on when both ends offer it, whatever becomes of rebuild",
        arguments: [(true, true), (true, false), (false, true), (false, false)], [true, false])
    func sharingIndicator(offers: (Bool, Bool), rebuild: Bool) {
        var pair = Pair { station, configuration in
            configuration.session.supportsSharing = station == Pair.a ? offers.0 : offers.1
            configuration.session.supportsRebuild = rebuild
        }
        pair.run(for: .milliseconds(300))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.map(\.isShareable) == [offers.0 && offers.1])
            #expect(pair.status(station).sessions.map(\.isRebuildable) == [rebuild])
        }
    }
}
