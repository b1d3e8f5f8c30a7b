import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// TX reports that do not come, or come late (`ACK-1` to `ACK-3`), and the numbers of payload frames (`ACK-4`).
@Suite struct ReportTests {
    /// Hands payloads over one by one, with virtual time between them.
    private func stream(_ range: Range<Int>, every interval: Duration = .milliseconds(5), _ pair: inout Pair) {
        for number in range {
            pair.send(payloads(number..<number + 1))
            pair.run(for: interval)
        }
    }

    private func unreported(_ pair: Pair, _ link: LinkIdentifier) -> Int? {
        pair.status(Pair.a).peers[0].links.first { $0.link == link }?.unreported
    }

    /// The sequence numbers of the payload frames that a sent on a link.
    private func sequences(_ pair: Pair, on link: LinkIdentifier, tid: UInt8 = 0, since mark: Int = 0) -> [UInt16] {
        pair.frames(from: Pair.a, since: mark).compactMap { frame in
            guard frame.link == link, let header = try? MACHeader(parsing: frame.mpdu),
                header.frameControl.kind == .qosData, header.qosControl?.tid == tid
            else { return nil }
            return header.sequenceControl?.sequence
        }
    }

    @Test(
        "ACK-1: no report, or not every report, is no loss while frames get through", arguments: [0.05, 0.5, 1],
        [[Pair.a], [Pair.a, Pair.b]])
    func reportsMissing(share: Double, stations: [Int]) throws {
        var pair = Pair()
        stream(0..<100, &pair)
        let mark = pair.trace.count
        for station in stations {
            for link in [link1, link2] { pair.setFaults(from: station, on: link) { $0.reportLoss = share } }
        }
        stream(100..<1100, &pair)
        pair.run(for: .seconds(20))
        let events = [Pair.a, Pair.b].flatMap { pair.events(at: $0, since: mark) }
        #expect(events.isEmpty)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<1100))
        #expect(try #require(unreported(pair, link1)) > 0)
    }

    @Test("ACK-2: a link whose radio never reports comes to life by what the peer's agent acknowledges")
    func neverReported() {
        var pair = Pair()
        for link in [link1, link2] { pair.setFaults(from: Pair.a, on: link) { $0.reportLoss = 1 } }
        stream(0..<400, &pair)
        pair.run(for: .seconds(1))
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<400))
        #expect(pair.event(.linkSuspect, at: Pair.a) == nil)
    }

    @Test("ACK-2: doubt ends although reports have ended, too")
    func doubtEnds() {
        var pair = Pair()
        stream(0..<60, &pair)
        let mark = pair.trace.count
        pair.setFaults(from: Pair.a, on: link1) { $0.acknowledgmentLoss = 1 }
        stream(60..<61, every: .microseconds(150), &pair)
        #expect(pair.event(.linkSuspect, at: Pair.a, since: mark)?.link == link1)
        pair.setFaults(from: Pair.a, on: link1) { ($0.acknowledgmentLoss, $0.reportLoss) = (0, 1) }
        stream(61..<200, &pair)
        pair.run(for: .seconds(1))
        #expect(pair.events(at: Pair.a, since: mark).map(\.kind) == [.linkSuspect, .linkAlive])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<200))
    }

    @Test(
        "ACK-1, ACK-2: a driver that swallows everything without a report loses the link, and nothing else",
        arguments: [false, true])
    func swallowed(bothWays: Bool) throws {
        var pair = Pair()
        stream(0..<100, &pair)
        let mark = pair.trace.count
        let cut = pair.now
        for station in bothWays ? [Pair.a, Pair.b] : [Pair.a] {
            pair.setFaults(from: station, on: link1) { ($0.isCut, $0.reportLoss) = (true, 1) }
        }
        stream(100..<400, &pair)
        pair.run(for: .seconds(1))
        let lost = try #require(
            pair.trace[mark...].first { entry in
                if entry.station == Pair.a, case .event(let event) = entry.output { event.kind == .linkLost } else { false }
            })
        #expect(lost.instant - cut < .milliseconds(200), "sooner than silence")
        #expect(pair.status(Pair.a).peers[0].links.map(\.health) == [.lost, .alive])
        #expect(pair.delivered(at: Pair.b) == payloads(0..<400))
    }

    @Test("ACK-1: a link in doubt on which nothing is reported, and nothing arrives, is lost by silence at the latest")
    func silent() {
        var pair = Pair()
        pair.run(for: .milliseconds(300))
        for station in [Pair.a, Pair.b] {
            pair.setFaults(from: station, on: link1) { ($0.isCut, $0.reportLoss) = (true, 1) }
        }
        pair.run(for: .milliseconds(500))
        for station in [Pair.a, Pair.b] {
            #expect(pair.status(station).peers[0].links.map(\.health) == [.lost, .alive])
        }
    }

    @Test("ACK-1: a rebuild request on which no report comes is sent again, and its session rebuilt")
    func requestUnreported() {
        var pair = Pair()
        stream(0..<60, &pair)
        let mark = pair.trace.count
        pair.setFaults(from: Pair.a, on: link2) { $0.reportLoss = 1 }
        pair.linkDown(link1, at: Pair.a)
        stream(60..<200, &pair)
        pair.run(for: .seconds(1))
        #expect(pair.sessionEvents(at: Pair.a, since: mark).prefix(2) == [.interrupted, .rebuildRequested])
        #expect(pair.sessionEvents(at: Pair.a, since: mark).last == .rebuilt)
        #expect(pair.event(.linkLost, at: Pair.a, since: mark)?.link == link1)
        #expect(pair.delivered(at: Pair.b) == payloads(0..<200))
    }

    @Test("ACK-1: a report that comes late speaks for the link all the same", arguments: [false, true])
    func late(acknowledged: Bool) throws {
        var pair = Pair()
        stream(0..<60, &pair)
        pair.setFaults(from: Pair.a, on: link1) { fault in
            fault.reportDelay = .milliseconds(80)
            fault.frameLoss = acknowledged ? 0 : 1
        }
        let mark = pair.trace.count
        pair.send(payloads(60..<61))
        pair.run(for: .milliseconds(1))
        pair.setFaults(from: Pair.a, on: link1) { ($0.frameLoss, $0.reportDelay) = (0, .zero) }
        pair.run(for: .milliseconds(200))
        #expect(unreported(pair, link1) == 1)
        #expect(
            pair.events(at: Pair.a, since: mark).map(\.kind) == (acknowledged ? [] : [.linkSuspect, .linkAlive]))
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<61))
    }

    @Test("ACK-3: at the bound payloads wait, and heartbeats do not; an overdue report frees its place")
    func outstanding() {
        var pair = Pair(links: 1) { _, configuration in configuration.health.statusTimeout = .milliseconds(250) }
        stream(0..<60, &pair)
        pair.hand(
            .linkUp(
                link1,
                LinkProperties(
                    address: Pair.address(Pair.a, link1), frequency: 2412, acknowledgment: .mac, outstanding: 8)),
            to: Pair.a)
        pair.setFaults(from: Pair.a, on: link1) { ($0.isCut, $0.reportLoss) = (true, 1) }
        let mark = pair.trace.count
        pair.send(payloads(60..<100))
        pair.run(for: .milliseconds(200))
        #expect(pair.payloadLinks(from: Pair.a, since: mark).count == 8)
        #expect(pair.frames(from: Pair.a, since: mark).count > 8)
        pair.setFaults(from: Pair.a, on: link1) { ($0.isCut, $0.reportLoss) = (false, 0) }
        pair.run(for: .milliseconds(49))
        #expect(pair.payloadLinks(from: Pair.a, since: mark).count == 8)
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<100))
    }

    @Test("ACK-3: where nobody waits for reports, they bound nothing")
    func unbounded() {
        var pair = Pair(links: 1, acknowledgment: .frame)
        pair.run(for: .milliseconds(300))
        stream(0..<60, every: .microseconds(100), &pair)
        pair.hand(
            .linkUp(
                link1,
                LinkProperties(
                    address: Pair.address(Pair.a, link1), frequency: 2412, acknowledgment: .frame, outstanding: 8)),
            to: Pair.a)
        let mark = pair.trace.count
        pair.send(payloads(60..<100))
        #expect(pair.payloadLinks(from: Pair.a, since: mark).count > 8)
    }

    @Test("ACK-4: each payload frame has the next sequence number of its link and TID, one that is sent again included")
    func sequenceNumbers() throws {
        var pair = Pair { _, configuration in configuration.session.sharing = .always }
        stream(0..<200, &pair)
        pair.setFaults(from: Pair.a, on: link1) { $0.frameLoss = 0.1 }
        stream(200..<1000, every: .microseconds(300), &pair)
        let tid = try #require(TrafficIdentifier(5))
        for number in 1000..<1100 {
            pair.hand(.payload(payloads(number..<number + 1)[0], peer: Pair.mldAddress(Pair.b), tid: tid), to: Pair.a)
            pair.run(for: .milliseconds(5))
        }
        pair.run(for: .seconds(1))
        for (link, tid) in [(link1, 0), (link2, 0), (link1, 5)] as [(LinkIdentifier, UInt8)] {
            let found = sequences(pair, on: link, tid: tid)
            #expect(found.count > 20)
            #expect(found == found.indices.map { UInt16($0) }, "link \(link), TID \(tid)")
        }
        #expect(sequences(pair, on: link1).count + sequences(pair, on: link2).count > 1000, "some were sent again")
    }

    @Test("ACK-4: sequence numbers have 12 bits")
    func sequenceNumbersWrap() {
        var pair = Pair(links: 1)
        pair.run(for: .milliseconds(300))
        pair.keepTrace = true
        for number in 0..<42 {
            pair.send(payloads(number * 100..<number * 100 + 100))
            pair.run(for: .milliseconds(30))
        }
        let found = sequences(pair, on: link1)
        #expect(found.count == 4200)
        #expect(found == found.indices.map { UInt16($0 % 4096) })
    }
}
