import IEEE80211
import SessionCore
import TestSupport
import Testing

/// Heartbeats slow down when nothing happens, and that is not taken for silence.
@Suite struct QuietTests {
    /// Two agents that nothing has happened between for long enough.
    private func quietPair(_ acknowledgment: AcknowledgmentSource = .mac) -> Pair {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .seconds(13))
        return pair
    }

    private func heartbeats(of pair: Pair, from station: Int, since mark: Int) -> [Heartbeat] {
        pair.trace[mark...].compactMap { entry in
            guard entry.station == station, case .transmit(_, _, let mpdu) = entry.output,
                case .vendorSpecific(let vendor) = try? ActionFrame(parsing: mpdu).action,
                case .heartbeat(let heartbeat) = try? PeerAction(body: vendor.body)
            else { return nil }
            return heartbeat
        }
    }

    @Test(
        "after quiet_after, a heartbeat a second on each link, which says so", arguments: AcknowledgmentSource.allCases)
    func slowsDown(acknowledgment: AcknowledgmentSource) {
        var pair = quietPair(acknowledgment)
        let mark = pair.trace.count
        pair.run(for: .seconds(20))
        let sent = heartbeats(of: pair, from: Pair.a, since: mark)
        #expect((32...42).contains(sent.count))
        #expect(sent.allSatisfy { $0.interval == 977 })
        #expect(pair.events(at: Pair.a, since: mark).isEmpty)
    }

    @Test(
        "traffic in either direction brings the heartbeats of both ends back to their usual interval",
        arguments: [Pair.a, Pair.b])
    func trafficWakes(station: Int) {
        var pair = quietPair()
        let mark = pair.trace.count
        pair.send(payloads(0..<1))
        pair.run(for: .seconds(5))
        // Two links, ten a second; acknowledgments of the payload take the place of one or two.
        #expect(heartbeats(of: pair, from: station, since: mark).count > 80)
    }

    @Test("a quiet peer that dies is missed after three and a half of the intervals it announced, not before")
    func silenceOfAQuietPeer() throws {
        var pair = quietPair()
        pair.kill(Pair.b)
        pair.run(for: .seconds(2))
        #expect(pair.event(.linkLost, at: Pair.a) == nil)
        let lost = pair.run(limit: .seconds(3), untilEvent: .linkLost, at: Pair.a)
        #expect(lost?.cause == .silence)
    }

    @Test("a link that died in the quiet is found by the next payload as fast as ever, and nothing is lost")
    func lossInTheQuiet() throws {
        var pair = quietPair()
        let link = try #require(pair.status(Pair.a).sessions.first?.link)
        // Just after a heartbeat, so that none is due for a while.
        pair.run { entry in
            if entry.station == Pair.a, case .transmit(link, _, _) = entry.output { true } else { false }
        }
        pair.run(for: .milliseconds(1))
        pair.setDead(link, true)
        let sent = pair.now
        pair.send(payloads(0..<10))
        let rebuilt = pair.run(untilEvent: .rebuilt, at: Pair.a)
        #expect(rebuilt != nil)
        #expect(pair.now - sent < .milliseconds(50))
        pair.run(for: .milliseconds(100))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<10))
    }

    @Test("an end with a shorter silence timeout hears a slower one out")
    func differentIntervals() {
        var pair = Pair { station, configuration in
            if station == Pair.b { configuration.health.heartbeatInterval = .milliseconds(400) }
        }
        pair.run(for: .seconds(8))
        #expect(pair.event(.linkLost, at: Pair.a) == nil)
        #expect(pair.event(.linkLost, at: Pair.b) == nil)
    }
}
