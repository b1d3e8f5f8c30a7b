import IEEE80211
import SessionCore
import TestSupport
import Testing

/// ROL-1: sessions that nobody configured, made when the host has something to send.
@Suite struct OnDemandTests {
    /// Two devices that want no session by themselves.
    private func pair(_ configure: (inout EngineConfiguration) -> Void = { _ in }) -> Pair {
        var pair = Pair { _, configuration in
            configuration.peers[0].sessions = []
            configure(&configuration)
        }
        pair.run(for: .milliseconds(300))
        return pair
    }

    private func send(_ numbers: Range<Int>, tid: Int, from station: Int = Pair.a, _ pair: inout Pair) throws {
        let tid = try #require(TrafficIdentifier(tid))
        for payload in payloads(numbers) {
            pair.hand(.payload(payload, peer: Pair.mldAddress(1 - station), tid: tid), to: station)
        }
    }

    private func deliveredTIDs(_ pair: Pair, at station: Int) -> [UInt8] {
        pair.trace.compactMap { entry in
            if entry.station == station, case .deliver(_, _, let tid) = entry.output { tid.rawValue } else { nil }
        }
    }

    @Test("ROL-1: the first payload of a TID makes its session wanted, in each direction; nothing is lost")
    func firstPayload() throws {
        var pair = pair()
        #expect(pair.status(Pair.a).sessions.isEmpty)
        try send(0..<3, tid: 5, &pair)
        try send(3..<5, tid: 6, from: Pair.b, &pair)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3))
        #expect(deliveredTIDs(pair, at: Pair.b) == [5, 5, 5])
        #expect(pair.delivered(at: Pair.a) == payloads(3..<5))
        #expect(deliveredTIDs(pair, at: Pair.a) == [6, 6])
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).sessions.map(\.state) == ["live", "live"])
            #expect(pair.status(station).counters.refusedPayloads == 0)
        }
        let before = pair.sessionFrames(from: Pair.a).count
        try send(5..<6, tid: 5, &pair)
        pair.run(for: .milliseconds(20))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<3) + payloads(5..<6))
        #expect(pair.sessionFrames(from: Pair.a).count == before)
    }

    @Test("ROL-1: payloads wait for a link that answers, as many as the queue takes, and arrive in order")
    func waiting() throws {
        var pair = Pair { _, configuration in
            configuration.peers[0].sessions = []
            configuration.limits.queuedPayloads = 4
        }
        for link in [link1, link2] { pair.setDead(link, true) }
        try send(0..<6, tid: 0, &pair)
        #expect(pair.status(Pair.a).counters.refusedPayloads == 2)
        pair.run(for: .seconds(3))
        #expect(pair.delivered(at: Pair.b).isEmpty)
        pair.setDead(link2, false)
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<4))
    }

    @Test("ROL-1: beyond the limit of sessions, TID 0 carries what is left; without it that is counted")
    func limit() throws {
        var pair = pair { $0.limits.sessionsPerPeer = 2 }
        for (number, tid) in [0, 3, 7].enumerated() { try send(number..<(number + 1), tid: tid, &pair) }
        pair.run(for: .milliseconds(100))
        #expect(deliveredTIDs(pair, at: Pair.b).sorted() == [0, 0, 3])
        #expect(pair.status(Pair.a).sessions.map(\.description.tid.rawValue) == [0, 3])

        var other = self.pair { $0.limits.sessionsPerPeer = 2 }
        for (number, tid) in [3, 7, 0].enumerated() { try send(number..<(number + 1), tid: tid, &other) }
        other.run(for: .milliseconds(100))
        #expect(deliveredTIDs(other, at: Pair.b).sorted() == [3, 7])
        #expect(other.status(Pair.a).counters.refusedPayloads == 1)
    }

    @Test(
        "REB-2: what waited for too long before there was a session is given up; what came later is sent from number 0 on"
    )
    func late() throws {
        var pair = pair { $0.session.payloadLifetime = .seconds(5) }
        for link in [link1, link2] { pair.setDead(link, true) }
        pair.run(for: .seconds(1))
        try send(0..<3, tid: 0, &pair)
        pair.run(for: .seconds(4))
        try send(3..<5, tid: 0, &pair)
        pair.run(for: .seconds(3))
        for link in [link1, link2] { pair.setDead(link, false) }
        pair.run(for: .seconds(2))
        #expect(pair.delivered(at: Pair.b) == payloads(3..<5))
        #expect(pair.event(.payloadsGivenUp, at: Pair.a)?.framesLost == 3)
        #expect(pair.status(Pair.a).sessions.map(\.resumptionPosition) == [2])
    }

    @Test("ROL-2: a session that a user ended is wanted again with the next payload")
    func afterClose() throws {
        var pair = pair()
        try send(0..<1, tid: 0, &pair)
        pair.run(for: .milliseconds(100))
        let first = try #require(pair.status(Pair.a).sessions.first?.description.identifier)
        pair.hand(.command(.close(first)), to: Pair.a)
        pair.run(for: .milliseconds(100))
        #expect(pair.status(Pair.a).sessions.isEmpty)
        try send(1..<2, tid: 0, &pair)
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<2))
        #expect(pair.status(Pair.a).sessions.first?.description.identifier != first)
    }
}
