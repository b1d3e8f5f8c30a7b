import Foundation
import SessionCore
import TestSupport
import Testing

@testable import Simulation

/// Lives from seeds; `tools/simulate` plays many more of them.
@Suite struct LifeTests {
    @Test("no rule is broken in a life, and the same seed gives the same one", arguments: [1, 2, 5, 8, 11, 64] as [UInt64])
    func repeatable(seed: UInt64) {
        let first = Life(Plan(seed: seed)), second = Life(Plan(seed: seed))
        #expect(first.verdict == .good)
        #expect(first.hash == second.hash && first.tally == second.tally)
        #expect(first.tally.counts["inputs", default: 0] > 1000)
    }

    @Test("a plan is what it was after it has been written and read")
    func written() throws {
        for seed in UInt64(0)..<20 {
            let plan = Plan(seed: seed)
            #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan)) == plan)
        }
    }

    @Test("a life in which a rule is broken is made shorter, and breaks the same one")
    func shrunk() throws {
        // Somebody who forges what a radio reports, and an air that drops it all, are more than a session without retention can stand:
        // a link that never works again is expected to be alive.
        var plan = Plan(seed: 3)
        plan.deadLinks = []
        var air = Plan.AirPlan()
        air.isCut = true
        let end = plan.faultyMilliseconds * 1000
        for station in plan.stations.indices {
            for link in 1...plan.links {
                plan.steps.append(
                    Plan.PlannedStep(at: end, lasts: 60_000_000, what: .air(station: station, link: link, air)))
            }
        }
        let life = Life(plan)
        var shrinking = try #require(Shrinking(life, tries: 300))
        shrinking.run()
        #expect(shrinking.life.verdict.finding?.rule == life.verdict.finding?.rule)
        #expect(shrinking.plan.steps.count < plan.steps.count / 4)
    }

    @Test("an engine's first transmission has the number that its plan names")
    func wraps() {
        for number in [0, 1, UInt64.max, 0x1234_5678_ffff_fff0] {
            var random = SeededRandom(seed: SeededRandom.seed(whoseFirstIs: number))
            #expect(random.next() == number)
        }
    }

    @Test("a clock that is fast or slow reaches a reading at the first instant at which it has it")
    func clocks() {
        for drift in [-200, -1, 0, 7, 200] as [Int64] {
            let clock = StationClock(offset: 12_345_678, drift: drift)
            for reading in [12_345_678, 12_345_679, 1_000_000_000_123, 987_654_321_987] as [Int64] {
                let instant = clock.instant(of: MonotonicInstant(nanoseconds: reading))
                #expect(clock.reading(at: instant).nanoseconds >= reading)
                #expect(clock.reading(at: MonotonicInstant(nanoseconds: instant.nanoseconds - 1)).nanoseconds < reading)
            }
        }
    }
}
