import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// EST: establishment.
@Suite struct EstablishTests {
    @Test(
        "EST-1: request and response carry the indicator, both are acknowledged, and both ends know",
        arguments: AcknowledgmentSource.allCases)
    func est1(acknowledgment: AcknowledgmentSource) throws {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .milliseconds(300))
        let atInitiator = try #require(pair.event(.established, at: Pair.a))
        let atReceiver = try #require(pair.event(.established, at: Pair.b))

        #expect(atInitiator.link == link1)
        #expect(atInitiator.frames == 2)
        #expect(atInitiator.session?.role == .initiator)
        #expect(atReceiver.session?.role == .receiver)
        #expect(atInitiator.session?.identifier == atReceiver.session?.identifier)
        for station in [Pair.a, Pair.b] {
            let session = try #require(pair.status(station).sessions.first)
            #expect(session.state == "live" && session.isRebuildable && session.link == link1)
        }

        let sent = pair.sessionFrames(from: Pair.a).map(\.action)
        let answered = pair.sessionFrames(from: Pair.b).map(\.action)
        let request = try #require(
            sent.lazy.compactMap { if case .addBlockAckRequest(let request) = $0 { request } else { nil } }.first)
        let response = try #require(
            answered.lazy.compactMap { if case .addBlockAckResponse(let response) = $0 { response } else { nil } }.first
        )
        #expect(try SessionElement(in: request.elements)?.flags.contains(.supportsRebuild) == true)
        #expect(try SessionElement(in: response.elements)?.flags.contains(.supportsRebuild) == true)
        #expect(response.status == .success && response.dialogToken == request.dialogToken)
        // Where the radio does not acknowledge, each side's agent answers the other's frame, once.
        #expect(sent.count == (acknowledgment == .mac ? 1 : 2))
        #expect(answered.count == (acknowledgment == .mac ? 1 : 2))
    }

    @Test("EST-1: the receiver does not hold the session for established before its response is acknowledged")
    func est1ReceiverWaits() {
        // A heartbeat that follows the keys at once would tell that the session lives.
        var pair = Pair(links: 1, isSecured: false)
        // b's frames arrive, but their acknowledgments do not come back.
        pair.run { entry in
            if entry.station == Pair.b, case .event(let event) = entry.output {
                event.kind == .linkAlive
            } else {
                false
            }
        }
        pair.setFaults(from: Pair.b, on: link1) { $0.acknowledgmentLoss = 1 }
        pair.run(untilEvent: .established, at: Pair.a)
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["responding"])
    }

    @Test(
        "EST-1: a lost request or a lost response is repeated, and still makes one session",
        arguments: [Pair.a, Pair.b])
    func est1Repeats(lossy: Int) throws {
        var pair = Pair(links: 1)
        pair.run(untilEvent: .linkAlive, at: Pair.a)
        pair.setFaults(from: lossy, on: link1) { $0.frameLoss = 1 }
        pair.run(for: .milliseconds(5))
        pair.setFaults(from: lossy, on: link1) { $0.frameLoss = 0 }
        pair.run(untilEvent: .established, at: Pair.b)
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
        #expect(pair.sessionEvents(at: Pair.b).filter { $0 == .established }.count == 1)
    }

    @Test("EST-1: a heartbeat that brings the news on another link does not move the session there")
    func est1Heartbeat() throws {
        var pair = Pair(acknowledgment: .frame, isSecured: false)
        pair.run { Self.isResponse($0, on: link1) }
        // The initiator's acknowledgment of the response is lost; its heartbeat on the other link says that it has it.
        pair.setFaults(from: Pair.a, on: link1) { $0.frameLoss = 1 }
        pair.run(untilEvent: .established, at: Pair.b)
        #expect(pair.event(.established, at: Pair.a)?.link == link1)
        #expect(pair.event(.established, at: Pair.b)?.link == link1)
    }

    @Test("EST-1: of responses on two links, the one that the initiator takes first says where the session lives")
    func est1TwoResponses() throws {
        var pair = Pair(acknowledgment: .frame, isSecured: false) { station, configuration in
            configuration.health.frameAcknowledgmentTimeout = .milliseconds(station == Pair.b ? 50 : 20)
            // No heartbeat tells first.
            configuration.health.probeInterval = .milliseconds(50)
        }
        pair.run(untilEvent: .sessionRequested, at: Pair.a)
        // The first response is slow, so that the request is repeated on the other link; the second one is slower still.
        pair.setFaults(from: Pair.b, on: link1) { $0.delay = .milliseconds(22) }
        pair.setFaults(from: Pair.b, on: link2) { $0.delay = .milliseconds(60) }
        pair.run { Self.isResponse($0, on: link2) }
        pair.run(untilEvent: .established, at: Pair.b)
        #expect(pair.event(.established, at: Pair.a)?.link == link1)
        let established = try #require(pair.event(.established, at: Pair.b))
        #expect(established.link == link1)
        // The acknowledgment of the first response told it, no later heartbeat.
        #expect(try #require(established.elapsed) < .milliseconds(30))
    }

    /// Whether an output is station b's ADDBA Response on a link.
    private static func isResponse(_ entry: Pair.Entry, on wanted: LinkIdentifier) -> Bool {
        guard entry.station == Pair.b, case .transmit(let link, _, let mpdu) = entry.output, link == wanted,
            case .addBlockAckResponse? = try? ActionFrame(parsing: mpdu).action
        else { return false }
        return true
    }

    @Test(
        "EST-1: a link that dies in the middle of the dialogue delays the session, and does not prevent it",
        arguments: AcknowledgmentSource.allCases)
    func est1DiesMeanwhile(acknowledgment: AcknowledgmentSource) {
        var pair = Pair(links: 1, acknowledgment: acknowledgment)
        pair.run(untilEvent: .linkAlive, at: Pair.a)
        // The request arrives, the response does not, and then nothing does for a while.
        pair.setFaults(from: Pair.b, on: link1) { $0.isCut = true }
        pair.run(for: .milliseconds(1))
        pair.setDead(link1, true)
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["idle"])
        pair.setDead(link1, false)
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
    }

    @Test(
        "EST-2: a response without the indicator establishes a session that a loss ends, and that is established anew")
    func est2() throws {
        var pair = Pair { station, configuration in
            if station == Pair.b { configuration.session.supportsRebuild = false }
        }
        pair.run(untilEvent: .established, at: Pair.b)
        let first = try #require(pair.status(Pair.a).sessions.first)
        #expect(first.state == "live" && !first.isRebuildable)

        let mark = pair.trace.count
        pair.setDead(link1, true)
        let anewEvent = pair.run(untilEvent: .establishedAnew, at: Pair.a)
        let anew = try #require(anewEvent)
        #expect(anew.link == link2)
        #expect(anew.session?.identifier != first.description.identifier)
        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.ended, .sessionRequested, .establishedAnew])
        #expect(pair.events(at: Pair.a, since: mark).first { $0.kind == .ended }?.cause == .notRebuildable)
    }

    @Test("EST-2, EST-4: a plain 802.11 peer's response, without any element of ours, establishes a session")
    func est2PlainPeer() throws {
        var engine = Engine(configuration: Self.configuration, seed: 1)
        var plain = PlainPeer()
        plain.bringUp(&engine)
        let request = try #require(plain.request)
        let response = AddBlockAckResponse(
            dialogToken: request.dialogToken, status: .success, parameters: request.parameters)
        plain.answer(.addBlockAckResponse(response), &engine)
        let session = try #require(engine.status().sessions.first)
        #expect(session.state == "live" && !session.isRebuildable)
    }

    @Test("EST-2: a response that declines leaves no session and says why")
    func est2Declined() throws {
        var pair = Pair { station, configuration in
            if station == Pair.b { configuration.limits.sessionsPerPeer = 0 }
        }
        let refusedEvent = pair.run(untilEvent: .refused, at: Pair.a)
        let refused = try #require(refusedEvent)
        #expect(refused.cause == .refusal(.tooManySessions))
        #expect(pair.status(Pair.b).sessions.isEmpty)
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["idle"])
    }

    @Test("EST-2: a plain 802.11 peer that declines is asked again only after the longest back-off")
    func est2PlainPeerDeclines() throws {
        var engine = Engine(configuration: Self.configuration, seed: 1)
        var plain = PlainPeer()
        plain.bringUp(&engine)
        let request = try #require(plain.request)
        plain.answer(
            .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: request.dialogToken, status: .requestDeclined, parameters: request.parameters)),
            &engine)
        #expect(plain.events(.refused).map(\.cause) == [.refusal(.unspecified)])
        #expect(engine.status().sessions.map(\.state) == ["idle"])
    }

    @Test("EST-4: to a plain 802.11 peer our frames are ADDBA frames with elements that it can skip")
    func est4() {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        let actions = (pair.sessionFrames(from: Pair.a) + pair.sessionFrames(from: Pair.b)).map(\.action)
        #expect(actions.count == 2)
        let identifiers: [UInt8] = Environment.isSecured ? [255, 221, 221] : [255, 221]
        for action in actions {
            switch action {
            case .addBlockAckRequest(let request):
                #expect(request.parameters.tid == 0 && request.parameters.policy == .delayed)
                #expect(request.elements.map(\.id) == identifiers)
            case .addBlockAckResponse(let response): #expect(response.elements.map(\.id) == identifiers)
            default: #expect(Bool(false), "\(action) is not a frame of establishment")
            }
        }
    }

    static var configuration: EngineConfiguration {
        let peer = PeerConfiguration(
            mldAddress: Pair.mldAddress(Pair.b), links: [link1: Pair.address(Pair.b, link1)], sessions: [.bestEffort])
        return EngineConfiguration(mldAddress: Pair.mldAddress(Pair.a), peers: [peer])
    }

    @Test("EST-1: a window of 1024, for which the standard field has no room, in the ADDBA Extension element")
    func largestWindow() throws {
        var pair = Pair(links: 1) { _, configuration in configuration.session.bufferSize = 1024 }
        pair.run(for: .milliseconds(300))
        let actions = pair.sessionFrames(from: Pair.a).map(\.action) + pair.sessionFrames(from: Pair.b).map(\.action)
        let sizes = actions.compactMap { action -> Int? in
            switch action {
            case .addBlockAckRequest(let request):
                AddBlockAckExtension.bufferSize(of: request.parameters, request.elements)
            case .addBlockAckResponse(let response):
                AddBlockAckExtension.bufferSize(of: response.parameters, response.elements)
            default: nil
            }
        }
        #expect(sizes == [1024, 1024])
        // Radios acknowledge, but no block acknowledgment gets through: all that the window holds is sent, and no more.
        pair.setFaults(from: Pair.b, on: link1) { $0.frameLoss = 1 }
        let mark = pair.trace.count
        for step in 0..<11 {
            pair.send(payloads(step * 100..<(step + 1) * 100))
            pair.run(for: .milliseconds(3))
        }
        #expect(pair.payloadLinks(from: Pair.a, since: mark).count == 1024)
    }

    @Test("EST-1: what waits for a session goes out as soon as that is there", arguments: AcknowledgmentSource.allCases)
    func waiting(acknowledgment: AcknowledgmentSource) throws {
        var pair = Pair(links: 1, acknowledgment: acknowledgment)
        pair.send(payloads(0..<3))
        let established = try #require(
            pair.run {
                if $0.station == Pair.a, case .event(let event) = $0.output {
                    event.kind == .established
                } else {
                    false
                }
            })
        let sent = pair.trace.filter { entry in
            guard entry.station == Pair.a, case .transmit(_, _, let mpdu) = entry.output else { return false }
            return (try? MACHeader(parsing: mpdu.span))?.frameControl.kind == .qosData
        }
        #expect(sent.map(\.instant) == [established.instant, established.instant, established.instant])
    }
}
