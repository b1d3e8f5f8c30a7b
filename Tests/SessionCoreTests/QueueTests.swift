import IEEE80211
import TestSupport
import Testing
import VirtualAir

@testable import SessionCore

/// What waits, what may be on its way, and what is given up.
@Suite struct QueueTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    @Test("CoDel drops nothing that waits briefly, nor the last one, and ever more while the wait stays too long")
    func controlledDelay() {
        var discipline = ControlledDelay()
        var drops: [Int] = []
        for step in 0..<1000 {
            let now = start + .milliseconds(step)
            let waited = step < 500 ? 19 : 30
            if discipline.drops(accepted: now + .milliseconds(-waited), isLast: false, at: now) { drops.append(step) }
        }
        #expect(drops.first == 600, "100 ms after the wait became too long")
        let intervals = zip(drops.dropFirst(), drops).map { $0 - $1 }
        #expect(intervals.count > 3 && intervals == intervals.sorted(by: >))
        let last = discipline.drops(accepted: start, isLast: true, at: start + .seconds(1))
        #expect(!last)
        let next = discipline.drops(accepted: start + .milliseconds(970), isLast: false, at: start + .seconds(1))
        #expect(!next, "it begins anew")
    }

    @Test("what may be on its way follows from what the link delivers, and grows when it delivers more")
    func pace() {
        var pace = LinkPace()
        #expect(pace.limit == LinkPace.initialLimit)
        var now = start
        func deliver(_ count: Int, every interval: Duration) {
            for _ in 0..<count {
                let reading = pace.reading
                let sent = now
                pace.sent(at: now)
                now = now + interval
                pace.acknowledged(sent: sent, reading, at: now)
            }
        }
        deliver(200, every: .milliseconds(10))
        #expect(pace.limit == LinkPace.leastLimit, "100 a second, 10 ms each: one or two")
        deliver(200, every: .microseconds(50))
        #expect(pace.limit > 100 && pace.limit < 200, "20,000 a second, for 5 ms and a quarter more")
        for _ in 0..<pace.limit { pace.sent(at: now) }
        #expect(!pace.hasRoom(atMost: LinkPace.greatestLimit))
        pace.notAcknowledged(at: now)
        #expect(pace.hasRoom(atMost: LinkPace.greatestLimit))
        #expect(!pace.hasRoom(atMost: 48), "the radio reports on no more")
        pace.forget(at: now)
        #expect(pace.inFlight == 0)
    }

    @Test(
        "a link on which payloads take longer than was to be expected is expected to be slow, until it is tried again")
    func lateness() {
        var pace = LinkPace()
        var now = start
        func deliver(_ interval: Duration) {
            let reading = pace.reading
            let sent = now
            pace.sent(at: now)
            now = now + interval
            pace.acknowledged(sent: sent, reading, at: now)
        }
        deliver(.milliseconds(5))
        #expect(pace.expectedTime(at: now) == 0.005, "nothing was forecast yet")
        // A short payload first, long ones then.
        for _ in 0..<20 { deliver(.milliseconds(55)) }
        #expect(abs(pace.expectedTime(at: now) - 0.055) < 0.001)
        #expect(abs(pace.expectedTime(at: now + .seconds(1)) - 0.030) < 0.001, "half of 50 ms more")
        deliver(.milliseconds(3))
        #expect(pace.expectedTime(at: now) < 0.045)
    }

    @Test("SHR-2: a slower link gets a payload only if that is there before half of what waits for the fastest")
    func patience() {
        var pace = LinkPace()
        var now = start
        for _ in 0..<50 {
            let reading = pace.reading
            let sent = now
            pace.sent(at: now)
            now = now + .milliseconds(6)
            pace.acknowledged(sent: sent, reading, at: now)
        }
        #expect(abs(pace.patience(backlog: 0, at: now) - 0.006) < 0.000_1)
        // On a link ten times slower a payload takes 60 ms: 18 have to wait.
        #expect(pace.patience(backlog: 17, at: now) < 0.060)
        #expect(pace.patience(backlog: 19, at: now) > 0.060)
    }

    @Test("a link is busy while payloads are on their way on it, and it is known how strongly the peer is heard there")
    func busy() {
        var pace = LinkPace()
        let reading = pace.reading
        pace.sent(at: start)
        pace.sent(at: start + .milliseconds(1))
        pace.acknowledged(sent: start, reading, at: start + .milliseconds(2))
        #expect(pace.busyTime(at: start + .milliseconds(3)) == .milliseconds(3))
        pace.notAcknowledged(at: start + .milliseconds(4))
        #expect(pace.busyTime(at: start + .seconds(1)) == .milliseconds(4))
        pace.sent(at: start + .seconds(2))
        pace.forget(at: start + .seconds(3))
        #expect(pace.busyTime(at: start + .seconds(9)) == .milliseconds(1004))

        var pair = Pair(links: 1)
        pair.run(for: .milliseconds(300))
        pair.send(payloads(0..<10))
        pair.run(for: .milliseconds(100))
        let link = pair.status(Pair.a).peers.first?.links.first
        #expect(link?.signal == -40 && (link?.busyTime ?? .zero) > .zero)
    }

    @Test("the mean of a link's signal follows, and a radio that tells nothing has none")
    func signal() {
        var signal = LinkSignal()
        signal.add(nil)
        #expect(signal.decibelMilliwatts == nil)
        signal.add(-40)
        signal.add(nil)
        #expect(signal.decibelMilliwatts == -40)
        signal.add(-80)
        #expect(signal.decibelMilliwatts == -45)
        for _ in 0..<100 { signal.add(-80) }
        #expect(signal.decibelMilliwatts == -80)
    }

    @Test(
        "frames that the session keeps waiting while it lives are dropped by CoDel, those an interruption keeps waiting are not"
    )
    func dropped() {
        // One at a time, 20 ms and an acknowledgment each, offered 500 a second.
        var pair = Pair(links: 1) { _, configuration in configuration.session.bufferSize = 1 }
        pair.run(for: .milliseconds(300))
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .milliseconds(20) }
        for step in 0..<500 {
            pair.send(payloads(step..<step + 1))
            pair.run(for: .milliseconds(2))
        }
        pair.run(for: .seconds(20))
        let counters = pair.status(Pair.a).counters
        #expect(counters.droppedPayloads > 0)
        #expect(pair.delivered(at: Pair.b).count == 500 - counters.droppedPayloads)

        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .microseconds(100) }
        pair.setDead(link1, true)
        pair.run(untilEvent: .interrupted, at: Pair.a)
        for step in 500..<700 {
            pair.send(payloads(step..<step + 1))
            pair.run(for: .milliseconds(2))
        }
        pair.setDead(link1, false)
        pair.run(for: .seconds(20))
        #expect(pair.status(Pair.a).counters.droppedPayloads == counters.droppedPayloads)
        #expect(Array(pair.delivered(at: Pair.b).suffix(200)) == payloads(500..<700))
    }

    @Test("what waited because the only link was in doubt is carried, however long it waited")
    func doubt() {
        var pair = Pair(links: 1) { _, configuration in
            configuration.session.bufferSize = 1
            configuration.health.failuresUntilLost = 10_000
            configuration.health.silenceTimeout = .seconds(10)
        }
        pair.run(for: .milliseconds(300))
        // The wait is too long already, though not for 100 ms, when the link stops to work.
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .milliseconds(20) }
        for step in 0..<40 {
            if step == 8 { pair.setDead(link1, true) }
            pair.send(payloads(step..<step + 1))
            pair.run(for: .milliseconds(10))
        }
        #expect(pair.event(.linkSuspect, at: Pair.a) != nil && pair.event(.linkLost, at: Pair.a) == nil)
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .microseconds(100) }
        pair.setDead(link1, false)
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).counters.droppedPayloads == 0)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<40))
    }

    @Test("REB-2: what the initiator of a session that lives gave up moves the receiver with the next payload")
    func givenUpAlive() {
        var pair = Pair(links: 1) { _, configuration in configuration.session.payloadLifetime = .milliseconds(150) }
        pair.run(for: .milliseconds(300))
        pair.send(payloads(0..<2))
        pair.run(for: .milliseconds(50))
        // b hears heartbeats, and a is acknowledged, but no payload gets through to b's agent: its radio alone hears them.
        pair.dropsPayloads = true
        pair.send(payloads(2..<5))
        pair.run(for: .milliseconds(250))
        pair.dropsPayloads = false
        pair.send(payloads(5..<8))
        pair.run(for: .milliseconds(200))
        #expect(pair.event(.payloadsGivenUp, at: Pair.a)?.framesLost == 3)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<2) + payloads(5..<8))
        #expect(!pair.sessionEvents(at: Pair.a).contains(.interrupted))
    }

    @Test("a higher access category has its turn before a lower one that waited longer")
    func order() {
        var pair = Pair(links: 1) { station, configuration in
            if station == Pair.a { configuration.peers[0].sessions = [1, 0, 6].compactMap(TrafficIdentifier.init) }
        }
        pair.run(for: .milliseconds(500))
        pair.setFaults(from: Pair.a, on: link1) { $0.delay = .milliseconds(5) }
        let mark = pair.trace.count
        for tid in [1, 0, 6].compactMap(TrafficIdentifier.init) {
            for payload in payloads(0..<100) {
                pair.hand(.payload(payload, peer: Pair.mldAddress(Pair.b), tid: tid), to: Pair.a)
            }
        }
        pair.run(for: .seconds(1))
        let tids = pair.trace[mark...].compactMap { entry -> UInt8? in
            guard entry.station == Pair.b, case .deliver(_, _, let tid) = entry.output else { return nil }
            return tid.rawValue
        }
        #expect(tids.count == 300)
        // The first ones of TID 1 left before there were others.
        let later = tids.drop { $0 == 1 }
        #expect(later.firstIndex(of: 0) ?? 0 > later.lastIndex(of: 6) ?? .max || later.first == 6)
        #expect(later.lastIndex(of: 1) == later.endIndex - 1)
    }

    @Test("REB-2: more than a window may be given up at a time, of which most was never sent")
    func givenUpFar() {
        var pair = Pair(links: 1) { _, configuration in configuration.session.payloadLifetime = .milliseconds(150) }
        pair.run(for: .milliseconds(300))
        pair.dropsPayloads = true
        for round in 0..<3 {
            pair.send(payloads(round * 300..<(round + 1) * 300))
            // Long enough for heartbeats in between: b's agent hears nothing else.
            pair.run(for: .milliseconds(500))
        }
        pair.dropsPayloads = false
        pair.send(payloads(1000..<1003))
        pair.run(for: .milliseconds(200))
        #expect(pair.delivered(at: Pair.b) == payloads(1000..<1003))
        #expect(!pair.sessionEvents(at: Pair.a).contains(.interrupted))
        #expect(pair.engines[Pair.a].port.store.count == 0)
    }
}
