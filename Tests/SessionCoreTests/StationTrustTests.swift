import IEEE80211
import TestSupport
import Testing
import VirtualAir

@testable import SessionCore

@Suite("RAT-4: whether the kernel may have a peer as a station")
struct StationTrustTests {
    private func instant(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test("a second without any report bars it for a minute, less does not")
    func long() {
        var trust = StationTrust()
        trust.reportsFail(at: instant(0))
        let early = trust.review(reportsFail: true, at: instant(999))
        #expect(!early && !trust.isBarred)
        let late = trust.review(reportsFail: true, at: instant(1000))
        #expect(late && trust.isBarred)
        let during = trust.review(reportsFail: true, at: instant(60_999))
        #expect(!during && trust.isBarred)
        let after = trust.review(reportsFail: false, at: instant(61_000))
        #expect(after && !trust.isBarred)
    }

    @Test("reports that are missing for the third time in ten seconds bar it; rare ones do not")
    func often() {
        var trust = StationTrust()
        for second: Int64 in [0, 6, 12, 18] {
            trust.reportsFail(at: instant(second * 1000))
            let rare = trust.review(reportsFail: false, at: instant(second * 1000 + 1))
            #expect(!rare)
        }
        trust.reportsFail(at: instant(19_000))
        let third = trust.review(reportsFail: false, at: instant(19_001))
        #expect(third && trust.isBarred)
    }

    @Test("a radio that goes down while reports are missing is no reason against its stations when it comes back")
    func radioDown() {
        var pair = Pair(links: 1)
        pair.run(for: .seconds(1))
        pair.setFaults(from: Pair.a, on: link1) { $0.reportLoss = 1 }
        pair.run(for: .milliseconds(500))
        pair.linkDown(link1, at: Pair.a)
        pair.setFaults(from: Pair.a, on: link1) { $0.reportLoss = 0 }
        pair.run(for: .seconds(2))
        pair.linkUp(link1, at: Pair.a)
        pair.run(for: .seconds(5))
        #expect(pair.peerRadios(of: Pair.a, on: link1).count == 1)
    }

    @Test("where reports are missing, heartbeats are Action No Ack frames, and the peer's radio is no station; both end with the fault")
    func action() throws {
        var pair = Pair(links: 1)
        pair.run(for: .seconds(1))
        #expect(pair.peerRadios(of: Pair.a, on: link1).count == 1)
        #expect(noAck(pair, since: 0).isEmpty)
        pair.setFaults(from: Pair.a, on: link1) { $0.reportLoss = 1 }
        let mark = pair.trace.count
        pair.run(for: .seconds(3))
        #expect(pair.peerRadios(of: Pair.a, on: link1).isEmpty)
        #expect(noAck(pair, since: mark).count > 10)
        #expect(pair.status(Pair.a).peers[0].links[0].health == .alive, "the peer's agent acknowledges in frames")
        pair.setFaults(from: Pair.a, on: link1) { $0.reportLoss = 0 }
        pair.run(for: .seconds(1))
        let healed = pair.trace.count
        pair.run(for: .seconds(62))
        #expect(noAck(pair, since: healed).isEmpty)
        #expect(pair.peerRadios(of: Pair.a, on: link1).count == 1)
    }

    /// The Action No Ack frames that a sent.
    private func noAck(_ pair: Pair, since mark: Int) -> [[UInt8]] {
        pair.frames(from: Pair.a, since: mark).map(\.mpdu).filter { $0[0] == 0xe0 }
    }
}
