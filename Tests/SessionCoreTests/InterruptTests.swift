import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// INT: interruption and retention.
@Suite struct InterruptTests {
    /// A pair whose session on the only link is interrupted, with payloads 0..<3 delivered and 3..<6 on their way.
    private func interruptedPair(_ configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }) -> Pair {
        var pair = Pair(links: 1, configure: configure)
        pair.run(for: .milliseconds(300))
        pair.send(payloads(0..<3))
        pair.run(for: .milliseconds(50))
        pair.setDead(link1, true)
        pair.send(payloads(3..<6))
        pair.run(for: .milliseconds(500))
        return pair
    }

    @Test("INT-1: the loss of the last link interrupts the session at both ends and ends it at none")
    func int1() throws {
        let pair = interruptedPair()
        for station in [Pair.a, Pair.b] {
            let session = try #require(pair.status(station).sessions.first)
            #expect(session.state == "interrupted")
            #expect(pair.event(.ended, at: station) == nil)
            #expect(pair.event(.interrupted, at: station)?.link == link1)
        }
        #expect(pair.status(Pair.a).sessions.first?.resumptionPosition == 3)
        #expect(pair.status(Pair.a).sessions.first?.queued == 3)
        #expect(pair.status(Pair.b).sessions.first?.resumptionPosition == 3)
    }

    @Test("INT-1: the rebuild parameters are those of the moment of interruption")
    func int1Parameters() throws {
        var pair = interruptedPair()
        let mark = pair.trace.count
        pair.setDead(link1, false)
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        let action = try #require(pair.sessionFrames(from: Pair.a, since: mark).first?.action)
        guard case .addBlockAckRequest(let request) = action else {
            Issue.record("\(action) is no rebuild request")
            return
        }
        let element = try #require(try SessionElement(in: request.elements))
        #expect(element.session == pair.status(Pair.a).sessions.first?.description.identifier)
        #expect(
            element.position
                == ResumptionPosition(start: SequenceNumber(rawValue: 3), next: SequenceNumber(rawValue: 6)))
        #expect(request.startingSequence == SequenceControl(sequence: 3))
        #expect(request.parameters == BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 256))
    }

    @Test(
        "INT-1: a session is not interrupted while another session of the same peer lives on the lost link's neighbour")
    func int1OnlyTheLastLink() {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        let mark = pair.trace.count
        pair.setDead(link2, true)
        pair.run(for: .seconds(1))
        #expect(pair.event(.linkLost, at: Pair.a, since: mark)?.link == link2)
        #expect(pair.sessionEvents(at: Pair.a, since: mark).isEmpty)
        #expect(pair.sessionEvents(at: Pair.b, since: mark).isEmpty)
    }

    @Test(
        "INT-2: after the retention time the session is dropped at both ends, the user is told, its payloads are counted"
    )
    func int2Expiry() throws {
        var pair = interruptedPair { _, configuration in configuration.limits.retention = .seconds(5) }
        pair.run(for: .seconds(6))
        let atInitiator = try #require(pair.event(.ended, at: Pair.a))
        #expect(atInitiator.cause == .retentionExpired)
        #expect(atInitiator.framesLost == 3)
        #expect(pair.event(.ended, at: Pair.b)?.cause == .retentionExpired)
        // The session is still wanted: it comes back by itself, as a new one.
        pair.setDead(link1, false)
        let anew = pair.run(untilEvent: .establishedAnew, at: Pair.a)
        #expect(anew?.session?.identifier != atInitiator.session?.identifier)
        #expect(anew != nil)
    }

    @Test("INT-2: too many octets in interrupted sessions: the oldest is dropped, told, counted")
    func int2Octets() throws {
        var pair = interruptedPair { _, configuration in configuration.limits.interruptedOctets = 10 }
        #expect(pair.event(.ended, at: Pair.a) == nil)
        pair.send(payloads(6..<9))
        // Once nothing is heard any more, no rebuild is tried: what is being rebuilt is not dropped.
        pair.run(for: .seconds(1))
        let ended = try #require(pair.event(.ended, at: Pair.a))
        #expect(ended.cause == .retentionLimit)
        #expect(ended.framesLost == 6)
    }

    @Test("INT-2: too many interrupted sessions: the one interrupted first is dropped")
    func int2Count() throws {
        var pair = Pair(links: 1) { station, configuration in
            configuration.limits.interruptedSessions = 1
            if station == Pair.a {
                configuration.peers[0].sessions = (0...1).compactMap(TrafficIdentifier.init)
            }
        }
        pair.run(for: .milliseconds(300))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live", "live"])
        pair.setDead(link1, true)
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["idle", "interrupted"])
        #expect(pair.event(.ended, at: Pair.a)?.cause == .retentionLimit)
        #expect(pair.status(Pair.b).sessions.count == 1)
    }

    @Test("INT-2: what one peer makes this device keep costs no other peer a session")
    func int2Peers() {
        var star = Star(peers: 2, acknowledgment: .mac, tids: [0, 5, 6])
        star.run(for: .seconds(1))
        star.send([1], to: 1)
        for link in [link1, link2] { star.linkDown(link, at: 0) }
        star.send([2], to: 1)
        for tid in [0, 5, 6].compactMap(TrafficIdentifier.init) {
            for _ in 0..<1000 { star.send(Payload(repeating: 0, count: 2300), to: 2, tid: tid) }
        }
        let sessions = star.sessions(of: 0).filter { $0.description.role == .initiator }
        let states = [1, 2].map { station in
            sessions.filter { $0.peer == Pair.mldAddress(station) }.map(\.state)
        }
        #expect(states == [["interrupted", "interrupted", "interrupted"], ["idle", "idle", "interrupted"]])
        #expect(sessions.first?.queued == 2)
    }

    @Test("INT-2: the queue of a session is bounded, and what it does not take is counted")
    func int2Queue() {
        var pair = interruptedPair { _, configuration in configuration.limits.queuedPayloads = 4 }
        pair.send(payloads(6..<9))
        #expect(pair.status(Pair.a).sessions.first?.queued == 4)
        #expect(pair.status(Pair.a).counters.refusedPayloads == 2)
    }
}
