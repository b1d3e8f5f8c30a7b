import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// Many lives from seeds: a phase with faults in which nothing wrong may happen, then a phase without in which everything must
/// converge. `RELINK_SEED` repeats one.
@Suite struct SimulationTests {
    static let seeds: [UInt64] =
        Environment.seed.map { [$0] } ?? (0..<40).map { $0 &* 0x9e37_79b9 &+ Environment.fresh }

    @Test("REB-3, REB-8: losses, returns, restarts of nobody, bad air: once, in order, nothing lost", arguments: seeds)
    func payloadsSurvive(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let links = Int.random(in: 1...4, using: &random)
        let acknowledgment: AcknowledgmentSource = Bool.random(using: &random) ? .mac : .frame
        let worst = Double.random(in: 0...0.3, using: &random)
        print("simulation: RELINK_SEED=\(seed) links \(links), acknowledgment \(acknowledgment), faults up to \(worst)")
        var pair = Pair(links: links, acknowledgment: acknowledgment, seed: seed)
        var sent = 0
        for _ in 0..<60 {
            disturb(&pair, links: links, worst: worst, &random)
            let count = Int.random(in: 0...6, using: &random)
            pair.send(payloads(sent..<sent + count))
            sent += count
            pair.run(for: .milliseconds(Int.random(in: 1...200, using: &random)))
        }
        #expect(pair.delivered(at: Pair.b) == payloads(0..<pair.delivered(at: Pair.b).count), "order or duplicates")

        for number in 1...links {
            for station in [Pair.a, Pair.b] {
                pair.setFaults(from: station, on: link(number)) { $0 = VirtualAir.Faults() }
                pair.linkUp(link(number), at: station)
            }
        }
        pair.run(for: .seconds(10))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<sent), "everything arrives once the air is clear")
        #expect(pair.status(Pair.a).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.b).sessions.map(\.state) == ["live"])
        #expect(pair.status(Pair.a).sessions.first?.link == pair.status(Pair.b).sessions.first?.link)
        let identifiers = [Pair.a, Pair.b].map { pair.status($0).sessions.first?.description.identifier }
        #expect(identifiers[0] == identifiers[1])
    }

    @Test("the same seed gives the same trace, output for output", arguments: seeds.prefix(4))
    func deterministic(seed: UInt64) {
        func trace() -> [Pair.Entry] {
            var random = SeededRandom(seed: seed)
            var pair = Pair(links: 3, seed: seed)
            for step in 0..<20 {
                disturb(&pair, links: 3, worst: 0.2, &random)
                pair.send(payloads(step..<step + 1))
                pair.run(for: .milliseconds(100))
            }
            return pair.trace
        }
        let first = trace()
        #expect(first.count > 100)
        #expect(first == trace())
    }

    private func disturb(_ pair: inout Pair, links: Int, worst: Double, _ random: inout SeededRandom) {
        for number in 1...links where Int.random(in: 0..<4, using: &random) == 0 {
            let isDead = Int.random(in: 0..<3, using: &random) == 0
            let oneWay = Int.random(in: 0..<4, using: &random)
            // What the kernel tells, at one end or at both at once.
            let down = Int.random(in: 0..<8, using: &random)
            for station in [Pair.a, Pair.b] {
                if down == station || down == 2 {
                    pair.linkDown(link(number), at: station)
                } else {
                    pair.linkUp(link(number), at: station)
                }
            }
            for station in [Pair.a, Pair.b] {
                let rates = (0..<3).map { _ in Double.random(in: 0...worst, using: &random) }
                let jitter = Int.random(in: 0...2000, using: &random)
                pair.setFaults(from: station, on: link(number)) { faults in
                    faults.isCut = isDead && oneWay != station
                    faults.frameLoss = rates[0]
                    faults.acknowledgmentLoss = rates[1]
                    faults.duplication = rates[2]
                    faults.jitter = .microseconds(jitter)
                }
            }
        }
    }
}
