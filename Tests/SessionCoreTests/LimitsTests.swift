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
        #expect(peer.ended.last == SessionIdentifier(rawValue: 99))
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
                isLive: true)
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
    func transmissions() throws {
        let configuration = EstablishTests.configuration
        var port = Port(configuration: configuration, seed: 1)
        port.radios[link1] = LinkProperties(address: Pair.address(Pair.a, link1), frequency: 2412, acknowledgment: .mac)
        var link = PeerLink(identifier: link1, address: Pair.address(Pair.b, link1))
        link.radioUp(at: port.now)
        for _ in 0..<Port.maximumTransmissions + 100 {
            port.send(.heartbeat, to: 0, on: link) { _, _, _ in [] }
        }
        #expect(port.transmissions.count == Port.maximumTransmissions)
        port.now = port.now + .seconds(10)
        while port.takeOverdue() != nil {}
        #expect(port.transmissions.isEmpty)
        #expect(port.overdue.count == Port.maximumOverdue)
    }

    @Test("a receiver holds no more than its window, and nothing beyond it")
    func window() {
        var window = RecipientWindow(size: 8)
        for number in 1..<1000 { _ = window.receive([0], SequenceNumber(rawValue: UInt32(number))) }
        #expect(window.held == 7)
        #expect(window.receive([0], SequenceNumber(rawValue: 8)) == .outsideWindow)
    }
}
