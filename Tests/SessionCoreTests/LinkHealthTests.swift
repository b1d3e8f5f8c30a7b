import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// When a link is lost, and when it is back.
@Suite struct LinkHealthTests {
    @Test("one lost frame, and even three in a row, are not a lost link", arguments: 1...3)
    func fewFailuresAreDoubt(failures: Int) {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        let mark = pair.trace.count
        pair.setFaults(from: Pair.a, on: link1) { $0.frameLoss = 1 }
        var seen = 0
        pair.run { entry in
            // The air takes one report per heartbeat: count those that a sends on link 1 from the cut on.
            if entry.station == Pair.a, case .transmit(link1, _, _) = entry.output { seen += 1 }
            return seen == failures
        }
        pair.run(for: .microseconds(200))
        pair.setFaults(from: Pair.a, on: link1) { $0.frameLoss = 0 }
        pair.run(for: .seconds(1))
        let kinds = pair.events(at: Pair.a, since: mark).map(\.kind)
        #expect(kinds == [.linkSuspect, .linkAlive])
        #expect(pair.event(.linkLost, at: Pair.b, since: mark) == nil)
    }

    @Test(
        "a link that is up but dead is lost after failuresUntilLost tries in quick succession",
        arguments: AcknowledgmentSource.allCases)
    func upButDead(acknowledgment: AcknowledgmentSource) throws {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .milliseconds(300))
        pair.setDead(link1, true)
        pair.run(for: .milliseconds(250))
        for station in [Pair.a, Pair.b] {
            let lost = try #require(pair.event(.linkLost, at: station))
            #expect(lost.link == link1)
            #expect(lost.cause == .transmissionsNotAcknowledged)
            // Four tries, a probe interval apart: the time in doubt, not counting the wait for the first failure.
            #expect(try #require(lost.elapsed) < .milliseconds(100))
        }
    }

    @Test("a link whose radio acknowledges while the agent is silent is lost by silence")
    func silence() throws {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        pair.kill(Pair.b)
        let event = pair.run(untilEvent: .linkLost, at: Pair.a)
        #expect(event?.cause == .silence)
    }

    @Test("what the kernel says counts at once", arguments: LinkDownCause.allCases)
    func kernelEvent(cause: LinkDownCause) {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        let mark = pair.trace.count
        pair.linkDown(link1, at: Pair.a, cause)
        let events = pair.events(at: Pair.a, since: mark)
        #expect(events.prefix(3).map(\.kind) == [.linkDown, .linkLost, .interrupted])
        #expect(events.prefix(3).allSatisfy { $0.cause == .radio(cause) })
    }

    @Test("hysteresis: a lost link is alive again only after consecutive successes, spread over heartbeats")
    func hysteresis() throws {
        var pair = Pair { _, configuration in configuration.health.successesUntilAlive = 3 }
        pair.run(for: .milliseconds(300))
        pair.setDead(link1, true)
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).peers[0].links[0].health == .lost)
        pair.setDead(link1, false)
        let healed = pair.now
        let alive = pair.run(untilEvent: .linkAlive, at: Pair.a)
        #expect(alive?.link == link1)
        #expect(pair.now - healed > .milliseconds(150))
    }

    @Test("the agents of a link with MAC acknowledgment and of one without understand each other")
    func mixedAcknowledgment() {
        var pair = Pair()
        // b's radio on both links turns out to acknowledge nothing: a learns it from b's heartbeats.
        for link in [link1, link2] {
            pair.linkDown(link, at: Pair.b)
            pair.air.addRadio(station: Pair.b, link: link, address: Pair.address(Pair.b, link), acknowledges: false)
            let properties = LinkProperties(
                address: Pair.address(Pair.b, link), frequency: 2412, acknowledgment: .frame)
            pair.hand(.linkUp(link, properties), to: Pair.b)
        }
        pair.run(for: .seconds(2))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
    }

    @Test(
        "idle for ten minutes: nothing but heartbeats, no event, nothing piles up",
        arguments: AcknowledgmentSource.allCases)
    func idle(acknowledgment: AcknowledgmentSource) {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .milliseconds(300))
        pair.keepTrace = false
        var surprises = 0
        pair.run(limit: .seconds(600)) { entry in
            if case .event = entry.output { surprises += 1 }
            return false
        }
        #expect(surprises == 0)
        for station in [Pair.a, Pair.b] {
            var counters = pair.status(station).counters
            // Handshakes go out on all links at once, so that answers come twice, and requests when there are keys already, for
            // which they have to bring a cookie.
            if Environment.isSecured { (counters.security.lateHandshakes, counters.security.withoutCookie) = (0, 0) }
            #expect(counters == EngineCounters())
        }
    }
}

/// How long acknowledgments are waited for.
@Suite struct SlowLinkTests {
    @Test(
        "an agent that answers slowly, and is not known to, does not look like a dead link", arguments: [30, 80, 150])
    func slowFromTheStart(milliseconds: Int) {
        var pair = Pair(acknowledgment: .frame)
        for link in [link1, link2] {
            pair.setFaults(from: Pair.b, on: link) { $0.delay = .milliseconds(milliseconds) }
        }
        pair.run(for: .seconds(10))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.event(.linkLost, at: Pair.a) == nil)
    }

    @Test("one that becomes slow later is doubted for a moment, and then waited for")
    func slowLater() {
        var pair = Pair(acknowledgment: .frame)
        pair.run(for: .seconds(1))
        pair.setFaults(from: Pair.b, on: link1) { $0.delay = .milliseconds(60) }
        pair.run(for: .seconds(10))
        let mark = pair.trace.count
        pair.run(for: .seconds(10))
        #expect(pair.events(at: Pair.a, since: mark).isEmpty)
        #expect(pair.status(Pair.a).peers[0].links.map(\.health) == [.alive, .alive])
    }
}
