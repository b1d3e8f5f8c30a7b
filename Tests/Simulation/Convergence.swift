import IEEE80211
import SessionCore
import TestSupport
import VirtualAir

/// The rules that hold some time after the faults are over.
struct Convergence {
    private let world: World
    private let statuses: [EngineStatus?]

    init(_ world: World) {
        self.world = world
        statuses = world.cluster.stations.map { $0.isRunning ? $0.engine.status() : nil }
    }

    func check() throws(Finding) {
        for station in statuses.indices {
            guard statuses[station] != nil else { throw Finding(.live, "station \(station) does not run") }
        }
        for station in statuses.indices {
            for peer in world.plan.stations[station].peers {
                try checkLinks(station, peer)
                try checkSessions(of: station, with: peer)
            }
        }
    }

    private var working: LinkSet {
        LinkSet((1...world.plan.links).filter { !world.plan.deadLinks.contains($0) }.map(world.plan.link))
    }

    private func checkLinks(_ station: Int, _ peer: Int) throws(Finding) {
        guard let links = statuses[station]?.peers.first(where: { $0.mldAddress == Pair.mldAddress(peer) })?.links else {
            throw Finding(.linked, "station \(station) does not know \(peer)")
        }
        for link in links {
            let works = working.contains(link.link)
            guard (link.health == .alive) == works else {
                throw Finding(.linked, "station \(station): link \(link.link) to \(peer) is \(link.health.rawValue)")
            }
        }
    }

    private func sessions(_ station: Int, _ peer: Int, _ role: SessionRole) -> [SessionStatus] {
        statuses[station]?.sessions.filter { $0.peer == Pair.mldAddress(peer) && $0.description.role == role } ?? []
    }

    private func checkSessions(of station: Int, with peer: Int) throws(Finding) {
        let own = sessions(station, peer, .initiator), theirs = sessions(peer, station, .receiver)
        let most = world.plan.stations[peer].sessionsPerPeer
        for session in own where own.count <= most {
            let name = "\(station) to \(peer), TID \(session.description.tid)"
            guard session.state == "live" else { throw Finding(.live, "\(name) is \(session.state) at the initiator") }
            guard let other = theirs.first(where: { $0.description.identifier == session.description.identifier }) else {
                throw Finding(.live, "\(name) is not there at the receiver")
            }
            guard other.state == "live" else { throw Finding(.live, "\(name) is \(other.state) at the receiver") }
            guard session.links == other.links else {
                throw Finding(.live, "\(name) lives on \(session.links) and \(other.links)")
            }
            guard session.links.subtracting(working).isEmpty else {
                throw Finding(.live, "\(name) lives on \(session.links), and \(working) work")
            }
            guard session.queued == 0, other.queued == 0 else {
                throw Finding(.live, "\(name) holds \(session.queued) and \(other.queued) payloads")
            }
        }
        for other in theirs where !own.contains(where: { $0.description.identifier == other.description.identifier }) {
            throw Finding(
                .live, "\(station) to \(peer), TID \(other.description.tid) is \(other.state) at the receiver alone")
        }
        for wish in world.wishes.wanted.subtracting(world.wishes.closed)
        where wish.initiator == station && wish.receiver == peer && world.plan.stations[station].sessionsPerPeer >= 8 {
            guard own.contains(where: { Int($0.description.tid.rawValue) == wish.tid }) else {
                throw Finding(.live, "\(station) to \(peer), TID \(wish.tid) is wanted and not there")
            }
        }
        for wish in world.wishes.ended where wish.initiator == station && wish.receiver == peer {
            guard !own.contains(where: { Int($0.description.tid.rawValue) == wish.tid }) else {
                throw Finding(.ended, "\(station) to \(peer), TID \(wish.tid) was ended by a user and is there")
            }
        }
    }

    /// Idle agents send heartbeats once a second on each link, and what answers them.
    func checkQuiet(since before: [[SelectedKind: Int]], seconds: Int) throws(Finding) {
        for station in statuses.indices {
            let kinds = world.rules.transmissions[station].merging(before[station]) { $0 - $1 }.filter { $0.value > 0 }
            let sent = kinds.values.reduce(0, +)
            let links = world.plan.stations[station].peers.count * world.plan.links
            // A heartbeat and an answer; on a dead link, four.
            let most = links * seconds * 3 + (world.plan.deadLinks.isEmpty ? 0 : links * seconds * 5)
            guard sent <= most else {
                throw Finding(.quiet, "station \(station) sent \(sent) frames in \(seconds) s, more than \(most): \(kinds.map { "\($0.value) \($0.key)" }.sorted())")
            }
        }
    }
}
