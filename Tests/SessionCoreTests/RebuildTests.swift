import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// REB: rebuild.
@Suite struct RebuildTests {
    /// A pair with a live session on link 1.
    private func livePair(
        links: Int = 2, acknowledgment: AcknowledgmentSource = .mac, isSecured: Bool = Environment.isSecured,
        _ configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) -> Pair {
        var pair = Pair(links: links, acknowledgment: acknowledgment, isSecured: isSecured, configure: configure)
        pair.run(for: .milliseconds(300))
        return pair
    }

    @Test(
        "REB-1: one request and its acknowledgment make the session live again",
        arguments: AcknowledgmentSource.allCases)
    func reb1(acknowledgment: AcknowledgmentSource) throws {
        var pair = livePair(acknowledgment: acknowledgment)
        let identifier = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        let mark = pair.trace.count
        pair.setDead(link1, true)
        pair.run(for: .milliseconds(500))

        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.interrupted, .rebuildRequested, .rebuilt])
        let rebuilt = try #require(pair.event(.rebuilt, at: Pair.a, since: mark))
        #expect(rebuilt.link == link2 && rebuilt.frames == 1 && rebuilt.session?.identifier == identifier)
        #expect(pair.event(.rebuilt, at: Pair.b, since: mark)?.link == link2)
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.map(\.state) == ["live"])
            #expect(pair.status(station).sessions.map(\.link) == [link2])
        }

        let requests = pair.sessionFrames(from: Pair.a, since: mark)
        let answers = pair.sessionFrames(from: Pair.b, since: mark)
        #expect(requests.count == 1 && requests.first?.link == link2)
        guard case .addBlockAckRequest(let request) = requests.first?.action else {
            Issue.record("the rebuild is no ADDBA Request")
            return
        }
        let element = try #require(try SessionElement(in: request.elements))
        #expect(element.flags.isSuperset(of: [.supportsRebuild, .rebuild]))
        #expect(element.session == identifier)
        switch acknowledgment {
        case .mac: #expect(answers.isEmpty)
        case .frame:
            #expect(answers.map(\.own) == [.sessionAcknowledgment(element.transmission)])
        }
    }

    @Test("REB-2: what the initiator gave up while interrupted moves the receiver's position with the request")
    func reb2() throws {
        var pair = livePair(links: 1) { _, configuration in configuration.session.payloadLifetime = .seconds(2) }
        pair.setDead(link1, true)
        pair.send(payloads(0..<4))
        pair.run(for: .seconds(3))
        pair.send(payloads(4..<6))
        pair.setDead(link1, false)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        #expect(pair.event(.payloadsGivenUp, at: Pair.a)?.framesLost == 4)
        #expect(pair.delivered(at: Pair.b) == payloads(4..<6))
        #expect(pair.status(Pair.b).sessions.first?.resumptionPosition == 6)
        #expect(pair.status(Pair.a).sessions.first?.queued == 0)
    }

    @Test(
        "REB-3: every payload accepted before, during and after a loss is delivered once and in order",
        arguments: AcknowledgmentSource.allCases)
    func reb3(acknowledgment: AcknowledgmentSource) {
        var pair = livePair(acknowledgment: acknowledgment)
        var next = 0
        for phase in 0..<6 {
            let dead = phase % 2 == 0 ? link1 : link2
            for step in 0..<40 {
                if step == 10 { pair.setDead(dead, true) }
                pair.send(payloads(next..<next + 3))
                next += 3
                pair.run(for: .milliseconds(5))
            }
            pair.setDead(dead, false)
            pair.run(for: .seconds(1))
        }
        #expect(pair.delivered(at: Pair.b) == payloads(0..<next))
        #expect(pair.sessionEvents(at: Pair.a).filter { $0 == .rebuilt }.count >= 3)
    }

    @Test("REB-3: data that arrived while only its acknowledgment was lost is not delivered twice")
    func reb3LostAcknowledgments() {
        var pair = livePair()
        pair.setFaults(from: Pair.a, on: link1) { $0.acknowledgmentLoss = 1 }
        pair.setFaults(from: Pair.b, on: link1) { $0.isCut = true }
        pair.send(payloads(0..<10))
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<10))
        #expect(pair.sessionEvents(at: Pair.a).contains(.rebuilt))
        #expect(pair.status(Pair.a).sessions.first?.queued == 0)
    }

    @Test(
        "REB-3: payloads follow a rebuild request without waiting for its acknowledgment; one that is there already is heard first",
        arguments: [false, true])
    func reb3Behind(isThereAlready: Bool) throws {
        var pair = livePair()
        pair.send(payloads(0..<1))
        pair.linkDown(link1, at: Pair.a)
        let asked = pair.now
        guard
            case .transmit(link2, let number, _)? = pair.trace.last(where: { entry in
                if entry.station == Pair.a, case .transmit = entry.output { true } else { false }
            })?.output
        else {
            Issue.record("no request was sent on link 2")
            return
        }
        #expect(pair.payloadLinks(from: Pair.a) == [link1])
        let mark = pair.trace.count
        if isThereAlready {
            pair.hand(.transmissionReported(link: link2, number: number, acknowledged: true), to: Pair.a)
        } else {
            pair.run(for: .zero)
        }
        #expect(pair.payloadLinks(from: Pair.a, since: mark) == [link2] && pair.now == asked)
        #expect(pair.status(Pair.a).sessions.map(\.state) == [isThereAlready ? "live" : "rebuilding"])
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<1))
    }

    @Test("REB-4: the best live link is tried first, the next one after a failed try")
    func reb4NextLink() {
        var pair = livePair(links: 3)
        let mark = pair.trace.count
        // Links 1 and 2 die together; nobody knows of link 2 yet when the first request goes out there.
        pair.setDead(link2, true)
        pair.linkDown(link1, at: Pair.a)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        let requests = pair.events(at: Pair.a, since: mark).filter { $0.kind == .rebuildRequested }
        #expect(requests.map(\.link) == [link2, link3])
        #expect(pair.status(Pair.a).sessions.first?.link == link3)
    }

    @Test("REB-4: a failed try makes way for the next candidate, even a lesser one")
    func reb4Turns() {
        var pair = livePair(links: 3)
        // a holds link 3 for lost, since nothing of it arrives, but hears b there.
        pair.setFaults(from: Pair.a, on: link3) { $0.isCut = true }
        pair.run(for: .seconds(1))
        pair.setFaults(from: Pair.a, on: link3) { $0.isCut = false }
        pair.setDead(link2, true)
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.a)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        let requests = pair.events(at: Pair.a, since: mark).filter { $0.kind == .rebuildRequested }
        #expect(requests.map(\.link) == [link2, link3])
    }

    @Test(
        "REB-4: when the peer lost the link first, its heartbeat on another one starts the rebuild, and not where it was lost"
    )
    func reb4PeerLostLink() {
        var pair = livePair()
        let mark = pair.trace.count
        // b's frames get lost, so b is the first to know; what a sends goes on being acknowledged.
        pair.setFaults(from: Pair.b, on: link1) { $0.frameLoss = 1 }
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        #expect(pair.event(.interrupted, at: Pair.a, since: mark)?.cause == .peerLostLink)
        let requests = pair.events(at: Pair.a, since: mark).filter { $0.kind == .rebuildRequested }
        #expect(requests.map(\.link) == [link2])
    }

    @Test("REB-4: the first link itself, when it comes back first")
    func reb4FirstLink() {
        var pair = livePair()
        pair.setDead(link1, true)
        pair.setDead(link2, true)
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["interrupted"])
        pair.setDead(link1, false)
        let rebuilt = pair.run(untilEvent: .rebuilt, at: Pair.a)
        #expect(rebuilt?.link == link1)
    }

    @Test("REB-4: tries in vain are few, and further apart from round to round")
    func reb4Bounded() throws {
        var pair = livePair(links: 1)
        let mark = pair.trace.count
        // b goes on being heard, so that link 1 stays a candidate, but hears nothing.
        pair.setFaults(from: Pair.a, on: link1) { $0.isCut = true }
        pair.run(for: .seconds(20))
        let instants = pair.trace[mark...].filter { entry in
            if case .event(let event) = entry.output { event.kind == .rebuildRequested } else { false }
        }.map(\.instant)
        #expect(instants.count > 5 && instants.count < 60)
        let last = try #require(instants.last)
        #expect(last - instants[instants.count - 2] < .seconds(2))
        #expect(last - instants[instants.count - 3] >= .milliseconds(800))
    }

    @Test(
        "REB-5: a receiver that does not know the session refuses, and the initiator establishes anew by itself",
        arguments: AcknowledgmentSource.allCases)
    func reb5UnknownSession(acknowledgment: AcknowledgmentSource) {
        var pair = livePair(acknowledgment: acknowledgment)
        pair.kill(Pair.b)
        pair.run(untilEvent: .interrupted, at: Pair.a)
        let mark = pair.trace.count
        pair.send(payloads(0..<3))
        pair.restart(Pair.b)
        pair.run(untilEvent: .establishedAnew, at: Pair.a)
        pair.run(for: .milliseconds(200))
        let refused = pair.event(.refused, at: Pair.a, since: mark)
        #expect(refused?.cause == .refusal(.unknownSession))
        // With a key the receiver can read nothing before there are new keys; then the heartbeats bring it to light.
        if !Environment.isSecured {
            #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.unknownSession))
        }
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
    }

    @Test("REB-5: a restart too quick to be noticed as a loss comes to light all the same")
    func reb5QuickRestart() {
        var pair = livePair()
        let mark = pair.trace.count
        pair.restart(Pair.b)
        pair.run(untilEvent: .establishedAnew, at: Pair.a)
        #expect(pair.event(.refused, at: Pair.a, since: mark)?.cause == .refusal(.unknownSession))
        #expect(pair.status(Pair.b).sessions.count == 1)
    }

    @Test("REB-5: a receiver that has dropped the session says so")
    func reb5Dropped() {
        var pair = livePair(links: 1) { station, configuration in
            if station == Pair.b { configuration.limits.retention = .seconds(1) }
        }
        pair.setDead(link1, true)
        pair.run(for: .seconds(3))
        pair.setDead(link1, false)
        pair.run(untilEvent: .establishedAnew, at: Pair.a)
        #expect(pair.event(.refused, at: Pair.a)?.cause == .refusal(.sessionDropped))
    }

    @Test("REB-5: impossible parameters are refused, and change nothing")
    func reb5ImpossibleParameters() throws {
        var pair = livePair(isSecured: false)
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        let before = pair.status(Pair.b).sessions
        let mark = pair.trace.count
        // More outstanding than the window holds.
        let position = ResumptionPosition(start: SequenceNumber(rawValue: 0), next: SequenceNumber(rawValue: 1000))
        pair.hand(rebuildRequest(session, number: 1, position: position, on: link2), to: Pair.b)
        #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.impossibleParameters))
        #expect(pair.status(Pair.b).sessions == before)
    }

    @Test("REB-5: rebuild for a session that was established without it is refused")
    func reb5NotSupported() throws {
        var pair = livePair(isSecured: false) { station, configuration in
            if station == Pair.b { configuration.session.supportsRebuild = false }
        }
        let session = try #require(pair.status(Pair.b).sessions.first?.description.identifier)
        let mark = pair.trace.count
        pair.hand(rebuildRequest(session, number: 1, position: nil, on: link2), to: Pair.b)
        #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.rebuildNotSupported))
    }

    @Test("REB-6: a rebuild is told when the peer's agent confirms it, with the time until then", arguments: [true, false])
    func reb6Confirmed(carriesPayloads: Bool) throws {
        var pair = livePair()
        pair.linkDown(link1, at: Pair.a)
        if carriesPayloads { pair.send(payloads(0..<1)) }
        let asked = try #require(pair.trace.last { entry in
            if case .event(let event) = entry.output { event.kind == .rebuildRequested } else { false }
        }).instant
        let told = pair.run(untilEvent: .rebuilt, at: Pair.a)
        let rebuilt = try #require(told)
        #expect(rebuilt.elapsed == .microseconds(100), "the request on the air")
        // A block acknowledgment, or else the next heartbeat.
        #expect(rebuilt.confirmed == pair.now - asked)
        #expect(carriesPayloads == (rebuilt.confirmed.map { $0 < .milliseconds(5) } ?? false))
        #expect(rebuilt.confirmed.map { $0 < .milliseconds(120) } ?? false)
    }

    @Test("REB-6: where the peer says that it has no link, the interruption goes on: it is told once, and retried ever later")
    func reb6NeverThere() {
        var pair = livePair()
        for link in [link1, link2] {
            pair.setFaults(from: Pair.a, on: link) { ($0.isCut, $0.forgesAcknowledgments) = (true, true) }
            pair.setFaults(from: Pair.b, on: link) { $0.forgesAcknowledgments = true }
        }
        let mark = pair.trace.count
        for number in 0..<200 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(100))
        }
        let kinds = pair.sessionEvents(at: Pair.a, since: mark)
        #expect(kinds.count { $0 == .interrupted } == 1 && !kinds.contains(.rebuilt))
        #expect(kinds.count { $0 == .rebuildRequested } < 150)
    }

    @Test("REB-6: a refusal after the MAC-level acknowledgment wins, and no rebuild is told")
    func reb6() throws {
        var pair = livePair()
        pair.kill(Pair.b)
        pair.run(untilEvent: .interrupted, at: Pair.a)
        pair.restart(Pair.b)
        let mark = pair.trace.count
        pair.run(untilEvent: .rebuildRequested, at: Pair.a)
        // The refusal follows at once; no heartbeat has to bring the difference to light.
        pair.run(for: .milliseconds(2))
        let kinds = pair.sessionEvents(at: Pair.a, since: mark)
        #expect(kinds.suffix(3) == [.refused, .sessionRequested, .establishedAnew] && !kinds.contains(.rebuilt))
        #expect(pair.status(Pair.a).sessions.map(\.rebuilds) == [0])
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
    }

    @Test("REB-6: the radio of an agent that died acknowledges, and brings no session back to life")
    func reb6DeadAgent() {
        var pair = livePair()
        pair.kill(Pair.b)
        pair.run(for: .seconds(10))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["interrupted"])
        #expect(pair.sessionEvents(at: Pair.a).filter { $0 == .rebuilt }.count <= 1)
    }

    @Test("REB-8: a duplicate or late rebuild request does not move the session back")
    func reb8LateRequest() throws {
        var pair = livePair(isSecured: false)
        pair.setDead(link1, true)
        pair.run(untilEvent: .rebuilt, at: Pair.b)
        let first = try #require(transmittedRequest(pair, rebuild: 1))
        pair.setDead(link1, false)
        pair.run(for: .seconds(1))
        pair.setDead(link2, true)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(10))
        let before = pair.status(Pair.b).sessions
        #expect(before.map(\.link) == [link1])
        let mark = pair.trace.count
        pair.hand(.frameReceived(link: link2, mpdu: first, signal: nil), to: Pair.b)
        #expect(pair.status(Pair.b).sessions == before)
        #expect(pair.sessionEvents(at: Pair.b, since: mark).isEmpty)
        #expect(pair.status(Pair.b).counters.stale == 1)
    }

    @Test(
        "REB-8: every frame of a session's life, given to its receiver again, changes nothing",
        arguments: AcknowledgmentSource.allCases)
    func reb8Replay(acknowledgment: AcknowledgmentSource) {
        var pair = livePair(acknowledgment: acknowledgment)
        pair.send(payloads(0..<5))
        pair.run(for: .milliseconds(50))
        pair.setDead(link1, true)
        pair.send(payloads(5..<9))
        pair.run(for: .milliseconds(500))
        pair.setDead(link1, false)
        pair.run(for: .seconds(1))
        let before = [pair.status(Pair.a).sessions, pair.status(Pair.b).sessions]
        let delivered = pair.delivered(at: Pair.b)
        #expect(delivered == payloads(0..<9))
        let mark = pair.trace.count
        for entry in pair.trace {
            guard case .transmit(let link, _, let mpdu) = entry.output, !isHeartbeat(mpdu) else { continue }
            pair.hand(.frameReceived(link: link, mpdu: mpdu, signal: nil), to: 1 - entry.station)
        }
        pair.run(for: .seconds(1))
        #expect([pair.status(Pair.a).sessions, pair.status(Pair.b).sessions] == before)
        #expect(pair.delivered(at: Pair.b) == delivered)
        #expect(pair.sessionEvents(at: Pair.a, since: mark).isEmpty)
        #expect(pair.sessionEvents(at: Pair.b, since: mark).isEmpty)
    }

    @Test("REB-8: a session that ended is not revived by a late request")
    func reb8Ended() throws {
        var pair = livePair(isSecured: false)
        let request = try #require(transmittedRequest(pair, rebuild: 0))
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.close(session)), to: Pair.a)
        pair.run(for: .milliseconds(100))
        #expect(pair.status(Pair.b).sessions.isEmpty)
        let mark = pair.trace.count
        pair.hand(.frameReceived(link: link1, mpdu: request, signal: nil), to: Pair.b)
        #expect(pair.status(Pair.b).sessions.isEmpty)
        pair.run(for: .seconds(1))
        #expect(pair.sessionEvents(at: Pair.b, since: mark) == [.refused])
    }

    // MARK: Frames by hand

    private func rebuildRequest(
        _ session: SessionIdentifier, number: UInt32, position: ResumptionPosition?, on link: LinkIdentifier
    ) -> Input {
        let element = SessionElement(
            flags: [.supportsRebuild, .rebuild], transmission: TransmissionNumber(rawValue: 1), session: session,
            rebuildNumber: number, position: position)
        let multiLink = BasicMultiLinkElement(mldAddress: Pair.mldAddress(Pair.a), linkID: link.rawValue)
        let request = AddBlockAckRequest(
            dialogToken: 1, parameters: BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 64),
            startingSequence: SequenceControl(sequence: 0), elements: [multiLink.element, element.element])
        let frame = ActionFrame(
            receiver: Pair.address(Pair.b, link), transmitter: Pair.address(Pair.a, link), bssid: .broadcast,
            action: .addBlockAckRequest(request))
        return .frameReceived(link: link, mpdu: frame.serialized(), signal: nil)
    }

    private func transmittedRequest(_ pair: Pair, rebuild number: UInt32) -> [UInt8]? {
        for case .transmit(_, _, let mpdu) in pair.trace.filter({ $0.station == Pair.a }).map(\.output) {
            guard case .addBlockAckRequest(let request) = try? ActionFrame(parsing: mpdu).action,
                (try? SessionElement(in: request.elements))?.rebuildNumber == number
            else { continue }
            return mpdu
        }
        return nil
    }

    private func isHeartbeat(_ mpdu: [UInt8]) -> Bool {
        guard case .vendorSpecific(let action) = try? ActionFrame(parsing: mpdu).action,
            case .heartbeat = try? PeerAction(body: action.body)
        else { return false }
        return true
    }
}
