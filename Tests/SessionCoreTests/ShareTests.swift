import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// SHR: sharing.
@Suite struct ShareTests {
    private let both: LinkSet = [link1, link2]

    private func livePair(
        links: Int = 2, acknowledgment: AcknowledgmentSource = .mac, sharing: SharingPolicy = .always,
        isSecured: Bool = Environment.isSecured,
        _ configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) -> Pair {
        var pair = Pair(links: links, acknowledgment: acknowledgment, isSecured: isSecured) { station, configuration in
            configuration.session.sharing = sharing
            configure(station, &configuration)
        }
        pair.run(for: .milliseconds(300))
        return pair
    }

    @Test(
        "SHR-1: one request and its acknowledgment let a session live on further links",
        arguments: AcknowledgmentSource.allCases)
    func shr1(acknowledgment: AcknowledgmentSource) throws {
        var pair = livePair(links: 3, acknowledgment: acknowledgment, sharing: .manual)
        let session = try #require(pair.status(Pair.a).sessions.first)
        #expect(session.links == [link1] && session.isShareable)
        let mark = pair.trace.count
        pair.hand(.command(.share(session.description.identifier, [link2, link3])), to: Pair.a)
        pair.run(for: .milliseconds(50))
        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.shareRequested, .shared])
        let shared = try #require(pair.event(.shared, at: Pair.a, since: mark))
        #expect(shared.frames == 1 && shared.links == [link1, link2, link3])
        for station in [Pair.a, Pair.b] { #expect(pair.status(station).sessions.map(\.links) == [shared.links]) }
        #expect(pair.event(.shared, at: Pair.b, since: mark)?.links == shared.links)

        let requests = pair.sessionFrames(from: Pair.a, since: mark)
        #expect(requests.map(\.link) == [link1])
        guard case .addBlockAckRequest(let request) = requests.first?.action else {
            Issue.record("the request to share is no ADDBA Request")
            return
        }
        let element = try #require(try SessionElement(in: request.elements))
        #expect(element.flags.isSuperset(of: [.supportsSharing, .sharing]) && element.links == shared.links)
        let answers = pair.sessionFrames(from: Pair.b, since: mark).map(\.own)
        #expect(answers == (acknowledgment == .mac ? [] : [.sessionAcknowledgment(element.transmission)]))
    }

    @Test("SHR-1: without the indicator of the other side nothing is asked for, and a request is refused")
    func shr1Refused() throws {
        var pair = livePair(isSecured: false) { station, configuration in
            if station == Pair.b { configuration.session.supportsSharing = false }
        }
        #expect(!pair.sessionEvents(at: Pair.a).contains(.shareRequested))
        let session = try #require(pair.status(Pair.b).sessions.first)
        let mark = pair.trace.count
        let element = SessionElement(
            flags: [.supportsSharing, .sharing], transmission: TransmissionNumber(rawValue: 1),
            session: session.description.identifier, rebuildNumber: 1, links: both)
        pair.hand(request(element, on: link1), to: Pair.b)
        #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.sharingNotSupported))
        #expect(pair.status(Pair.b).sessions.map(\.links) == [[link1]])
    }

    @Test("SHR-1: links that the two have not in common are refused, and an unknown session is established anew")
    func shr1Impossible() throws {
        var pair = livePair(sharing: .manual, isSecured: false)
        let session = try #require(pair.status(Pair.b).sessions.first).description.identifier
        func element(_ session: SessionIdentifier, _ links: LinkSet) -> SessionElement {
            SessionElement(
                flags: [.supportsSharing, .sharing], transmission: TransmissionNumber(rawValue: 1), session: session,
                rebuildNumber: 1, links: links)
        }
        var mark = pair.trace.count
        pair.hand(request(element(session, [link1, link3]), on: link1), to: Pair.b)
        #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.impossibleParameters))
        mark = pair.trace.count
        pair.hand(request(element(SessionIdentifier(rawValue: 7), both), on: link1), to: Pair.b)
        #expect(pair.event(.refused, at: Pair.b, since: mark)?.cause == .refusal(.unknownSession))

        // The refusals of what a never asked for arrive, and mean nothing.
        pair.run(for: .milliseconds(1))
        mark = pair.trace.count
        pair.restart(Pair.b)
        pair.hand(.command(.share(session, [link2])), to: Pair.a)
        pair.run(untilEvent: .establishedAnew, at: Pair.a)
        #expect(pair.event(.refused, at: Pair.a, since: mark)?.cause == .refusal(.unknownSession))
    }

    @Test("SHR-1, REB-6: a refusal after the MAC-level acknowledgment wins; the session goes on as it was")
    func shr1RefusedLate() throws {
        var pair = livePair(sharing: .manual, isSecured: false)
        let session = try #require(pair.status(Pair.a).sessions.first).description.identifier
        pair.hand(.command(.share(session, [link2])), to: Pair.a)
        pair.run(untilEvent: .shared, at: Pair.a)
        let element = SessionElement(
            flags: [.sharing], reason: .sharingNotSupported, transmission: TransmissionNumber(rawValue: 1),
            session: session, rebuildNumber: 1)
        pair.inject(Pair.refusal(element, from: Pair.b, on: link1), to: Pair.a, on: link1)
        #expect(pair.event(.refused, at: Pair.a)?.cause == .refusal(.sharingNotSupported))
        let after = try #require(pair.status(Pair.a).sessions.first)
        #expect(after.links == [link1] && !after.isShareable && after.state == "live")
    }

    private func request(_ element: SessionElement, on link: LinkIdentifier) -> Input {
        let multiLink = BasicMultiLinkElement(mldAddress: Pair.mldAddress(Pair.a), linkID: link.rawValue)
        let request = AddBlockAckRequest(
            dialogToken: 9, parameters: BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 256), timeout: 0,
            startingSequence: SequenceControl(sequence: 0), elements: [multiLink.element, element.element])
        let frame = ActionFrame(
            receiver: Pair.address(Pair.b, link), transmitter: Pair.address(Pair.a, link), bssid: .broadcast,
            action: .addBlockAckRequest(request))
        return .frameReceived(link: link, mpdu: frame.serialized(), signal: nil)
    }

    @Test("SHR-2: frames leave on all links, and arrive once and in order", arguments: AcknowledgmentSource.allCases)
    func shr2(acknowledgment: AcknowledgmentSource) {
        var pair = livePair(acknowledgment: acknowledgment) { station, configuration in
            configuration.session.bufferSize = 1000
        }
        pair.setFaults(from: Pair.a, on: link2) { $0.delay = .milliseconds(3) }
        // Heartbeats measure the round trip.
        pair.run(for: .seconds(1))
        let mark = pair.trace.count
        for step in 0..<20 {
            pair.send(payloads(step * 40..<(step + 1) * 40))
            pair.run(for: .milliseconds(2))
        }
        pair.run(for: .milliseconds(200))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<800))
        let sent = Dictionary(grouping: pair.payloadLinks(from: Pair.a, since: mark)) { $0 }.mapValues(\.count)
        #expect(sent[link1, default: 0] > 100 && sent[link2, default: 0] > 20, "\(sent)")
        #expect(pair.status(Pair.b).counters.duplicatePayloads == 0)
    }

    @Test(
        "SHR-3: losing one of two links interrupts nothing and loses nothing; what was outstanding goes on at once",
        arguments: AcknowledgmentSource.allCases)
    func shr3(acknowledgment: AcknowledgmentSource) {
        var pair = livePair(acknowledgment: acknowledgment)
        var next = 0
        for dead in [link1, link2, link1] {
            let mark = pair.trace.count
            for step in 0..<60 {
                if step == 10 { pair.setDead(dead, true) }
                // So many that one link alone has no room for all.
                pair.send(payloads(next..<next + 40))
                next += 40
                pair.run(for: .milliseconds(2))
            }
            pair.setDead(dead, false)
            pair.run(for: .seconds(1))
            let kinds = pair.sessionEvents(at: Pair.a, since: mark)
            #expect(kinds == [.sharedLinkLost, .shareRequested, .shared])
            #expect(pair.event(.sharedLinkLost, at: Pair.a, since: mark)?.link == dead)
            #expect(pair.status(Pair.b).sessions.map(\.links) == [both])
        }
        #expect(pair.delivered(at: Pair.b) == payloads(0..<next))
    }

    @Test("SHR-3: what is outstanding on a link goes out on the other at the instant of the loss")
    func shr3AtOnce() throws {
        var pair = livePair()
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.delay = .milliseconds(5) } }
        pair.send(payloads(0..<8))
        let links = pair.payloadLinks(from: Pair.a)
        let lost = try #require(links.first)
        let other = lost == link1 ? link2 : link1
        let mark = pair.trace.count
        pair.linkDown(lost, at: Pair.a)
        let again = pair.payloadLinks(from: Pair.a, since: mark)
        #expect(again == Array(repeating: other, count: links.filter { $0 == lost }.count))
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<8))
    }

    @Test(
        "SHR-3, INT-1: losing the last link interrupts a shared session, and it is rebuilt on the first that comes back"
    )
    func shr3LastLink() {
        var pair = livePair()
        pair.send(payloads(0..<5))
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.a)
        pair.linkDown(link2, at: Pair.a)
        #expect(pair.sessionEvents(at: Pair.a, since: mark).prefix(2) == [.sharedLinkLost, .interrupted])
        pair.send(payloads(5..<10))
        pair.linkUp(link2, at: Pair.a)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<10))
        #expect(pair.status(Pair.a).sessions.map(\.links) == [[link2]])
    }

    @Test("SHR-4: a link that gets worse is joined by another before it breaks")
    func shr4() throws {
        var pair = livePair(sharing: .whenWorse)
        #expect(!pair.sessionEvents(at: Pair.a).contains(.shareRequested))
        pair.setFaults(from: Pair.a, on: link1) { $0.frameLoss = 0.5 }
        for step in 0..<200 where pair.event(.shared, at: Pair.a) == nil {
            pair.send(payloads(step..<step + 1))
            pair.run(for: .milliseconds(5))
        }
        let shared = try #require(pair.event(.shared, at: Pair.a))
        #expect(shared.links == both)
    }

    @Test("SHR-2: the receiver learns from a heartbeat on which links the initiator holds the session for live")
    func shr2Heartbeat() throws {
        var pair = livePair(sharing: .manual)
        let session = try #require(pair.status(Pair.a).sessions.first).description.identifier
        pair.hand(.command(.share(session, [link2])), to: Pair.a)
        pair.run(for: .milliseconds(50))
        // Only what a sends gets lost: a takes the link out, and b would not know.
        pair.setFaults(from: Pair.a, on: link2) { $0.frameLoss = 1 }
        pair.run(untilEvent: .sharedLinkLost, at: Pair.a)
        pair.run(for: .milliseconds(250))
        #expect(pair.status(Pair.b).sessions.map(\.links) == [[link1]])
    }

    @Test("mirrored TIDs go out on all links, and the loss of one costs nothing")
    func mirrored() {
        var pair = livePair { _, configuration in configuration.session.mirroredTIDs = [.bestEffort] }
        let mark = pair.trace.count
        pair.send(payloads(0..<4))
        pair.run(for: .milliseconds(20))
        let links = pair.payloadLinks(from: Pair.a, since: mark)
        #expect(links.filter { $0 == link1 }.count == 4 && links.filter { $0 == link2 }.count == 4)
        pair.setDead(link1, true)
        let before = pair.trace.count
        pair.send(payloads(4..<5))
        pair.run(for: .milliseconds(1))
        #expect(pair.trace[before...].contains { if case .deliver = $0.output { true } else { false } })
        #expect(pair.delivered(at: Pair.b) == payloads(0..<5))
    }

    @Test("REB-3: data follows the rebuild request at once, and a refusal loses and doubles nothing")
    func behindTheRequest() throws {
        var pair = livePair(sharing: .manual)
        pair.setDead(link1, true)
        pair.send(payloads(0..<3))
        let mark = pair.trace.count
        pair.run(untilEvent: .rebuildRequested, at: Pair.a)
        let sent = pair.trace[mark...].filter { entry in
            if entry.station == Pair.a, case .transmit(link2, _, _) = entry.output { true } else { false }
        }
        #expect(pair.payloadLinks(from: Pair.a, since: mark) == [link2, link2])
        #expect(Set(sent.suffix(3).map(\.instant)).count == 1, "the request and two payloads, at one instant")
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))

        pair.setDead(link1, false)
        pair.run(for: .seconds(1))
        pair.kill(Pair.b)
        pair.setDead(link2, true)
        pair.send(payloads(3..<6))
        pair.restart(Pair.b)
        pair.run(untilEvent: .establishedAnew, at: Pair.a)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<6))
    }

    @Test(
        "mirrored payloads say nothing of their links where acknowledgments come in frames: none is held for bad by that"
    )
    func mirroredInFrames() {
        var pair = livePair(acknowledgment: .frame) { _, configuration in
            configuration.session.mirroredTIDs = [.bestEffort]
        }
        let mark = pair.trace.count
        for number in 0..<200 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(5))
        }
        #expect(pair.delivered(at: Pair.b) == payloads(0..<200))
        #expect(pair.payloadLinks(from: Pair.a, since: mark).count { $0 == link2 } >= 200)
        let about: [Event.Kind] = [.linkSuspect, .linkLost]
        #expect(pair.events(at: Pair.a, since: mark).allSatisfy { !about.contains($0.kind) })
        // A link that dies is noticed all the same.
        pair.setDead(link1, true)
        #expect(pair.run(limit: .milliseconds(200), untilEvent: .sharedLinkLost, at: Pair.a)?.link == link1)
        // And the copies that were on their way on the other one say nothing against that.
        let lost = pair.trace.count
        for number in 200..<300 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(1))
        }
        #expect(pair.events(at: Pair.a, since: lost).allSatisfy { $0.link != link2 || !about.contains($0.kind) })
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<300))
    }

    @Test(
        "SHR-4: a request to share that the peer's own rebuild has overtaken does not keep the session from being shared"
    )
    func overtakenByRebuild() throws {
        var pair = livePair(sharing: .manual)
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .milliseconds(30) }
        pair.hand(.command(.share(session, [link2])), to: Pair.a)
        pair.linkDown(link1, at: Pair.b)
        pair.run(for: .milliseconds(5))
        #expect(pair.status(Pair.a).sessions.map(\.links) == [[link2]])
        // The fate of the request will never be known.
        pair.linkDown(link1, at: Pair.a)
        pair.run(for: .milliseconds(50))
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .microseconds(100) }
        for station in [Pair.a, Pair.b] { pair.linkUp(link1, at: station) }
        pair.run(for: .seconds(2))
        let mark = pair.trace.count
        pair.hand(.command(.share(session, [link1])), to: Pair.a)
        pair.run(for: .milliseconds(50))
        #expect(pair.event(.shared, at: Pair.a, since: mark)?.links == both)
    }

    @Test("SHR-3, INT-1: a receiver that is told of a link which is lost there is interrupted with its last one")
    func lastUsableLink() {
        var pair = livePair()
        // No acknowledgment comes back to the receiver on one of the links: it lists that no more, and the initiator leaves it out.
        pair.setFaults(from: Pair.b, on: link2) { $0.acknowledgmentLoss = 1 }
        pair.run(untilEvent: .linkLost, at: Pair.b)
        pair.run(for: .seconds(1))
        let lost = pair.events(at: Pair.a).filter { $0.kind == .sharedLinkLost }
        #expect(lost.map(\.link) == [link2] && lost.map(\.cause) == [.peerLostLink])
        for station in [Pair.a, Pair.b] { #expect(pair.status(station).sessions.map(\.links) == [[link1]]) }
        // What comes there does not bring it back at once, again and again.
        let mark = pair.trace.count
        for number in 0..<100 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(2))
        }
        #expect(pair.delivered(at: Pair.b) == payloads(0..<100))
        #expect(pair.events(at: Pair.b, since: mark).count { $0.kind == .linkLost } <= 1)
        pair.kill(Pair.a)
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["interrupted"])
    }

    @Test("REB-6: a late refusal to share, when the link of before is lost, makes the session be rebuilt")
    func refusedLate() throws {
        var pair = livePair(sharing: .manual, isSecured: false)
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.share(session, [link2])), to: Pair.a)
        pair.run(for: .milliseconds(50))
        pair.linkDown(link1, at: Pair.a)
        #expect(pair.status(Pair.a).sessions.map(\.links) == [[link2]])
        let mark = pair.trace.count
        let element = SessionElement(
            flags: [.sharing], reason: .impossibleParameters, transmission: TransmissionNumber(rawValue: 7),
            session: session, rebuildNumber: 1)
        pair.inject(Pair.refusal(element, from: Pair.b, on: link2), to: Pair.a, on: link2)
        pair.send(payloads(0..<3))
        pair.run(for: .milliseconds(50))
        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.refused, .interrupted, .rebuildRequested, .rebuilt])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
    }

    @Test("INT-1: a payload on a link that was lost makes that the session's, and its next loss is noticed")
    func livesOnALostLink() throws {
        var pair = livePair(isSecured: false) { _, configuration in configuration.session.supportsSharing = false }
        let session = try #require(pair.status(Pair.b).sessions.first?.description.identifier)
        pair.setFaults(from: Pair.b, on: link2) { $0.acknowledgmentLoss = 1 }
        pair.run(untilEvent: .linkLost, at: Pair.b)
        // The initiator has moved, and its request got lost behind its acknowledgment.
        pair.kill(Pair.a)
        var last: UInt32 = 0
        for case .transmit(_, let number, _) in pair.trace.filter({ $0.station == Pair.a }).map(\.output) {
            last = number.rawValue
        }
        let header = PayloadHeader(
            transmission: TransmissionNumber(rawValue: last &+ 1), session: session,
            sequence: SequenceNumber(rawValue: 0))
        let frame = QoSDataFrame(
            receiver: Pair.address(Pair.b, link2), transmitter: Pair.address(Pair.a, link2), tid: 0,
            body: PayloadFrame(header: header, payload: [1, 2]).body)
        pair.inject(frame.serialized(), to: Pair.b, on: link2)
        #expect(pair.status(Pair.b).sessions.map(\.links) == [[link2]])
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["interrupted"])
    }
}
