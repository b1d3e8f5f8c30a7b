import IEEE80211
import SessionCore
import TestSupport

/// A life for people: the faults, the events, and the frames that are not heartbeats.
struct Trace {
    private(set) var lines: [String] = []

    private func time(_ instant: MonotonicInstant) -> String {
        let microseconds = instant.nanoseconds / 1000
        let text = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - text.count))\(text)"
    }

    mutating func add(_ step: Plan.PlannedStep, begins: Bool, at instant: MonotonicInstant) {
        lines.append("\(time(instant)) \(begins ? "begin" : "end")  \(step.what)")
    }

    /// The links and sessions in the end.
    mutating func addStatus(of cluster: Cluster) {
        for (station, each) in cluster.stations.enumerated() where each.isRunning {
            let status = each.engine.status()
            for peer in status.peers {
                for link in peer.links {
                    lines.append(
                        "\(station) link \(link.link) to \(peer.mldAddress.rawValue & 0xff) \(link.health.rawValue), \(link.doubts) doubts, used \(link.isUsedByPeer)"
                    )
                }
            }
            for session in status.sessions {
                lines.append(
                    "\(station) \(session.description.role) \(session.description.identifier) TID \(session.description.tid) \(session.state) on \(session.links), failing \(session.failingLinks), position \(session.resumptionPosition), holds \(session.queued)"
                )
            }
        }
    }

    mutating func add(_ step: Cluster.Step) {
        for output in step.outputs {
            guard case .event(let event) = output else { continue }
            var text = "\(time(step.instant)) \(step.station)      \(event.kind.rawValue)"
            if let session = event.session { text += " \(session.role) \(session.identifier) TID \(session.tid)" }
            if let peer = event.peer { text += " with \(peer.rawValue & 0xff)" }
            if let link = event.link { text += " link \(link)" }
            if !event.links.isEmpty { text += " links \(event.links)" }
            if let cause = event.cause { text += " (\(cause.name))" }
            if let lost = event.framesLost, lost > 0 { text += " \(lost) lost" }
            lines.append(text)
        }
    }
}
