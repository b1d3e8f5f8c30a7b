import ControlProtocol
import IEEE80211
import SessionCore

/// What users ask for over the control socket.
extension Agent {
    /// Does what a client asks.
    ///
    /// - Returns: the status after it, or why it is refused. Events are not asked for here: the server keeps them.
    func perform(_ request: ControlRequest) -> ControlMessage {
        switch request {
        case .status, .events: break
        case .connect(let name, let tid):
            guard let peer = peer(named: name) else { return .refused("no peer is called \(name); \(peerList)") }
            guard let tid = TrafficIdentifier(tid) else { return .refused("\(tid) is no TID; they go from 0 to 7") }
            handle(.command(.connect(peer: peer, tid: tid)))
        case .close(let name):
            let sessions = engine.status().sessions
            guard let session = sessions.first(where: { "\($0.description.identifier)" == name.lowercased() }) else {
                return .refused("there is no session \(name) now; \"relink status\" lists the sessions")
            }
            handle(.command(.close(session.description.identifier)))
        }
        return .status(statusReport())
    }

    private func peer(named name: String) -> MACAddress? {
        let peers = configuration.engine.peers.map(\.mldAddress)
        return peers.first { configuration.peerNames[$0] == name }
            ?? MACAddress(name).flatMap { peers.contains($0) ? $0 : nil }
    }

    private var peerList: String {
        let peers = configuration.engine.peers.map { self.name(of: $0.mldAddress) }
        return peers.isEmpty ? "the configuration has no [[peers]]" : "the peers are \(peers.joined(separator: ", "))"
    }
}
