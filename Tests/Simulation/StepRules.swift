import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import VirtualAir

/// The rules that are checked at each step of a life, faults or not.
struct StepRules {
    private let plan: Plan
    /// By station.
    private var stations: [Watched]
    /// The frames that each station sent, by kind.
    private(set) var transmissions: [[SelectedKind: Int]]
    /// The number of events so far.
    private(set) var events = 0
    private var generations: [Direction: Int] = [:]
    private var packets: [Packet: UInt64] = [:]

    private struct Watched {
        var overdue = 0
        var inputs = 0
        var second: Int64 = 0
        var events: [Event.Kind: Int] = [:]
        var life = 0
    }

    private struct Direction: Hashable {
        let station: Int
        let peer: MACAddress
    }

    private struct Packet: Hashable {
        let station: Int
        let life: Int
        let generation: Int
        let transmitter: UInt64
        let receiver: UInt64
        let header: UInt64
        let isData: Bool
    }

    /// Deadlines in a row that may be due at once.
    private static let mostOverdue = 40
    /// Inputs between two looks at tables.
    private static let interval = 50
    /// Events of a kind in a second, for each session or link that there may be.
    private static let mostEvents = 60

    init(_ plan: Plan) {
        self.plan = plan
        stations = Array(repeating: Watched(), count: plan.stations.count)
        transmissions = Array(repeating: [:], count: plan.stations.count)
    }

    /// An agent begins a new life.
    mutating func begin(_ station: Int) { stations[station].life += 1 }

    mutating func check(_ step: Cluster.Step, _ cluster: Cluster) throws(Finding) {
        try checkDeadline(step, cluster)
        for output in step.outputs {
            switch output {
            case .event(let event): try checkEvent(event, step)
            case .transmit(_, _, let mpdu):
                transmissions[step.station][SelectedKind(of: mpdu), default: 0] += 1
                if plan.isSecured { try checkPacket(mpdu, step) }
            case .deliver: break
            }
        }
        stations[step.station].inputs += 1
        if stations[step.station].inputs % Self.interval == 0 { try checkTables(step.station, cluster) }
    }

    private mutating func checkDeadline(_ step: Cluster.Step, _ cluster: Cluster) throws(Finding) {
        guard case .deadlineReached = step.input, let deadline = cluster.stations[step.station].deadline,
            deadline <= step.instant
        else {
            stations[step.station].overdue = 0
            return
        }
        stations[step.station].overdue += 1
        guard stations[step.station].overdue <= Self.mostOverdue else {
            let reason = cluster.stations[step.station].engine.nextDeadline?.reason.rawValue ?? ""
            throw Finding(.timely, "station \(step.station): \(reason) is due again and again")
        }
    }

    private mutating func checkEvent(_ event: Event, _ step: Cluster.Step) throws(Finding) {
        events += 1
        let second = step.instant.nanoseconds / 1_000_000_000
        if stations[step.station].second != second {
            stations[step.station].second = second
            stations[step.station].events = [:]
        }
        if event.kind == .secured, let peer = event.peer {
            generations[Direction(station: step.station, peer: peer), default: 0] += 1
        }
        stations[step.station].events[event.kind, default: 0] += 1
        let peers = plan.stations[step.station].peers.count
        let most = Self.mostEvents * peers * (event.session == nil ? plan.links : 16)
        let count = stations[step.station].events[event.kind] ?? 0
        guard count <= most else {
            throw Finding(.terse, "station \(step.station): \(count) times \(event.kind) in a second")
        }
    }

    private mutating func checkPacket(_ mpdu: [UInt8], _ step: Cluster.Step) throws(Finding) {
        guard let header = try? MACHeader(parsing: mpdu.span), let transmitter = header.address2 else { return }
        let isData = header.kind == .qosData
        let place: Int
        if isData {
            place = 26
        } else if ProtectionElement.isAtEnd(of: mpdu.span) {
            place = mpdu.count - 24
        } else {
            return
        }
        guard mpdu.count >= place + 8 else { return }
        let number = mpdu[place..<place + 8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let peer = plan.stations[step.station].peers.first(where: { peer in
            (1...plan.links).contains { Pair.address(peer, plan.link($0)) == header.address1 }
        }) else { return }
        let direction = Direction(station: step.station, peer: Pair.mldAddress(peer))
        let packet = Packet(
            station: step.station, life: stations[step.station].life, generation: generations[direction] ?? 0,
            transmitter: transmitter.rawValue, receiver: header.address1.rawValue, header: number, isData: isData)
        var content = TraceHash()
        content.add(mpdu)
        if let before = packets[packet], before != content.value {
            throw Finding(.fresh, "station \(step.station): packet number \(String(number, radix: 16)) twice")
        }
        packets[packet] = content.value
    }

    private func checkTables(_ station: Int, _ cluster: Cluster) throws(Finding) {
        let own = plan.stations[station]
        let sessions = cluster.stations[station].engine.status().sessions
        for session in sessions {
            let most = session.description.role == .initiator ? own.queuedPayloads : own.bufferSize
            guard session.queued <= most else {
                throw Finding(.limited, "station \(station): a session holds \(session.queued) payloads, more than \(most)")
            }
        }
        for peer in own.peers {
            let received = sessions.filter { $0.peer == Pair.mldAddress(peer) && $0.description.role == .receiver }
            guard received.count <= own.sessionsPerPeer else {
                throw Finding(.limited, "station \(station): \(received.count) sessions of a peer")
            }
        }
    }
}
