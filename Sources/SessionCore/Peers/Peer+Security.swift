import IEEE80211
import LinkSecurity

// Keys with the peer. Handshakes ride the timers of the heartbeats: a link that is to be tried is tried with a request while
// there are no keys, and requests for new keys go out along with heartbeats.
extension Peer {
    /// Sends a handshake request if one is due.
    ///
    /// - Returns: whether a heartbeat can be sent.
    mutating func prepareKeys(on index: Int, _ port: inout Port) -> Bool {
        if let request = port.requestDue(for: self.index) {
            port.sendHandshake(request, to: self.index, on: links[index])
        }
        guard !port.canSend(to: self.index) else { return true }
        if port.protections[self.index]?.tellsSilence == true {
            tellFailure(.noAnswer, on: links[index].identifier, &port)
        }
        let interval = port.configuration.health.lostProbeInterval
        links[index].heartbeatSent(announcing: interval, at: port.now, next: port.random.jittered(interval))
        return false
    }

    /// A handshake message came. It says nothing about the link: whoever carries frames could bring it here.
    mutating func handshakeReceived(_ message: [UInt8], via link: PeerLink, _ port: inout Port) {
        guard port.isProtected(self.index) else {
            port.counters.foreign += 1
            tellFailure(.noKeyForPeer, on: link.identifier, &port)
            return
        }
        let outcome = port.handshakeReceived(message, from: self.index)
        if case .reaction = outcome { wake(&port) }
        switch outcome {
        case .reaction(.answer(let answer)), .reaction(.askAgain(let answer)):
            port.sendHandshake(answer, to: self.index, on: link)
        case .reaction(.ownRequestFirst):
            // The peer drops its own request for this device's: the sooner it has that, the better.
            if let request = port.protections[self.index]?.security.openRequest {
                port.sendHandshake(request, to: self.index, on: link)
            }
        case .reaction(.established):
            keysChanged(isInitiator: true, on: link.identifier, &port)
            if let index = links.firstIndex(where: { $0.identifier == link.identifier && $0.address == link.address }) {
                sendHeartbeat(on: index, &port)
            } else {
                tryCandidate(link, &port)
            }
        case .wrongKey: tellFailure(.wrongKey, on: link.identifier, &port)
        case .nothing: break
        }
    }

    /// Whether the peer was heard not long ago: longer than a busy processor takes it for lost.
    func wasHeard(at now: MonotonicInstant) -> Bool {
        links.contains { $0.lastHeard.map { now - $0 < .seconds(3) } ?? false }
    }

    /// Tells the user why there can be no keys with the peer; not when it was heard just now: then somebody else sends such frames.
    func tellFailure(_ cause: EventCause, on link: LinkIdentifier, _ port: inout Port) {
        guard !wasHeard(at: port.now) else { return }
        port.tellFailure(cause, with: self.index, mldAddress, on: link)
    }

    /// An authentic frame came.
    mutating func proved(_ frame: AuthenticFrame, on link: LinkIdentifier, _ port: inout Port) {
        if frame.confirmsKeys { keysChanged(isInitiator: false, on: link, &port) }
        isHeardUnderOldKeys = !frame.isCurrent
    }

    private mutating func keysChanged(isInitiator: Bool, on link: LinkIdentifier, _ port: inout Port) {
        port.protections[self.index]?.keysChanged(isInitiator: isInitiator, at: port.now, port.configuration.security)
        port.tell(Event(.secured, peer: mldAddress, link: link))
        newestHeartbeat = nil
        stir(port)
        // Heartbeats confirm the keys, and they can be sent only now.
        for other in links.indices where !links[other].health.isUsable { links[other].hasten(to: port.now) }
    }
}
