import SessionCore
import TestSupport

/// A life that was played.
public struct Life: Sendable {
    /// Its plan.
    public var plan: Plan
    /// Its end.
    public var verdict: Verdict
    /// The counts of events and faults, by name.
    public var tally: Tally
    /// The hash of all that engines did.
    public var hash: UInt64
    /// Its trace, if it was asked for.
    public var trace: [String]

    /// The most time from the end of the faults until all has converged, in milliseconds.
    public static let convergence = 12_000
    /// The time that it is idle then until it must be quiet.
    private static let idle = 6000
    /// The time in which heartbeats are counted.
    private static let counted = 2000
    private static let step = 500
    private static let mostReturns = 8

    /// Plays a life.
    ///
    /// - Parameter traced: whether to write what happens down.
    public init(_ plan: Plan, traced: Bool = false) {
        var world = World(plan)
        if traced { world.trace = Trace() }
        let verdict = Self.play(&world)
        self.plan = plan
        self.verdict = verdict
        var tally = world.books.tally
        tally.count("lives")
        tally.count("inputs", world.inputs)
        self.tally = tally
        hash = world.hash.value
        if traced { world.trace?.addStatus(of: world.cluster) }
        trace = world.trace?.lines ?? []
    }

    private static func play(_ world: inout World) -> Verdict {
        let plan = world.plan
        do throws(Finding) {
            try world.begin()
            try world.play(untilMilliseconds: min(plan.deadFromMilliseconds, plan.faultyMilliseconds))
            for link in plan.deadLinks { world.kill(link: link) }
            try world.play(untilMilliseconds: plan.faultyMilliseconds)
        } catch {
            return .wrong(error)
        }
        var now = plan.faultyMilliseconds
        var finding: Finding?
        repeat {
            now += step
            do throws(Finding) { try world.play(untilMilliseconds: now) } catch { return .wrong(error) }
            do throws(Finding) {
                try Convergence(world).check()
                try world.checkBooks()
                finding = nil
            } catch {
                finding = world.located(error)
            }
        } while finding != nil && now < plan.faultyMilliseconds + convergence
        if let finding { return finding.rule == .counted ? .wrong(finding) : .stuck(finding) }
        let isCalm = plan.stations.allSatisfy { $0.rekeyMilliseconds > 60_000 && $0.sessionsPerPeer >= 8 }
        guard plan.seed % 8 == 0, isCalm else { return .good }
        // A session may still return to a link that is probed ever more rarely.
        for _ in 0..<mostReturns {
            let events = world.rules.events
            do throws(Finding) { try world.play(untilMilliseconds: now + idle) } catch { return .wrong(error) }
            if world.rules.events == events { break }
            now += idle
        }
        let before = world.rules.transmissions
        do throws(Finding) { try world.play(untilMilliseconds: now + idle + counted) } catch { return .wrong(error) }
        do throws(Finding) { try Convergence(world).checkQuiet(since: before, seconds: counted / 1000) } catch {
            return .stuck(world.located(error))
        }
        return .good
    }
}

extension World {
    /// All payloads are accounted for.
    func checkBooks() throws(Finding) {
        for station in plan.stations.indices where cluster.stations[station].isRunning {
            let held = cluster.stations[station].engine.status().sessions
                .filter { $0.description.role == .initiator }.reduce(0) { $0 + $1.queued }
            try books.check(station, held: held, dropped: dropped(station))
        }
    }
}
