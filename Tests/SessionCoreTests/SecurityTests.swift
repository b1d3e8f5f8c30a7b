import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// Two devices with a key, and somebody in range who has none. The attacker hears and records everything, sends with any
/// address, and changes what he likes.
@Suite struct SecurityTests {
    /// A pair with a key whose session has carried payloads.
    private static func live(
        links: Int = 2, acknowledgment: AcknowledgmentSource = .mac,
        configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) throws -> Pair {
        var pair = Pair(links: links, acknowledgment: acknowledgment, isSecured: true, configure: configure)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        pair.send(payloads(0..<3))
        pair.run(for: .milliseconds(50))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
        return pair
    }

    private static func refusals(_ pair: Pair, _ station: Int) -> SecurityRefusals {
        pair.status(station).counters.security
    }

    /// What must not change: sessions, links, what was delivered, what was told, and that nothing was sent in answer.
    private struct Untouched: Equatable {
        let peers: [[PeerLinkStatus]]
        let sessions: [SessionStatus]
        let deadline: Deadline?
        let outputs: Int

        init(_ pair: Pair, _ station: Int) {
            peers = pair.status(station).peers.map(\.links)
            sessions = pair.status(station).sessions
            deadline = pair.engines[station].nextDeadline
            outputs = pair.trace.count
        }
    }

    private static func isData(_ mpdu: [UInt8]) -> Bool {
        (try? MACHeader(parsing: mpdu.span))?.frameControl.kind == .qosData
    }

    // MARK: What is on the air

    @Test("keys come first, in two frames; then everything is protected", arguments: AcknowledgmentSource.allCases)
    func everythingIsProtected(acknowledgment: AcknowledgmentSource) throws {
        let pair = try Self.live(acknowledgment: acknowledgment)
        for station in [Pair.a, Pair.b] {
            #expect(pair.event(.secured, at: station) != nil)
            for (_, mpdu) in pair.frames(from: station) {
                if Self.isData(mpdu) {
                    #expect(mpdu[1] & 0x40 != 0)
                } else if (try? HandshakeFrame.message(in: ActionFrame(parsing: mpdu).action)) == nil {
                    let isProtected = ProtectionElement.isAtEnd(of: mpdu.span)
                    #expect(isProtected)
                }
            }
            #expect(Self.refusals(pair, station).notAuthentic == 0)
        }
        let security = try #require(pair.status(Pair.a).peers[0].security)
        #expect(security.fingerprint == Pair.key()?.fingerprint)
        #expect(security.keysSince != nil)
        #expect(security.dataPackets == 3)
    }

    @Test("nobody reads payloads")
    func nobodyReads() throws {
        var pair = try Self.live()
        let secret = Array("attack at dawn, by the river".utf8)
        pair.send([secret])
        pair.run(for: .milliseconds(50))
        #expect(pair.delivered(at: Pair.b).last == secret)
        for (_, mpdu) in pair.frames(from: Pair.a) {
            for start in mpdu.indices { #expect(!mpdu[start...].starts(with: secret)) }
        }
    }

    @Test("REB-1: the rebuild stays two frames, and needs no new keys", arguments: AcknowledgmentSource.allCases)
    func rebuildStaysTwoFrames(acknowledgment: AcknowledgmentSource) throws {
        var pair = try Self.live(acknowledgment: acknowledgment)
        let start = pair.trace.count
        pair.setDead(link1, true)
        pair.send(payloads(3..<6))
        #expect(pair.run(untilEvent: .rebuilt, at: Pair.a) != nil)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<6))
        #expect(pair.event(.rebuilt, at: Pair.a, since: start)?.frames == 1)
        #expect(pair.event(.secured, at: Pair.a, since: start) == nil)
        #expect(pair.status(Pair.a).peers[0].security?.handshakes == 1)
    }

    // MARK: Attacks

    @Test("every frame, said again, is counted and changes nothing")
    func replays() throws {
        var pair = try Self.live()
        let recorded = [Pair.a, Pair.b].map { pair.frames(from: $0) }
        for station in [Pair.a, Pair.b] {
            let protected = recorded[station].filter {
                (try? HandshakeFrame.message(in: ActionFrame(parsing: $0.mpdu).action)) == nil
            }
            let before = Untouched(pair, 1 - station)
            for (link, mpdu) in protected { pair.inject(mpdu, to: 1 - station, on: link) }
            #expect(Untouched(pair, 1 - station) == before)
            #expect(Self.refusals(pair, 1 - station).replayed == protected.count)
        }
    }

    @Test("a flipped bit among the first 200 octets behind the header: counted, and nothing changes")
    func flippedBits() throws {
        var pair = try Self.live()
        let start = pair.trace.count
        pair.send([Payload(repeating: 7, count: 300)])
        pair.run(for: .milliseconds(400))
        let recorded = pair.frames(from: Pair.a, since: start)
        let data = try #require(recorded.first { Self.isData($0.mpdu) })
        let heartbeat = try #require(recorded.first { !Self.isData($0.mpdu) })
        for (link, mpdu) in [data, heartbeat] {
            let header = Self.isData(mpdu) ? 26 : 24
            // Category and organization identifier are what makes an action frame one of ours.
            let first = Self.isData(mpdu) ? header : header + 5
            let before = Untouched(pair, Pair.b)
            let counted = Self.refusals(pair, Pair.b)
            for bit in first * 8..<min(mpdu.count, header + 200) * 8 {
                var forged = mpdu
                forged[bit / 8] ^= 1 << UInt8(bit % 8)
                pair.inject(forged, to: Pair.b, on: link)
            }
            #expect(Untouched(pair, Pair.b) == before)
            #expect(Self.refusals(pair, Pair.b) != counted)
        }
    }

    @Test("ROL-2, REB-5: forged requests, refusals, ends, heartbeats and acknowledgments are counted as unprotected")
    func forgeries() throws {
        var pair = try Self.live()
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        let number = TransmissionNumber(rawValue: .max / 2)
        func elements(_ flags: SessionElement.Flags, _ reason: RefusalReason, from station: Int) -> [Element] {
            [
                BasicMultiLinkElement(mldAddress: Pair.mldAddress(station), linkID: 2).element,
                SessionElement(flags: flags, reason: reason, transmission: number, session: session, rebuildNumber: 1)
                    .element,
            ]
        }
        let parameters = BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 64)
        func forge(from station: Int) -> [Action] {
            [
                .deleteBlockAck(
                    DeleteBlockAck(
                        initiator: station == Pair.a, tid: 0, reason: .endBlockAck,
                        elements: elements([], .unspecified, from: station))),
                .addBlockAckResponse(
                    AddBlockAckResponse(
                        dialogToken: 1, status: .requestDeclined, parameters: parameters,
                        elements: elements(.rebuild, .unknownSession, from: station))),
                .addBlockAckRequest(
                    AddBlockAckRequest(
                        dialogToken: 1, parameters: parameters, startingSequence: SequenceControl(sequence: 0),
                        elements: elements([.rebuild, .acknowledgmentRequested], .unspecified, from: station))),
                .vendorSpecific(
                    PeerAction.heartbeat(
                        Heartbeat(flags: .acknowledgmentRequested, transmission: number, interval: 1, sessions: [])
                    ).action),
                .vendorSpecific(
                    PeerAction.blockAcknowledgment(
                        BlockAcknowledgment(session: session, start: SequenceNumber(rawValue: 3), bitmap: [])
                    ).action),
            ]
        }
        for station in [Pair.a, Pair.b] {
            let before = Untouched(pair, 1 - station)
            for link in [link1, link2] {
                for action in forge(from: station) {
                    let frame = ActionFrame(
                        receiver: Pair.address(1 - station, link), transmitter: Pair.address(station, link),
                        bssid: .broadcast, action: action)
                    pair.inject(frame.serialized(), to: 1 - station, on: link)
                }
            }
            #expect(Untouched(pair, 1 - station) == before)
            #expect(Self.refusals(pair, 1 - station).unprotected == 10)
        }
        // A payload without protection, too.
        let body = PayloadFrame(
            header: PayloadHeader(transmission: number, session: session, sequence: SequenceNumber(rawValue: 3)),
            payload: [1])
        let payload = QoSDataFrame(
            receiver: Pair.address(Pair.b, link1), transmitter: Pair.address(Pair.a, link1), tid: 0, body: body.body)
        pair.inject(payload.serialized(), to: Pair.b, on: link1)
        #expect(Self.refusals(pair, Pair.b).unprotected == 11)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
    }

    @Test("a session that was overheard can't be rebuilt from another radio, nor by a frame carried to another link")
    func sniffedSession() throws {
        var pair = try Self.live()
        pair.setFaults(from: Pair.a, on: link2) { $0.isCut = true }
        pair.setDead(link1, true)
        let start = pair.trace.count
        pair.send(payloads(3..<4))
        #expect(pair.run(untilEvent: .rebuildRequested, at: Pair.a) != nil)
        // It never arrived: the attacker jammed it, and has the only copy.
        let request = try #require(
            pair.frames(from: Pair.a, since: start).last { frame in
                if case .addBlockAckRequest = try? ActionFrame(parsing: frame.mpdu).action { true } else { false }
            })
        let before = Untouched(pair, Pair.b)
        var moved = request.mpdu
        moved.replaceSubrange(4..<10, with: octets(Pair.address(Pair.b, link1)))
        moved.replaceSubrange(10..<16, with: octets(Pair.address(Pair.a, link1)))
        pair.inject(moved, to: Pair.b, on: link1)
        #expect(Untouched(pair, Pair.b) == before)
        #expect(Self.refusals(pair, Pair.b).notAuthentic == 1)
        moved.replaceSubrange(10..<16, with: [2, 0, 0, 0, 0, 9])
        pair.inject(moved, to: Pair.b, on: link1)
        #expect(Untouched(pair, Pair.b) == before)
        #expect(pair.status(Pair.b).counters.unknownSender == 1)
    }

    @Test("REB-8: a heartbeat that somebody held back, of the time of a loss, tears no session that was rebuilt since")
    func heldBackHeartbeat() throws {
        var pair = try Self.live()
        // The receiver hears of the loss first, and says so where the initiator can't hear it.
        pair.setDead(link1, true)
        let start = pair.trace.count
        #expect(pair.run(untilEvent: .rebuilt, at: Pair.a) != nil)
        pair.setDead(link1, false)
        pair.run(for: .seconds(2))
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        let held = pair.frames(from: Pair.b, since: start).filter { frame in
            guard frame.link == link1, case .vendorSpecific(let action)? = try? ActionFrame(parsing: frame.mpdu).action,
                case .heartbeat(let heartbeat)? = try? PeerAction(body: action.body)
            else { return false }
            return heartbeat.sessions.contains { $0.session == session && !$0.isLive }
        }
        #expect(!held.isEmpty)
        let stale = pair.status(Pair.a).counters.stale
        let later = pair.trace.count
        for (link, mpdu) in held { pair.inject(mpdu, to: Pair.a, on: link) }
        #expect(pair.status(Pair.a).counters.stale == stale + held.count)
        #expect(pair.event(.interrupted, at: Pair.a, since: later) == nil)
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
    }

    @Test("a payload that is carried to another link moves no session there")
    func carriedPayload() throws {
        var pair = try Self.live()
        let start = pair.trace.count
        pair.setFaults(from: Pair.a, on: link1) { $0.isCut = true }
        pair.send(payloads(3..<4))
        let payload = try #require(pair.frames(from: Pair.a, since: start).first { Self.isData($0.mpdu) })
        #expect(payload.link == link1)
        let before = Untouched(pair, Pair.b)
        var moved = payload.mpdu
        moved.replaceSubrange(4..<10, with: octets(Pair.address(Pair.b, link2)))
        moved.replaceSubrange(10..<16, with: octets(Pair.address(Pair.a, link2)))
        pair.inject(moved, to: Pair.b, on: link2)
        #expect(Untouched(pair, Pair.b) == before)
        #expect(Self.refusals(pair, Pair.b).wrongLink == 1)
    }

    @Test("EST-1: an indicator that somebody takes out of a request does not make a session without rebuild")
    func strippedIndicator() throws {
        var pair = Pair(isSecured: true)
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.jitter = .zero } }
        #expect(pair.run(untilEvent: .sessionRequested, at: Pair.a) != nil)
        let request = try #require(
            pair.frames(from: Pair.a).last { frame in
                if case .addBlockAckRequest = try? ActionFrame(parsing: frame.mpdu).action { true } else { false }
            })
        var stripped = request.mpdu
        let element = try #require(
            stripped.indices.first { stripped[$0...].starts(with: [0xd2, 0x52, 0x4c, 1, 1]) })
        stripped[element + 5] &= ~SessionElement.Flags.supportsRebuild.rawValue
        pair.inject(stripped, to: Pair.b, on: request.link)
        #expect(Self.refusals(pair, Pair.b).notAuthentic == 1)
        #expect(pair.status(Pair.b).sessions.isEmpty)
        #expect(pair.run(untilEvent: .established, at: Pair.b) != nil)
        #expect(pair.status(Pair.b).sessions.map(\.isRebuildable) == [true])
    }

    private func octets(_ address: MACAddress) -> [UInt8] { (0..<6).map { address.octet($0) } }
}
