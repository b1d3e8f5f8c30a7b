import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// Faults that simulation found (`tools/simulate`), each as a short life of two.
@Suite struct FoundBySimulationTests {
    private func live(acknowledgment: AcknowledgmentSource = .mac, _ configure: (inout EngineConfiguration) -> Void = { _ in }) -> Pair {
        var pair = Pair(acknowledgment: acknowledgment) { _, configuration in configure(&configuration) }
        pair.run(for: .milliseconds(500))
        return pair
    }

    /// Two whose links are alive, and that have no session.
    private func unconnected() -> Pair {
        var pair = Pair { station, configuration in
            if station == Pair.a { configuration.peers[0].sessions = [] }
        }
        pair.run(for: .milliseconds(500))
        return pair
    }

    private func connect(_ pair: inout Pair) {
        pair.hand(.command(.connect(peer: Pair.mldAddress(Pair.b), tid: .bestEffort)), to: Pair.a)
    }

    private func sessionOfA(_ pair: Pair) -> SessionStatus? {
        pair.status(Pair.a).sessions.first { $0.description.role == .initiator }
    }

    private func links(_ pair: Pair, at station: Int) -> [LinkSet] { pair.status(station).sessions.map(\.links) }

    /// On all links, what a station sends of these kinds does not arrive, though its radio is told that it did.
    private func swallow(_ kinds: Set<SelectedKind>, from station: Int, _ pair: inout Pair, on links: [LinkIdentifier] = [link1, link2]) {
        for link in links {
            pair.setFaults(from: station, on: link) {
                ($0.lost, $0.forgesAcknowledgments) = (FrameSelector(kinds: kinds), !kinds.isEmpty)
            }
        }
    }

    @Test("REB-3: what a receiver that is gone had behind a gap is sent again in the new session", arguments: AcknowledgmentSource.allCases)
    func heldIsNotDelivered(acknowledgment: AcknowledgmentSource) {
        var pair = live(acknowledgment: acknowledgment)
        pair.dropsPayloads = true
        pair.send(payloads(0..<1))
        pair.run(for: .microseconds(500))
        pair.dropsPayloads = false
        // The first one waits for its timer, since it is sent on nothing else meanwhile.
        pair.setFaults(from: Pair.a, on: link1) { $0.lost = FrameSelector(longerThan: 1000) }
        pair.send(payloads(1..<3))
        pair.run(for: .milliseconds(3))
        pair.kill(Pair.b)
        pair.restart(Pair.b)
        pair.run(for: .seconds(3))
        #expect(pair.delivered(at: Pair.b).suffix(3) == payloads(0..<3))
    }

    @Test("INT-2: payloads that the receiver had behind a gap are counted when a session that is interrupted ends")
    func heldIsCounted() {
        var pair = live { $0.limits.retention = .milliseconds(600) }
        let mark = pair.trace.count
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.lost = FrameSelector(longerThan: 1000) } }
        pair.send([Payload(repeating: 1, count: 1400), [2], [3]])
        pair.run(for: .milliseconds(20))
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.run(for: .seconds(2))
        let ended = pair.event(.ended, at: Pair.a, since: mark)
        #expect(ended?.cause == .retentionExpired && ended?.framesLost == 3)
        #expect(pair.delivered(at: Pair.b).isEmpty)
    }

    @Test("REB-2: the receiver gets what it had behind a payload that was too old, though nothing more is sent", arguments: AcknowledgmentSource.allCases)
    func stuckBehindWhatWasGivenUp(acknowledgment: AcknowledgmentSource) {
        var pair = live(acknowledgment: acknowledgment) { $0.session.payloadLifetime = .milliseconds(300) }
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.lost = FrameSelector(longerThan: 1000) } }
        pair.send([Payload(repeating: 1, count: 1400), [2], [3]])
        pair.run(for: .milliseconds(900))
        #expect(pair.delivered(at: Pair.b) == [[2], [3]])
        #expect(pair.status(Pair.b).sessions.map(\.queued) == [0])
        #expect(pair.event(.payloadsGivenUp, at: Pair.a)?.framesLost == 1)
        // Nobody asks again, when probes have shown that long payloads get through.
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.lost = .none } }
        pair.run(for: .seconds(4))
        let mark = pair.trace.count
        pair.run(for: .seconds(5))
        #expect(pair.payloadLinks(from: Pair.a, since: mark).isEmpty)
    }

    @Test("EST-1: a session that a rebuild or sharing request makes live at the receiver is reported as established", arguments: [false, true])
    func reported(isShared: Bool) {
        var pair = Pair { station, configuration in
            configuration.session.sharing = isShared && station == Pair.a ? .always : .manual
        }
        // The receiver does not learn that its response arrived, neither from its radio nor from the initiator.
        for link in [link1, link2] {
            pair.setFaults(from: Pair.b, on: link) { $0.reportLoss = 1 }
            pair.setFaults(from: Pair.a, on: link) { $0.lost = FrameSelector(kinds: [.heartbeat, .data]) }
        }
        connect(&pair)
        pair.run(untilEvent: .established, at: Pair.a)
        if !isShared { pair.linkDown(link1, at: Pair.a) }
        pair.run(for: .milliseconds(20))
        let told = pair.sessionEvents(at: Pair.b)
        #expect(told.first == .established && told.count > 1)
    }

    @Test("EST-1: a session request is answered, whatever the receiver tried meanwhile")
    func answered() {
        var pair = unconnected()
        swallow([.management], from: Pair.b, &pair)
        connect(&pair)
        pair.run(untilEvent: .established, at: Pair.b)
        // The receiver asks for a rebuild in vain.
        pair.linkDown(sessionLink(pair), at: Pair.b)
        pair.run(for: .milliseconds(300))
        #expect(pair.events(at: Pair.b).contains { $0.kind == .rebuildRequested })
        swallow([], from: Pair.b, &pair)
        pair.run(for: .seconds(3))
        #expect(sessionOfA(pair)?.state == "live")
        #expect(links(pair, at: Pair.a) == links(pair, at: Pair.b))
    }

    private func sessionLink(_ pair: Pair) -> LinkIdentifier { pair.status(Pair.b).sessions.first?.link ?? link1 }

    @Test("EST-1: an answer to a request of an earlier round is taken")
    func slowAnswer() throws {
        var pair = unconnected()
        let mark = pair.trace.count
        swallow([.management], from: Pair.b, &pair)
        connect(&pair)
        pair.run(for: .milliseconds(600))
        let first = try #require(pair.frames(from: Pair.b, since: mark).first { SelectedKind(of: $0.mpdu) == .management })
        #expect(pair.sessionFrames(from: Pair.a, since: mark).count > 4)
        pair.inject(first.mpdu, to: Pair.a, on: first.link)
        #expect(pair.event(.established, at: Pair.a, since: mark) != nil)
    }

    @Test("HLT-1, REB-1: a session that becomes live on a link that was lost meanwhile is rebuilt on another one at once")
    func livesWhereItCan() throws {
        var pair = unconnected()
        let mark = pair.trace.count
        swallow([.management], from: Pair.b, &pair)
        connect(&pair)
        pair.run(for: .milliseconds(5))
        let response = try #require(pair.frames(from: Pair.b, since: mark).first { SelectedKind(of: $0.mpdu) == .management })
        pair.setDead(response.link, true)
        pair.run(for: .milliseconds(600))
        pair.inject(response.mpdu, to: Pair.a, on: response.link)
        #expect(pair.event(.established, at: Pair.a, since: mark)?.link == response.link)
        let other = response.link == link1 ? link2 : link1
        swallow([], from: Pair.b, &pair, on: [other])
        pair.run(for: .seconds(1))
        #expect(links(pair, at: Pair.a) == [[other]])
        #expect(links(pair, at: Pair.b) == [[other]])
    }

    @Test("ROL-2: a user's end at the receiver holds, though what says it is lost behind its acknowledgment and the link dies", arguments: AcknowledgmentSource.allCases)
    func endHolds(acknowledgment: AcknowledgmentSource) throws {
        var pair = live(acknowledgment: acknowledgment)
        let session = try #require(pair.status(Pair.b).sessions.first)
        // The radio acknowledges what its host never gets.
        swallow([.management], from: Pair.b, &pair)
        pair.hand(.command(.close(session.description.identifier)), to: Pair.b)
        pair.run(for: .milliseconds(2))
        swallow([], from: Pair.b, &pair)
        pair.setDead(session.link ?? link1, true)
        pair.run(for: .seconds(3))
        #expect(pair.status(Pair.a).sessions.isEmpty && pair.status(Pair.b).sessions.isEmpty)
        #expect(pair.event(.ended, at: Pair.a)?.cause == .peerRequest)
    }

    @Test("REB-8: after an outage of one direction both ends count on from the higher number")
    func numbersMeet() {
        var pair = live()
        // Nothing of the initiator arrives; it asks again and again.
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.isCut = true } }
        pair.run(for: .seconds(5))
        let mark = pair.trace.count
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.isCut = false } }
        pair.run(for: .seconds(2))
        for station in [Pair.a, Pair.b] {
            #expect(pair.events(at: station, since: mark).count { $0.kind == .rebuilt } == 1)
        }
        #expect(links(pair, at: Pair.a) == links(pair, at: Pair.b))
    }

    @Test("SHR-3: a receiver that missed a sharing request learns of it from the next heartbeat")
    func sharingMissed() throws {
        var pair = live()
        let session = try #require(sessionOfA(pair))
        swallow([.management], from: Pair.a, &pair)
        pair.hand(.command(.share(session.description.identifier, [link1, link2])), to: Pair.a)
        pair.run(for: .milliseconds(5))
        #expect(links(pair, at: Pair.a) == [[link1, link2]] && links(pair, at: Pair.b) != [[link1, link2]])
        swallow([], from: Pair.a, &pair)
        pair.run(for: .milliseconds(300))
        #expect(links(pair, at: Pair.b) == [[link1, link2]])
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .milliseconds(500))
        #expect(!pair.sessionEvents(at: Pair.b, since: mark).contains(.interrupted))
    }

    @Test("REB-7: an initiator adopts a rebuild of the receiver whose request was lost behind its acknowledgment")
    func rebuildMissed() throws {
        var pair = live()
        let link = try #require(sessionOfA(pair)?.link)
        let other = link == link1 ? link2 : link1
        swallow([.management, .heartbeat], from: Pair.b, &pair)
        pair.linkDown(link, at: Pair.b)
        pair.linkUp(link, at: Pair.b)
        pair.run(for: .milliseconds(2))
        #expect(links(pair, at: Pair.b) == [[other]] && links(pair, at: Pair.a) == [[link]])
        swallow([], from: Pair.b, &pair)
        pair.run(for: .milliseconds(300))
        #expect(links(pair, at: Pair.a) == [[other]] && links(pair, at: Pair.b) == [[other]])
        #expect(!pair.events(at: Pair.a).contains { $0.kind == .rebuildRequested })
    }

    @Test("SHR-4: the policy asks for sharing at intervals that grow, however often links come in doubt")
    func sharingAskedRarely() {
        var pair = Pair { _, configuration in configuration.session.sharing = .always }
        pair.linkDown(link2, at: Pair.b)
        pair.run(for: .milliseconds(500))
        for link in [link1, link2] {
            pair.setFaults(from: Pair.a, on: link) { $0.lost = FrameSelector(kinds: [.management]) }
        }
        pair.linkUp(link2, at: Pair.b)
        pair.run(for: .seconds(2))
        let asked = pair.events(at: Pair.a).count { $0.kind == .shareRequested }
        #expect(asked >= 2 && asked <= 40)
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.lost = .none } }
        pair.run(for: .seconds(3))
        #expect(links(pair, at: Pair.a).contains([link1, link2]))
    }

    @Test("REB-4: a link that carries requests and loses all else is not rebuilt on again and again")
    func requestsAlonePass() {
        var pair = Pair(links: 1)
        pair.run(for: .milliseconds(500))
        pair.setFaults(from: Pair.a, on: link1) { $0.lost = FrameSelector(kinds: [.data, .heartbeat]) }
        let mark = pair.trace.count
        pair.send(payloads(0..<20))
        pair.run(for: .seconds(3))
        let rebuilds = pair.events(at: Pair.a, since: mark).count { $0.kind == .rebuilt }
        #expect(rebuilds >= 8 && rebuilds <= 60)
        pair.setFaults(from: Pair.a, on: link1) { $0.lost = .none }
        pair.run(for: .seconds(3))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<20))
    }
}
