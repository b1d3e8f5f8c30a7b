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
        case .record(let file?, let fileLength, let files, let isWhole):
            if let recorder { return .refused("it records to \(recorder.options.path) already; stop that first") }
            guard fileLength > 0, files > 0 else { return .refused("a recording has files, and they are not empty") }
            do throws(RecorderError) {
                try startRecording(
                    RecordingOptions(path: file, fileLength: fileLength, files: files, keepsWholeFrames: isWhole))
            } catch {
                return .refused("\(error)")
            }
        case .record(nil, _, _, _):
            guard recorder != nil else { return .refused("it does not record") }
            stopRecording()
        case .connect(let name, let tid):
            guard let peer = peer(named: name) else { return .refused("no peer is called \(name); \(peerList)") }
            guard let tid = TrafficIdentifier(tid) else { return .refused("\(tid) is no TID; they go from 0 to 7") }
            handle(.command(.connect(peer: peer, tid: tid)))
        case .close(let name):
            guard let session = session(named: name, in: engine.status()) else { return .refused(noSession(name)) }
            handle(.command(.close(session.description.identifier)))
        case .share(let name, let links):
            let status = engine.status()
            guard let session = session(named: name, in: status) else { return .refused(noSession(name)) }
            if let refusal = refusal(toShare: session, on: links, status) { return .refused(refusal) }
            let wanted = LinkSet(links.compactMap { LinkIdentifier($0) })
            handle(.command(.share(session.description.identifier, wanted)))
        }
        return .status(statusReport())
    }

    /// Why a session can't be shared onto these links; `nil` when it can.
    private func refusal(toShare session: SessionStatus, on links: [Int], _ status: EngineStatus) -> String? {
        let peer = name(of: session.peer)
        let what = "session \(session.description.identifier) with \(peer)"
        guard session.description.role == .initiator else {
            return "this agent is the receiver of \(what); its initiator must share it: ask there"
        }
        guard session.state == "live" else {
            return "\(what) is \(session.state); only a session that is live can be shared"
        }
        guard session.isShareable else {
            return "\(what) was agreed on without sharing; let supports_sharing be true in [session] of both agents"
        }
        guard !links.isEmpty else { return "no link is named; name the IDs of links to \(peer)" }
        let known = status.peers.first { $0.mldAddress == session.peer }?.links ?? []
        for link in links {
            guard let found = known.first(where: { Int($0.link.rawValue) == link }) else {
                let names = known.map { "\($0.link)" }.joined(separator: ", ")
                return "there is no link \(link) to \(peer); the links are \(names)"
            }
            guard found.health == .alive || session.links.contains(found.link) else {
                return "link \(link) to \(peer) is \(found.health.rawValue); only links that are alive can be shared"
            }
            guard found.isUsedByPeer || session.links.contains(found.link) else {
                return "\(peer) does not use link \(link) yet; try again in a second"
            }
            guard !session.failingLinks.contains(found.link) else {
                return "payloads of \(what) do not get through on link \(link); it is tried again by itself"
            }
        }
        return nil
    }

    private func session(named name: String, in status: EngineStatus) -> SessionStatus? {
        status.sessions.first { "\($0.description.identifier)" == name.lowercased() }
    }

    private func noSession(_ name: String) -> String {
        "there is no session \(name) now; \"relink status\" lists the sessions"
    }

    private func peer(named name: String) -> MACAddress? {
        let peers = engine.knownPeers
        return peers.first { configuration.peerNames[$0] == name }
            ?? MACAddress(name).flatMap { peers.contains($0) ? $0 : nil }
    }

    private var peerList: String {
        let peers = engine.knownPeers.map(name)
        return peers.isEmpty ? "there are no peers now" : "the peers are \(peers.joined(separator: ", "))"
    }
}
