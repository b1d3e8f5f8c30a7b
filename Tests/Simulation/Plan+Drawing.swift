import SessionCore
import TestSupport
import VirtualAir

// Everything in a plan is drawn here, in one order, so that a seed is a plan for good.
extension Plan {
    /// Draws a plan.
    public init(seed: UInt64) {
        var luck = SeededRandom(seed: seed)
        let count = luck.oneIn(4) ? luck.number(3...(luck.oneIn(8) ? 12 : 5)) : 2
        let links = luck.number(count > 5 ? 1...2 : 1...4)
        self.seed = seed
        self.links = links
        radiosAcknowledge = luck.oneIn(2)
            ? Array(repeating: !luck.oneIn(2), count: links) : (0..<links).map { _ in !luck.oneIn(2) }
        isSecured = luck.oneIn(2)
        faultyMilliseconds = luck.number(1500...9000)
        deadLinks = links > 1 && luck.oneIn(3) ? [luck.number(1...links)] : []
        deadFromMilliseconds = luck.number(0...faultyMilliseconds)
        stations = []
        steps = []
        let known = Self.acquaintances(count, &luck)
        for station in 0..<count { stations.append(StationPlan(peers: known[station].sorted(), &luck)) }
        let bad = luck.oneIn(3) ? 1 : luck.number(2...8)
        for _ in 0..<(faultyMilliseconds * bad / 400) { drawFault(&luck) }
        drawTraffic(&luck)
        drawCommands(&luck)
        steps.sort { ($0.at, $0.lasts) < ($1.at, $1.lasts) }
    }

    /// Who knows whom: a chain, so that nobody is alone, and some more.
    private static func acquaintances(_ count: Int, _ luck: inout SeededRandom) -> [Set<Int>] {
        var known = [Set<Int>](repeating: [], count: count)
        func acquaint(_ one: Int, _ other: Int) {
            guard one != other else { return }
            known[one].insert(other)
            known[other].insert(one)
        }
        let isStar = luck.oneIn(2)
        for station in 1..<count { acquaint(station, isStar ? 0 : station - 1) }
        for _ in 0..<(count / 3) { acquaint(luck.number(0...count - 1), luck.number(0...count - 1)) }
        return known
    }

    private mutating func drawFault(_ luck: inout SeededRandom) {
        let at = luck.number(0...faultyMilliseconds * 1000 - 1)
        let station = luck.number(0...stations.count - 1), link = luck.number(1...links)
        let most = max(1, min(faultyMilliseconds * 1000 - at, 3_000_000))
        let lasts = luck.oneIn(3) ? luck.number(1...most) : luck.number(1...min(most, 400_000))
        func add(_ deed: Deed) { steps.append(PlannedStep(at: at, lasts: lasts, what: deed)) }
        switch luck.number(0...19) {
        case 0...6:
            // Dead in both directions, for all stations: what a session must be rebuilt for.
            var air = AirPlan()
            air.isCut = true
            for each in stations.indices { add(.air(station: each, link: link, air)) }
        case 7...8:
            var air = AirPlan()
            air.isCut = true
            add(.air(station: station, link: link, air))
        case 9...12: add(.air(station: station, link: link, AirPlan(&luck)))
        case 13...14:
            let air = AirPlan(&luck)
            for each in stations.indices { add(.air(station: each, link: link, air)) }
        case 15...16: add(.radioDown(station: station, link: link))
        case 17: add(.standStill(station: station))
        case 18: if luck.oneIn(2) { add(.crash(station: station, saysGoodbye: luck.oneIn(3))) }
        default: if isSecured { add(.replay(count: luck.number(1...20), changed: luck.oneIn(2))) }
        }
    }

    private mutating func drawTraffic(_ luck: inout SeededRandom) {
        for station in stations.indices {
            for peer in stations[station].peers where !luck.oneIn(5) {
                var at = luck.number(0...300_000)
                while at < faultyMilliseconds * 1000 {
                    let every = luck.number(0...3) == 0 ? luck.number(100...1000) : luck.number(2000...40_000)
                    let lasts = luck.number(20_000...1_000_000)
                    let count = max(1, min(lasts / every, 300))
                    let length = luck.oneIn(3) ? 1400 : luck.number(16...200)
                    steps.append(
                        PlannedStep(
                            at: at, lasts: 0,
                            what: .traffic(
                                from: station, to: peer, tid: luck.oneIn(3) ? luck.number(0...7) : 0, count: count,
                                length: length, everyMicroseconds: every)))
                    at += lasts + luck.number(0...500_000)
                }
            }
        }
    }

    private mutating func drawCommands(_ luck: inout SeededRandom) {
        for _ in 0..<luck.number(0...6) {
            let station = luck.number(0...stations.count - 1)
            guard let peer = stations[station].peers.randomElement(using: &luck) else { continue }
            let tid = luck.oneIn(2) ? 0 : luck.number(0...7)
            let deed: Deed =
                switch luck.number(0...4) {
                case 0...1: .close(station: station, peer: peer, tid: tid, asInitiator: luck.oneIn(2))
                case 2: .connect(station: station, peer: peer, tid: tid)
                default: .share(station: station, peer: peer, links: Array(1...links))
                }
            steps.append(PlannedStep(at: luck.number(0...faultyMilliseconds * 1000), lasts: 0, what: deed))
        }
    }
}

extension Plan.StationPlan {
    fileprivate init(peers: [Int], _ luck: inout SeededRandom) {
        self.peers = peers
        tids = luck.oneIn(4) ? (0..<luck.number(0...8)).map { $0 } : [0]
        sharing = luck.oneIn(3) ? "always" : luck.oneIn(3) ? "when-worse" : "manual"
        mirrored = luck.oneIn(5) ? [0] : []
        bufferSize = luck.oneIn(3) ? [1, 2, 8, 64, 1024][luck.number(0...4)] : 256
        supportsRebuild = !luck.oneIn(12)
        supportsSharing = !luck.oneIn(8)
        queuedPayloads = luck.oneIn(4) ? luck.number(1...64) : 1024
        interruptedSessions = luck.oneIn(6) ? luck.number(1...3) : 64
        sessionsPerPeer = luck.oneIn(6) ? luck.number(1...4) : 8
        retentionMilliseconds = luck.oneIn(4) ? luck.number(200...3000) : 60_000
        lifetimeMilliseconds = luck.oneIn(5) ? luck.number(100...2000) : 60_000
        rekeyMilliseconds = luck.oneIn(4) ? luck.number(300...2000) : 3_600_000
        clock = StationClock(offset: Int64(luck.number(0...1_000_000_000)) * 1000, drift: Int64(luck.number(-200...200)))
        transmissionsBeforeWrap = luck.oneIn(3) ? UInt32(luck.number(0...300)) : nil
    }
}

extension Plan.AirPlan {
    fileprivate init(_ luck: inout SeededRandom) {
        self.init()
        func share(_ most: Int) -> Int { luck.oneIn(2) ? 0 : luck.number(0...most) }
        frameLoss = share(400)
        acknowledgmentLoss = share(400)
        reportLoss = luck.oneIn(6) ? luck.number(0...500) : 0
        reportDelay = luck.oneIn(6) ? luck.number(0...20_000) : 0
        forgesAcknowledgments = luck.oneIn(12)
        duplication = share(300)
        delay = luck.oneIn(4) ? luck.number(100...150_000) : luck.number(50...500)
        jitter = luck.oneIn(3) ? luck.number(0...max(2000, delay)) : 0
        if luck.oneIn(3) {
            let all = SelectedKind.allCases
            let kinds = luck.oneIn(3) ? Set(all) : Set((0..<luck.number(1...2)).map { _ in all[luck.number(0...4)] })
            lost = FrameSelector(kinds: kinds, longerThan: luck.oneIn(2) ? luck.number(60...1000) : 0)
        }
    }
}

extension SeededRandom {
    /// A number in a range.
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in so many times.
    mutating func oneIn(_ count: Int) -> Bool { number(1...count) == 1 }
}
