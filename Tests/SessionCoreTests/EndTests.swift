import IEEE80211
import TestSupport
import Testing
import VirtualAir

@testable import SessionCore

/// ROL: roles and ends.
@Suite struct EndTests {
    private func livePair(_ configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }) -> Pair {
        var pair = Pair(configure: configure)
        pair.run(for: .milliseconds(300))
        return pair
    }

    @Test("ROL-2: the user ends a session at either end, and both ends agree on it", arguments: [Pair.a, Pair.b])
    func rol2User(station: Int) throws {
        var pair = livePair()
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.close(session)), to: station)
        pair.run(for: .seconds(2))
        #expect(pair.event(.ended, at: station)?.cause == .userRequest)
        #expect(pair.event(.ended, at: 1 - station)?.cause == .peerRequest)
        #expect(pair.status(Pair.a).sessions.isEmpty)
        #expect(pair.status(Pair.b).sessions.isEmpty)
    }

    @Test(
        "ROL-2: a DELBA that gets lost is repeated; one that is lost for good comes to light in the heartbeats",
        arguments: [Pair.a, Pair.b])
    func rol2LostDeletion(station: Int) throws {
        var pair = livePair()
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        for link in [link1, link2] { pair.setFaults(from: station, on: link) { $0.isCut = true } }
        pair.hand(.command(.close(session)), to: station)
        pair.run(for: .milliseconds(40))
        #expect(pair.status(1 - station).sessions.map(\.state) != [])
        for link in [link1, link2] { pair.setFaults(from: station, on: link) { $0.isCut = false } }
        pair.run(for: .seconds(3))
        #expect(pair.status(station).sessions.contains { $0.description.identifier == session } == false)
        #expect(pair.status(1 - station).sessions.contains { $0.description.identifier == session } == false)
    }

    @Test("ROL-2: a session that carries nothing for the negotiated time ends at both ends")
    func rol2Inactivity() {
        var pair = livePair { _, configuration in configuration.session.inactivityTimeout = 1000 }
        pair.send(payloads(0..<1))
        pair.run(for: .milliseconds(900))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        pair.run(for: .seconds(1))
        #expect(pair.event(.ended, at: Pair.a)?.cause == .inactivity)
        #expect(pair.event(.ended, at: Pair.b)?.cause == .inactivity)
        #expect(pair.status(Pair.a).sessions.isEmpty)
        #expect(pair.status(Pair.b).sessions.isEmpty)
    }

    @Test("ROL-2: the initiator ends an inactive session by itself, with a DELBA of reason TIMEOUT")
    func rol2InitiatorInactivity() throws {
        var configuration = EstablishTests.configuration
        configuration.session.inactivityTimeout = 100
        var engine = Engine(configuration: configuration, seed: 1)
        var plain = PlainPeer()
        plain.bringUp(&engine)
        let request = try #require(plain.request)
        plain.answer(
            .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: request.dialogToken, status: .success, parameters: request.parameters, timeout: 100)),
            &engine)
        for _ in 0..<20 where plain.events(.ended).isEmpty { plain.waitForDeadline(&engine) }
        #expect(plain.events(.ended).map(\.cause) == [.inactivity])
        let reasons = plain.outputs.compactMap { output -> ReasonCode? in
            guard case .transmit(_, _, let mpdu) = output,
                case .deleteBlockAck(let deletion) = try? ActionFrame(parsing: mpdu).action
            else { return nil }
            return deletion.reason
        }
        #expect(reasons == [.timeout])
    }

    @Test("ROL-2: an agent that stops says so; when it is back, the session is established anew")
    func rol2Leaving() {
        var pair = livePair()
        let mark = pair.trace.count
        pair.hand(.command(.shutDown), to: Pair.b)
        // While it takes leave its agent still answers, and is left in peace.
        pair.run(for: .milliseconds(200))
        #expect(pair.sessionEvents(at: Pair.a, since: mark) == [.ended])
        pair.kill(Pair.b)
        #expect(pair.event(.ended, at: Pair.b)?.cause == .userRequest)
        #expect(pair.event(.ended, at: Pair.a)?.cause == .peerLeaving)
        pair.run(for: .seconds(3))
        pair.restart(Pair.b)
        let anew = pair.run(untilEvent: .establishedAnew, at: Pair.a)
        #expect(anew != nil)
    }

    @Test("ROL-2: a DELBA without the session element, as kernels send it, ends nothing")
    func rol2PlainDeletion() {
        var pair = livePair { _, configuration in configuration.peers[0].sessions = [.bestEffort] }
        let before = [Pair.a, Pair.b].map { pair.status($0).sessions.map(\.state) }
        let mark = pair.trace.count
        for station in [Pair.a, Pair.b] {
            for isInitiator in [true, false] {
                for reason in [ReasonCode.leaving, .endBlockAck, .unknownBlockAck, .timeout] {
                    let frame = ActionFrame(
                        receiver: Pair.address(station, link1), transmitter: Pair.address(1 - station, link1),
                        bssid: .broadcast,
                        action: .deleteBlockAck(DeleteBlockAck(initiator: isInitiator, tid: 0, reason: reason)))
                    pair.inject(frame.serialized(), to: station, on: link1)
                }
            }
            // With a key they are refused before that: as unprotected.
            #expect(pair.status(station).counters.foreign == (Environment.isSecured ? 0 : 8))
        }
        pair.send(payloads(0..<3))
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
        #expect([Pair.a, Pair.b].map { pair.status($0).sessions.map(\.state) } == before)
        for station in [Pair.a, Pair.b] { #expect(pair.sessionEvents(at: station, since: mark).isEmpty) }
    }

    @Test("ROL-1: both agents initiate a session with the same TID, and each lives")
    func rol1() {
        var pair = livePair { _, configuration in configuration.peers[0].sessions = [.bestEffort] }
        pair.run(for: .milliseconds(300))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.map(\.state) == ["live", "live"])
            #expect(pair.status(station).sessions.map(\.description.role) == [.initiator, .receiver])
        }
        pair.send(payloads(0..<5), from: Pair.a)
        pair.send(payloads(5..<9), from: Pair.b)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<5))
        #expect(pair.delivered(at: Pair.a) == payloads(5..<9))
    }

    @Test("ROL-2: an agent that is to remember no sessions that ended goes on", arguments: [Pair.a, Pair.b])
    func rememberingNone(station: Int) throws {
        var pair = livePair { _, configuration in configuration.limits.endedSessions = 0 }
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.close(session)), to: station)
        pair.run(for: .seconds(1))
        for station in [Pair.a, Pair.b] { #expect(pair.status(station).sessions.isEmpty) }
    }

    @Test("a session that is closed before it was agreed on tells what is lost, and keeps nothing")
    func closedBeforeAgreed() throws {
        var pair = Pair(links: 1)
        pair.setDead(link1, true)
        pair.run(for: .seconds(1))
        pair.send(payloads(0..<3))
        let session = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.close(session)), to: Pair.a)
        let ended = try #require(pair.event(.ended, at: Pair.a))
        #expect(ended.cause == .userRequest && ended.framesLost == 3)
        #expect(pair.engines[Pair.a].port.store.count == 0)
    }

    @Test("REB-5: what a receiver holds goes with the session that the initiator does not know any more")
    func refusedReceiver() throws {
        var pair = livePair()
        pair.dropsPayloads = true
        pair.send(payloads(0..<1))
        pair.run(for: .milliseconds(1))
        pair.dropsPayloads = false
        pair.send(payloads(1..<2))
        pair.run(for: .milliseconds(1))
        #expect(pair.engines[Pair.b].port.store.count == 1)
        pair.kill(Pair.a)
        pair.restart(Pair.a)
        pair.linkDown(link1, at: Pair.b)
        pair.run(untilEvent: .ended, at: Pair.b)
        #expect(pair.event(.ended, at: Pair.b)?.framesLost == 1)
        #expect(pair.engines[Pair.b].port.store.count == 0)
    }

    @Test("a refusal of a rebuild that nobody asked for ends nothing")
    func unaskedRefusal() throws {
        var pair = Pair(isSecured: false)
        pair.run(for: .milliseconds(300))
        let session = try #require(pair.status(Pair.b).sessions.first?.description.identifier)
        let element = SessionElement(
            flags: [.rebuild, .fromReceiver], reason: .unknownSession, transmission: TransmissionNumber(rawValue: 7),
            session: session, rebuildNumber: 0)
        pair.inject(Pair.refusal(element, from: Pair.a, on: link1), to: Pair.b, on: link1)
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.b).counters.stale == 1)
    }

    @Test("ROL-2, REB-5: a receiver that was started again while payloads come is found out, on the only link, too")
    func restartUnderLoad() {
        var pair = Pair(links: 1, isSecured: false)
        pair.run(for: .milliseconds(300))
        pair.kill(Pair.b)
        pair.restart(Pair.b)
        // Its radio acknowledges each of them, so the link seems to need no heartbeat.
        for number in 0..<100 {
            pair.send(payloads(number..<number + 1))
            pair.run(for: .milliseconds(20))
        }
        pair.run(for: .seconds(1))
        #expect(pair.event(.establishedAnew, at: Pair.a) != nil)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<100))
    }
}
