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

/// A hub and its peers on one virtual air: station 0 and each other station want sessions of TIDs 0 and 5 with each other.
private struct Star {
    private var engines: [Engine] = []
    private var air = VirtualAir(seed: 1)
    private var now = MonotonicInstant(nanoseconds: 0)
    private var isRunning: [Bool]

    init(peers count: Int, acknowledgment: AcknowledgmentSource) {
        isRunning = [Bool](repeating: true, count: count + 1)
        for station in 0...count {
            let others = station == 0 ? Array(1...count) : [0]
            let peers = others.map { other in
                PeerConfiguration(
                    mldAddress: Pair.mldAddress(other),
                    links: [link1: Pair.address(other, link1), link2: Pair.address(other, link2)],
                    sessions: [0, 5].compactMap(TrafficIdentifier.init))
            }
            let configuration = EngineConfiguration(mldAddress: Pair.mldAddress(station), peers: peers)
            engines.append(Engine(configuration: configuration, seed: UInt64(station)))
        }
        for station in 0...count {
            for link in [link1, link2] {
                let address = Pair.address(station, link)
                air.addRadio(station: station, link: link, address: address, acknowledges: acknowledgment == .mac)
                let properties = LinkProperties(address: address, frequency: 2412, acknowledgment: acknowledgment)
                hand(.linkUp(link, properties), to: station)
            }
        }
    }

    func sessions(of station: Int) -> [SessionStatus] { engines[station].status().sessions }

    mutating func kill(_ station: Int) { isRunning[station] = false }

    mutating func linkDown(_ link: LinkIdentifier, at station: Int) {
        air.removeRadio(station: station, link: link)
        hand(.linkDown(link, .interfaceDown), to: station)
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while true {
            let deadlines = engines.indices.filter { isRunning[$0] }.compactMap { engines[$0].nextDeadline?.instant }
            guard let next = (deadlines + [air.nextInstant].compactMap(\.self)).min(), next <= end else { break }
            now = max(now, next)
            while let happening = air.next(until: now) { hand(happening.input, to: happening.station) }
            for station in engines.indices where (engines[station].nextDeadline?.instant).map({ $0 <= now }) ?? false {
                hand(.deadlineReached, to: station)
            }
        }
        now = end
    }

    private mutating func hand(_ input: Input, to station: Int) {
        guard isRunning[station] else { return }
        engines[station].handle(input, now: now)
        while let output = engines[station].nextOutput() {
            if case .transmit(let link, let number, let mpdu) = output {
                air.transmit(mpdu, number: number, from: station, on: link, at: now)
            }
        }
    }
}
