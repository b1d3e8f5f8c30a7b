import IEEE80211
import TestSupport
import Testing

@testable import SessionCore

/// What a peer can make this agent keep or send, however it behaves.
@Suite struct LimitsTests {
    private func engine(_ configure: (inout EngineConfiguration) -> Void = { _ in }) -> Engine {
        var configuration = EstablishTests.configuration
        configuration.peers[0].sessions = []
        configure(&configuration)
        return Engine(configuration: configuration, seed: 1)
    }

    private func element(_ session: UInt64, flags: SessionElement.Flags = [.supportsRebuild]) -> SessionElement {
        SessionElement(
            flags: flags, transmission: TransmissionNumber(rawValue: UInt32(truncatingIfNeeded: session)),
            session: SessionIdentifier(rawValue: session), rebuildNumber: flags.contains(.rebuild) ? 1 : 0)
    }

    private func request(_ session: UInt64, tid: Int, flags: SessionElement.Flags = [.supportsRebuild]) -> Action {
        let multiLink = BasicMultiLinkElement(mldAddress: Pair.mldAddress(Pair.b), linkID: 1)
        return .addBlockAckRequest(
            AddBlockAckRequest(
                dialogToken: 1, parameters: BlockAckParameterSet(policy: .delayed, tid: UInt8(tid), bufferSize: 1023),
                timeout: 0, startingSequence: SequenceControl(sequence: 0),
                elements: [multiLink.element, element(session, flags: flags).element]))
    }

    @Test("ROL-1: a peer has no more sessions here than sessions_per_peer, and one for each TID")
    func sessions() {
        var engine = engine { $0.limits.sessionsPerPeer = 3 }
        var peer = PlainPeer()
        peer.bringUp(&engine)
        for number in 0..<500 { peer.answer(request(UInt64(number) + 1, tid: number % 8), &engine) }
        #expect(engine.status().sessions.count == 3)
        #expect(Set(engine.status().sessions.map(\.description.tid)).count == 3)
    }

    @Test("REB-8: no more ended sessions are remembered than ended_sessions")
    func ended() {
        var configuration = EstablishTests.configuration
        configuration.limits.endedSessions = 10
        var port = Port(configuration: configuration, seed: 1)
        var peer = Peer(index: 0, configuration: configuration.peers[0], port: &port)
        for number in UInt64(0)..<100 { peer.bury(SessionIdentifier(rawValue: number), port) }
        #expect(peer.ended.count == 10)
        #expect(peer.ended.last?.session == SessionIdentifier(rawValue: 99))
    }

    @Test("REB-5: rebuild requests for sessions that nobody knows are refused and leave nothing behind")
    func unknownRebuilds() {
        var engine = engine()
        var peer = PlainPeer()
        peer.bringUp(&engine)
        for number in 0..<500 {
            peer.answer(request(UInt64(number) + 1, tid: 0, flags: [.supportsRebuild, .rebuild]), &engine)
            peer.answer(
                request(UInt64(number) + 1, tid: 0, flags: [.supportsRebuild, .rebuild, .fromReceiver]), &engine)
        }
        #expect(engine.status().sessions.isEmpty)
    }

    @Test("one heartbeat is answered by a handful of DELBAs, however many sessions it claims")
    func claims() {
        var engine = engine()
        var peer = PlainPeer()
        peer.bringUp(&engine)
        let entries = (0..<32).map {
            Heartbeat.Entry(
                session: SessionIdentifier(rawValue: $0 + 1), rebuildNumber: 0,
                role: $0 % 2 == 0 ? .initiator : .receiver,
                isLive: true, links: [link1])
        }
        let heartbeat = Heartbeat(
            flags: [.radioAcknowledges, .linkAlive], transmission: TransmissionNumber(rawValue: 9), interval: 98,
            sessions: entries)
        let mark = peer.outputs.count
        peer.answer(.vendorSpecific(PeerAction.heartbeat(heartbeat).action), &engine)
        let ends = peer.outputs[mark...].filter { output in
            guard case .transmit(_, _, let mpdu) = output, case .deleteBlockAck = try? ActionFrame(parsing: mpdu).action
            else { return false }
            return true
        }
        #expect(ends.count == Peer.unknownSessionsAnswered)
    }

    @Test("frames of which no radio ever tells the fate are forgotten, the oldest first")
    func transmissions() {
        var log = TransmissionLog(last: .max)
        func send(at seconds: Int) {
            let sent = MonotonicInstant(nanoseconds: 0) + .seconds(seconds)
            log.append(
                Transmission(
                    number: log.nextNumber, peer: 0, link: link1, purpose: .heartbeat, source: .mac, sent: sent,
                    deadline: sent + .milliseconds(50)))
        }
        for _ in 0..<TransmissionLog.capacity + 100 { send(at: 0) }
        #expect(log.waiting == TransmissionLog.capacity)
        #expect(log.take(TransmissionNumber(rawValue: 99), on: link1, from: .mac) == nil)
        let end = MonotonicInstant(nanoseconds: 0) + .seconds(10)
        while log.nextOverdue(at: end) != nil {}
        #expect(log.waiting == 0 && log.overdue == TransmissionLog.capacity && log.nextDeadline == nil)
        // One that comes late is understood for a second.
        #expect(log.take(TransmissionNumber(rawValue: 101), on: link1, from: .mac)?.isLate == true)
        send(at: 10)
        #expect(log.waiting == 1 && log.overdue == 0)
        #expect(log.take(TransmissionNumber(rawValue: 102), on: link1, from: .mac) == nil)
    }

    @Test("a receiver holds no more than its window, and nothing beyond it")
    func window() throws {
        var window = RecipientWindow(size: 8)
        var store = PayloadStore()
        let payload: [UInt8] = [0]
        for number in 1..<1000 as Range<UInt32> {
            let number = SequenceNumber(rawValue: number)
            guard window.reception(of: number) == .new else { continue }
            let inserted = store.insert(payload.span)
            let stored = try #require(inserted)
            window.receive(stored, length: 1, number) { _ in Issue.record("number 0 is missing") }
        }
        #expect(window.held == 7 && store.count == 7)
        #expect(window.reception(of: SequenceNumber(rawValue: 8)) == .outsideWindow)
    }
}
