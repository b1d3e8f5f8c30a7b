import HeapModule
import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import VirtualAir

/// One life: a cluster that a plan happens to, with the books beside it.
struct World {
    let plan: Plan
    var cluster: Cluster
    var books: Books
    var rules: StepRules
    private(set) var hash = TraceHash()
    /// The inputs so far.
    private(set) var inputs = 0
    /// A line for each step that a person wants to see; `nil` where nobody does.
    var trace: Trace?

    private var agenda = Heap<Appointment>()
    private var order = 0
    /// By station and link: the faults that last, oldest first.
    private var airs: [[[(step: Int, air: Plan.AirPlan)]]]
    private var downs: [[Int]]
    private var dead: Set<Int> = []
    private var stills: [Int]
    private var lives: [Int]
    var luck: SeededRandom
    private var frames = FrameMemory()
    /// Sessions that users ended, by station that is the initiator, peer and TID; and whether they are wanted again.
    var wishes = Wishes()

    /// More inputs than any life needs.
    static let mostInputs = 20_000_000

    private enum Task {
        case begin(Int)
        case end(Int)
        case payload(step: Int, left: Int)
    }

    private struct Appointment: Comparable {
        let instant: MonotonicInstant
        let order: Int
        let task: Task

        static func == (left: Appointment, right: Appointment) -> Bool { left.order == right.order }
        static func < (left: Appointment, right: Appointment) -> Bool {
            (left.instant, left.order) < (right.instant, right.order)
        }
    }

    init(_ plan: Plan) {
        self.plan = plan
        let count = plan.stations.count
        cluster = Cluster(seed: plan.seed)
        books = Books(stations: count)
        rules = StepRules(plan)
        airs = Array(repeating: Array(repeating: [], count: plan.links), count: count)
        downs = Array(repeating: Array(repeating: 0, count: plan.links), count: count)
        stills = Array(repeating: 0, count: count)
        lives = Array(repeating: 0, count: count)
        luck = SeededRandom(seed: ~plan.seed)
        for station in plan.stations.indices {
            cluster.addStation(
                plan.configuration(of: station), seed: plan.engineSeed(of: station, life: 0),
                secrets: plan.secrets(of: station, life: 0), clock: plan.stations[station].clock)
            for peer in plan.stations[station].peers {
                for tid in plan.stations[station].tids { wishes.want(station, peer, tid) }
            }
        }
        for (index, step) in plan.steps.enumerated() {
            add(.begin(index), at: step.at)
            if step.lasts > 0 { add(.end(index), at: step.at + step.lasts) }
        }
    }

    private mutating func add(_ task: Task, at microseconds: Int) {
        order += 1
        let instant = MonotonicInstant(nanoseconds: Int64(microseconds) * 1000)
        agenda.insert(Appointment(instant: instant, order: order, task: task))
    }

    // MARK: Time

    /// All radios go on the air.
    mutating func begin() throws(Finding) {
        for station in plan.stations.indices {
            for link in 1...plan.links { try radioUp(station, link) }
        }
    }

    /// Lets time pass until a number of milliseconds since the beginning.
    mutating func play(untilMilliseconds end: Int) throws(Finding) {
        let end = MonotonicInstant(nanoseconds: Int64(end) * 1_000_000)
        while let next = agenda.min, next.instant <= end {
            try pass(until: next.instant)
            agenda.removeMin()
            try perform(next.task)
        }
        try pass(until: end)
    }

    private mutating func pass(until end: MonotonicInstant) throws(Finding) {
        var taken: Cluster.Step?
        while cluster.play(until: end, { taken = $0 }) {
            guard let step = taken else { continue }
            taken = nil
            try note(step)
        }
    }

    mutating func note(_ step: Cluster.Step?) throws(Finding) {
        guard let step else { return }
        inputs += 1
        hash.add(step)
        trace?.add(step)
        do throws(Finding) {
            try book(step)
            try rules.check(step, cluster)
            if inputs > Self.mostInputs { throw Finding(.terse, "more than \(Self.mostInputs) inputs") }
        } catch {
            throw located(error)
        }
    }

    func located(_ finding: Finding) -> Finding {
        Finding(rule: finding.rule, at: cluster.now.nanoseconds / 1000, text: finding.text)
    }

    private mutating func book(_ step: Cluster.Step) throws(Finding) {
        if case .payload(let payload, _, _) = step.input {
            let refused = cluster.stations[step.station].engine.counters.refusedPayloads
            books.handed(payload, refusedNow: refused)
        }
        for output in step.outputs {
            switch output {
            case .transmit(let link, _, let mpdu):
                if plan.isSecured { frames.add(mpdu, on: link) }
            case .deliver(let payload, let peer, let tid):
                try books.delivered(payload, from: peer, tid: tid, at: step.station)
            case .event(let event): books.told(event, by: step.station)
            }
        }
    }

    // MARK: What happens

    private mutating func perform(_ task: Task) throws(Finding) {
        switch task {
        case .begin(let index):
            trace?.add(plan.steps[index], begins: true, at: cluster.now)
            try begin(index)
        case .end(let index):
            trace?.add(plan.steps[index], begins: false, at: cluster.now)
            try end(index)
        case .payload(let index, let left): try send(index, left: left)
        }
    }

    private mutating func begin(_ index: Int) throws(Finding) {
        let step = plan.steps[index]
        switch step.what {
        case .traffic(_, _, _, let count, _, _): try send(index, left: count)
        case .air(let station, let link, let air):
            airs[station][link - 1].append((index, air))
            setAir(station, link)
        case .radioDown(let station, let link):
            downs[station][link - 1] += 1
            if downs[station][link - 1] == 1 { try note(cluster.linkDown(plan.link(link), at: station)) }
        case .standStill(let station):
            stills[station] += 1
            if cluster.stations[station].isRunning { cluster.standStill(station) }
        case .crash(let station, let saysGoodbye): try crash(station, saysGoodbye: saysGoodbye)
        case .close(let station, let peer, let tid, let asInitiator):
            try close(station, peer, tid, asInitiator: asInitiator)
        case .share(let station, let peer, let links):
            try share(station, peer, LinkSet(links.map(plan.link)))
        case .connect(let station, let peer, let tid):
            guard let identifier = TrafficIdentifier(tid) else { return }
            wishes.want(station, peer, tid)
            try note(cluster.hand(.command(.connect(peer: Pair.mldAddress(peer), tid: identifier)), to: station))
        case .replay(let count, let changed): try replay(count, changed: changed)
        }
    }

    private mutating func end(_ index: Int) throws(Finding) {
        switch plan.steps[index].what {
        case .air(let station, let link, _):
            airs[station][link - 1].removeAll { $0.step == index }
            setAir(station, link)
        case .radioDown(let station, let link):
            downs[station][link - 1] -= 1
            if downs[station][link - 1] == 0 { try radioUp(station, link) }
        case .standStill(let station):
            stills[station] -= 1
            if stills[station] == 0 { for input in cluster.goOn(station) { try note(cluster.hand(input, to: station)) } }
        case .crash(let station, _): try restart(station)
        case .traffic, .close, .share, .connect, .replay: break
        }
    }

    private mutating func setAir(_ station: Int, _ link: Int) {
        guard !dead.contains(link) else { return }
        let air = airs[station][link - 1].last?.air ?? Plan.AirPlan()
        cluster.air.setFaults(air.faults, from: station, on: plan.link(link))
    }

    /// A link works no more, for good.
    mutating func kill(link: Int) {
        var air = Plan.AirPlan()
        air.isCut = true
        dead.insert(link)
        for station in plan.stations.indices { cluster.air.setFaults(air.faults, from: station, on: plan.link(link)) }
    }

    private mutating func radioUp(_ station: Int, _ link: Int) throws(Finding) {
        let properties = LinkProperties(
            address: Pair.address(station, plan.link(link)), frequency: 2412,
            acknowledgment: plan.radiosAcknowledge[link - 1] ? .mac : .frame)
        try note(cluster.linkUp(plan.link(link), properties, at: station))
    }

    private mutating func send(_ index: Int, left: Int) throws(Finding) {
        guard case .traffic(let from, let to, let tid, _, let length, let every) = plan.steps[index].what,
            let identifier = TrafficIdentifier(tid)
        else { return }
        if cluster.stations[from].isRunning {
            let name = books.next(from: from, to: to, tid: identifier)
            wishes.want(from, to, tid)
            try note(
                cluster.hand(
                    .payload(name.payload(length: length), peer: Pair.mldAddress(to), tid: identifier), to: from))
        }
        guard left > 1 else { return }
        add(.payload(step: index, left: left - 1), at: Int(cluster.now.nanoseconds / 1000) + every)
    }

    private mutating func crash(_ station: Int, saysGoodbye: Bool) throws(Finding) {
        guard cluster.stations[station].isRunning else { return }
        books.count("crashes")
        if saysGoodbye, !cluster.stations[station].standsStill {
            try note(cluster.hand(.command(.shutDown), to: station))
            do throws(Finding) { try books.check(station, held: 0, dropped: dropped(station)) } catch { throw located(error) }
        }
        cluster.kill(station)
    }

    private mutating func restart(_ station: Int) throws(Finding) {
        guard !cluster.stations[station].isRunning else { return }
        lives[station] += 1
        books.begin(station)
        rules.begin(station)
        wishes.begin(station)
        for peer in plan.stations[station].peers {
            for tid in plan.stations[station].tids { wishes.want(station, peer, tid) }
        }
        let life = lives[station]
        cluster.restart(
            station, seed: plan.engineSeed(of: station, life: life), secrets: plan.secrets(of: station, life: life))
        if stills[station] > 0 { cluster.standStill(station) }
        for link in 1...plan.links where downs[station][link - 1] == 0 { try radioUp(station, link) }
    }

    func dropped(_ station: Int) -> Int { cluster.stations[station].engine.counters.droppedPayloads }

    private mutating func close(_ station: Int, _ peer: Int, _ tid: Int, asInitiator: Bool) throws(Finding) {
        let role: SessionRole = asInitiator ? .initiator : .receiver
        guard cluster.stations[station].isRunning, !cluster.stations[station].standsStill,
            let session = cluster.stations[station].engine.status().sessions.first(where: {
                $0.peer == Pair.mldAddress(peer) && Int($0.description.tid.rawValue) == tid && $0.description.role == role
            })
        else { return }
        books.count("closes")
        if asInitiator { wishes.close(station, peer, tid) } else { wishes.closeFromAfar(peer, station, tid) }
        try note(cluster.hand(.command(.close(session.description.identifier)), to: station))
    }

    private mutating func share(_ station: Int, _ peer: Int, _ links: LinkSet) throws(Finding) {
        guard cluster.stations[station].isRunning,
            let session = cluster.stations[station].engine.status().sessions.first(where: {
                $0.peer == Pair.mldAddress(peer) && $0.description.role == .initiator
            })
        else { return }
        try note(cluster.hand(.command(.share(session.description.identifier, links)), to: station))
    }

    private mutating func replay(_ count: Int, changed: Bool) throws(Finding) {
        for _ in 0..<count {
            guard case (var frame, let link)? = frames.draw(&luck), let receiver = receiver(of: frame, on: link) else { return }
            if changed {
                let place = luck.number(24...max(24, frame.count - 1))
                guard place < frame.count else { continue }
                frame[place] ^= UInt8(1 << luck.number(0...7))
            }
            books.count("replayedFrames")
            try note(cluster.hand(.frameReceived(link: link, mpdu: frame, signal: -40), to: receiver))
        }
    }

    private func receiver(of frame: [UInt8], on link: LinkIdentifier) -> Int? {
        guard let address = try? MACHeader(parsing: frame.span).address1 else { return nil }
        return plan.stations.indices.first { Pair.address($0, link) == address }
    }
}
