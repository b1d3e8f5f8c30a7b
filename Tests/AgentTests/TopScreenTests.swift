import ControlProtocol
import Testing

@Suite("What relink top shows")
struct TopScreenTests {
    private func report(uptime: Double, sent: UInt64, position: UInt32, unreported: Int = 7) -> StatusReport {
        var counters = StatusReport.Counters()
        counters.sent = sent
        var link = StatusReport.Link(id: 1, wiphy: "phy0", interface: "relink1", frequency: 2412, counters: counters)
        link.state = "up"
        link.acknowledgment = "mac"
        link.acknowledgmentsProved = uptime > 11
        var session = StatusReport.Session(
            session: "8b5d21f093c46e17", peer: "02:52:4c:00:00:0b", tid: 0, role: "initiator", state: "live",
            rebuildable: true, shareable: true, rebuilds: 1, resumptionPosition: position, queued: 3)
        session.links = [1, 2]
        var peerLink = StatusReport.PeerLink(
            id: 1, address: "02:52:4c:01:00:0b", health: "alive", deliveryRatio: 0.8, signal: -41,
            busySeconds: uptime / 4)
        peerLink.station = StatusReport.Station(rate: 65, modulation: 7, frames: 1, retries: 0, failures: 0)
        peerLink.unreported = unreported
        return StatusReport(
            device: "02:52:4c:00:00:0a", version: "1", kernel: "6", processIdentifier: 1, uptimeSeconds: uptime,
            links: [link],
            peers: [
                StatusReport.Peer(device: "02:52:4c:00:00:0b", name: "b", links: [peerLink])
            ], sessions: [session], discarded: StatusReport.Discarded())
    }

    private func event(_ kind: String, at nanoseconds: Int64, link: Int) -> EventReport {
        var event = EventReport(
            event: kind, monotonicNanoseconds: nanoseconds, wallClock: "2026-01-01T12:00:00.250000Z",
            device: "02:52:4c:00:00:0a")
        event.session = "8b5d21f093c46e17"
        event.link = link
        return event
    }

    private func screen() -> TopScreen {
        var screen = TopScreen()
        screen.take(report(uptime: 10, sent: 100, position: 1000))
        screen.take(report(uptime: 12, sent: 300, position: 1400))
        screen.take(event("interrupted", at: 1_000_000, link: 1))
        screen.take(event("rebuilt", at: 8_300_000, link: 2))
        screen.take(event("interrupted", at: 9_000_000, link: 2))
        return screen
    }

    @Test("rates, health and failovers stand in 24 lines of 80")
    func contents() {
        let lines = screen().lines(columns: 80, rows: 24)
        #expect(lines.count == 24)
        let text = lines.map(\.text)
        #expect(text.contains("1    2412  up         b        alive    -41  ####. 80%  65    25%  100    0     "))
        #expect(text.contains("acknowledgments: link 1 mac, proved, 7 without a report"))
        #expect(text.contains("8b5d21f0  b        0   initiator live         1+2    1400       200    3     "))
        #expect(
            text.contains { $0.hasPrefix("12:00:00.250  8b5d21f0  link 1 > link 2  ####") && $0.hasSuffix(" 7.3 ms") })
        #expect(text.contains("12:00:00.250  8b5d21f0  link 2 > …"))
        #expect(lines.first { $0.text.hasPrefix("1    2412") }?.mark == .good)
        #expect(text.last == "q ends")
    }

    @Test("REB-6: a rebuild took until the acknowledgment of its request, however late the peer's agent confirmed it")
    func confirmed() {
        var screen = TopScreen()
        screen.take(report(uptime: 10, sent: 0, position: 0))
        screen.take(event("interrupted", at: 1_000_000, link: 1))
        var rebuilt = event("rebuilt", at: 8_300_000, link: 2)
        (rebuilt.elapsedMicroseconds, rebuilt.confirmedMicroseconds) = (200, 4200)
        screen.take(rebuilt)
        let text = screen.lines(columns: 80, rows: 24).map(\.text)
        #expect(text.contains { $0.hasSuffix(" 3.3 ms") })
    }

    @Test("it shows that acknowledgments are not yet proved")
    func unproved() {
        var screen = TopScreen()
        screen.take(report(uptime: 10, sent: 0, position: 0, unreported: 0))
        let text = screen.lines(columns: 80, rows: 24).map(\.text)
        #expect(text.contains("acknowledgments: link 1 mac, not yet proved"))
    }

    @Test("it fits terminals of any size", arguments: [0, 1, 2, 7, 24, 60], [0, 1, 20, 79, 80, 200])
    func sizes(rows: Int, columns: Int) {
        let lines = screen().lines(columns: columns, rows: rows)
        #expect(lines.count <= rows)
        #expect(lines.allSatisfy { $0.text.count <= columns })
    }

    @Test("it shows that it waits") func waits() { #expect(TopScreen().lines(columns: 80, rows: 24).count == 1) }
}
