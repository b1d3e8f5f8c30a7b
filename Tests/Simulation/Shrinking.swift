import TestSupport

/// Makes a plan shorter as long as it breaks the same rule.
public struct Shrinking {
    /// The shortest plan so far.
    public private(set) var plan: Plan
    /// Its life.
    public private(set) var life: Life
    private let rule: Finding.Rule
    private var left: Int

    /// Begins with a life in which a rule was broken; `nil` where none was.
    ///
    /// - Parameter tries: how many lives may be played.
    public init?(_ life: Life, tries: Int = 1500) {
        guard let finding = life.verdict.finding else { return nil }
        plan = life.plan
        self.life = life
        rule = finding.rule
        left = tries
    }

    /// Takes steps away, half of them at first, then fewer and fewer; then stations' traits.
    public mutating func run() {
        var size = max(1, plan.steps.count / 2)
        while left > 0 {
            var start = 0
            var isShorter = false
            while start < plan.steps.count, left > 0 {
                var shorter = plan
                shorter.steps.removeSubrange(start..<min(start + size, plan.steps.count))
                if take(shorter) { isShorter = true } else { start += size }
            }
            if size == 1 && !isShorter { break }
            size = max(1, size / 2)
        }
        while plan.stations.count > 2, take(plan.withoutLastStation) {}
        simplify { $0.deadLinks = [] }
        simplify { $0.isSecured = false }
        for station in plan.stations.indices {
            simplify { $0.stations[station].clock = .init() }
            simplify { $0.stations[station].mirrored = [] }
            simplify { $0.stations[station].sharing = "manual" }
            simplify { $0.stations[station].bufferSize = 256 }
            simplify { $0.stations[station].queuedPayloads = 1024 }
            simplify { $0.stations[station].interruptedSessions = 64 }
            simplify { $0.stations[station].retentionMilliseconds = 60_000 }
            simplify { $0.stations[station].lifetimeMilliseconds = 60_000 }
            simplify { $0.stations[station].rekeyMilliseconds = 3_600_000 }
            simplify { $0.stations[station].transmissionsBeforeWrap = nil }
            simplify { if $0.stations[station].tids.count > 1 { $0.stations[station].tids = [0] } }
        }
        for index in plan.steps.indices { shorten(index) }
        var last = plan
        while let end = last.steps.map({ $0.at + $0.lasts }).max(), end < last.faultyMilliseconds * 1000 {
            last.faultyMilliseconds = end / 1000 + 1
            if !take(last) { break }
            last = plan
            break
        }
    }

    private mutating func shorten(_ index: Int) {
        guard plan.steps.indices.contains(index),
            case .traffic(let from, let to, let tid, let count, let length, let every) = plan.steps[index].what
        else { return }
        for fewer in [1, 2, 4, 16, 64] where fewer < count {
            var shorter = plan
            shorter.steps[index].what = .traffic(
                from: from, to: to, tid: tid, count: fewer, length: length, everyMicroseconds: every)
            if take(shorter) { return }
        }
    }

    private mutating func simplify(_ change: (inout Plan) -> Void) {
        var simpler = plan
        change(&simpler)
        if simpler != plan { _ = take(simpler) }
    }

    private mutating func take(_ candidate: Plan) -> Bool {
        guard left > 0 else { return false }
        left -= 1
        let life = Life(candidate)
        guard life.verdict.finding?.rule == rule else { return false }
        plan = candidate
        self.life = life
        return true
    }
}

extension Plan {
    /// The plan without what its last station does.
    fileprivate var withoutLastStation: Plan {
        var plan = self
        let last = plan.stations.count - 1
        plan.stations.removeLast()
        for station in plan.stations.indices { plan.stations[station].peers.removeAll { $0 == last } }
        plan.steps.removeAll { $0.what.stations.contains(last) }
        return plan
    }
}

extension Plan.Deed {
    /// The stations that it is about.
    fileprivate var stations: [Int] {
        switch self {
        case .traffic(let from, let to, _, _, _, _): [from, to]
        case .air(let station, _, _), .radioDown(let station, _), .standStill(let station), .crash(let station, _): [station]
        case .close(let station, let peer, _, _), .share(let station, let peer, _), .connect(let station, let peer, _):
            [station, peer]
        case .replay: []
        }
    }
}
