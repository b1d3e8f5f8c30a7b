import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// ROL-1: one agent, many peers, many sessions, both roles.
@Suite struct ManyPeersTests {
    @Test(
        "ROL-1: a hub with five peers and two sessions with each, in both roles, loses a link: all are rebuilt, none is mixed up",
        arguments: AcknowledgmentSource.allCases)
    func hub(acknowledgment: AcknowledgmentSource) throws {
        var star = Star(peers: 5, acknowledgment: acknowledgment)
        star.run(for: .seconds(1))
        let before = star.sessions(of: 0)
        #expect(before.count == 20)
        #expect(before.allSatisfy { $0.state == "live" && $0.link == link1 })
        star.linkDown(link1, at: 0)
        star.run(for: .seconds(1))
        let after = star.sessions(of: 0)
        #expect(after.allSatisfy { $0.state == "live" && $0.link == link2 && $0.rebuilds == 1 })
        #expect(Set(after.map(\.description.identifier)) == Set(before.map(\.description.identifier)))
        for station in 1...5 {
            let theirs = star.sessions(of: station)
            #expect(theirs.count == 4 && theirs.allSatisfy { $0.state == "live" && $0.link == link2 })
        }
    }

    @Test(
        "INT-2: thirteen peers with eight sessions each lose a link at once: all are rebuilt, none is dropped by a limit",
        arguments: [true, false], AcknowledgmentSource.allCases)
    func manySessions(isTold: Bool, acknowledgment: AcknowledgmentSource) {
        var star = Star(peers: 13, acknowledgment: acknowledgment, tids: Array(0..<8))
        star.run(for: .seconds(1))
        let before = star.sessions(of: 0).filter { $0.description.role == .initiator }
        #expect(before.count == 104 && before.allSatisfy { $0.state == "live" && $0.link == link1 })
        func send(_ number: UInt8) {
            for session in before {
                guard let station = (1...13).first(where: { Pair.mldAddress($0) == session.peer }) else { continue }
                star.send([number, session.description.tid.rawValue], to: station, tid: session.description.tid)
            }
        }
        send(1)
        if isTold {
            star.linkDown(link1, at: 0)
        } else {
            for station in 0...13 { star.setFaults(from: station, on: link1) { $0.isCut = true } }
        }
        send(2)
        star.run(for: .seconds(2))
        send(3)
        star.run(for: .seconds(1))
        let after = star.sessions(of: 0).filter { $0.description.role == .initiator }
        #expect(after.allSatisfy { $0.state == "live" && $0.link == link2 && $0.rebuilds == 1 })
        #expect(Set(after.map(\.description.identifier)) == Set(before.map(\.description.identifier)))
        for station in 1...13 {
            for tid in UInt8(0)..<8 {
                let numbers = star.delivered[station].map(\.payload).filter { $0[1] == tid }.map { $0[0] }
                #expect(numbers == [1, 2, 3], "station \(station), TID \(tid)")
            }
        }
    }

    @Test("QUE-1: a peer that withholds block acknowledgments costs no other peer a packet, nor time")
    func withheld() {
        var star = Star(peers: 2, acknowledgment: .mac, tids: [0])
        star.run(for: .seconds(1))
        for link in [link1, link2] { star.setFaults(from: 2, on: link) { $0.lost = FrameSelector(kinds: [.blockAcknowledgment]) } }
        var sent: [MonotonicInstant] = []
        var unread = 0
        for number in 0..<3000 {
            if star.engines[0].isFull { unread += 1 }
            sent.append(star.now)
            for payload in payloads(number..<number + 1) {
                star.send(payload, to: 1)
                star.send(payload, to: 2)
            }
            star.run(for: .milliseconds(10))
        }
        #expect(unread == 0)
        #expect(star.delivered[1].map(\.payload) == payloads(0..<3000))
        let late = zip(star.delivered[1], sent).map { $0.instant - $1 }.max()
        #expect(late.map { $0 <= .milliseconds(20) } ?? false)
        let peers = star.engines[0].status().peers
        #expect(peers.map { $0.refusedPayloads > 0 } == [false, true])
    }

    @Test("QUE-1: the host waits for a peer that is slower than it, if that is all it has traffic for")
    func slow() {
        var star = Star(peers: 2, acknowledgment: .mac, tids: [0])
        star.run(for: .seconds(1))
        for link in [link1, link2] { star.setFaults(from: 0, on: link) { $0.delay = .milliseconds(40) } }
        var (unread, number) = (0, 0)
        for _ in 0..<300 {
            for _ in 0..<100 where !star.engines[0].isFull {
                star.send([UInt8(truncatingIfNeeded: number)], to: 1)
                number += 1
            }
            if star.engines[0].isFull { unread += 1 }
            star.run(for: .milliseconds(10))
        }
        #expect(unread > 50)
        #expect(star.engines[0].status().peers.map(\.refusedPayloads) == [0, 0])
    }

    @Test("ROL-1: one peer that is gone harms no other")
    func oneIsGone() {
        var star = Star(peers: 4, acknowledgment: .mac)
        star.run(for: .seconds(1))
        star.kill(2)
        star.run(for: .seconds(10))
        let sessions = star.sessions(of: 0)
        for station in [1, 3, 4] {
            #expect(
                sessions.filter { $0.peer == Pair.mldAddress(station) }.allSatisfy {
                    $0.state == "live" && $0.rebuilds == 0
                })
        }
        #expect(sessions.filter { $0.peer == Pair.mldAddress(2) }.allSatisfy { $0.state != "live" })
    }
}

/// A hub and its peers on one virtual air: station 0 and each other station want sessions of some TIDs with each other.
struct Star {
    private var cluster = Cluster(seed: 1)
    /// The payloads that each station delivered to its host, and their times.
    private(set) var delivered: [[(payload: Payload, instant: MonotonicInstant)]]

    init(peers count: Int, acknowledgment: AcknowledgmentSource, tids: [Int] = [0, 5]) {
        delivered = Array(repeating: [], count: count + 1)
        for station in 0...count {
            let others = station == 0 ? Array(1...count) : [0]
            let peers = others.map { other in
                PeerConfiguration(
                    mldAddress: Pair.mldAddress(other),
                    links: [link1: Pair.address(other, link1), link2: Pair.address(other, link2)],
                    sessions: tids.compactMap(TrafficIdentifier.init))
            }
            let configuration = EngineConfiguration(mldAddress: Pair.mldAddress(station), peers: peers)
            cluster.addStation(configuration, seed: UInt64(station), secrets: nil)
        }
        for station in 0...count {
            for link in [link1, link2] {
                let properties = LinkProperties(
                    address: Pair.address(station, link), frequency: 2412, acknowledgment: acknowledgment)
                note(cluster.linkUp(link, properties, at: station))
            }
        }
    }

    var engines: [Engine] { cluster.stations.map(\.engine) }
    var now: MonotonicInstant { cluster.now }

    func sessions(of station: Int) -> [SessionStatus] { cluster.stations[station].engine.status().sessions }

    mutating func kill(_ station: Int) { cluster.kill(station) }

    /// The host of the hub has a payload for another station.
    mutating func send(_ payload: Payload, to station: Int, tid: TrafficIdentifier = .bestEffort) {
        note(cluster.hand(.payload(payload, peer: Pair.mldAddress(station), tid: tid), to: 0))
    }

    mutating func setFaults(from station: Int, on link: LinkIdentifier, _ change: (inout VirtualAir.Faults) -> Void) {
        var faults = cluster.air.faults(from: station, on: link)
        change(&faults)
        cluster.air.setFaults(faults, from: station, on: link)
    }

    mutating func linkDown(_ link: LinkIdentifier, at station: Int) { note(cluster.linkDown(link, at: station)) }

    mutating func run(for duration: Duration) {
        let end = cluster.now + duration
        var taken: Cluster.Step?
        while cluster.play(until: end, { taken = $0 }) {
            note(taken)
            taken = nil
        }
    }

    private mutating func note(_ step: Cluster.Step?) {
        for output in step?.outputs ?? [] {
            guard case .deliver(let payload, _, _) = output, let step else { continue }
            delivered[step.station].append((payload, step.instant))
        }
    }
}
