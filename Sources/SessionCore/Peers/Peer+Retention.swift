// The bounds on what interrupted sessions hold (`INT-2`).
extension Peer {
    struct InterruptedSession {
        let peer: Int
        let session: SessionIdentifier
        let since: MonotonicInstant
        let octets: Int
    }

    /// The interrupted sessions with this peer, of both roles.
    var interrupted: [InterruptedSession] {
        func entry(_ session: SessionIdentifier, _ held: (since: MonotonicInstant, octets: Int)?) -> InterruptedSession?
        {
            held.map { InterruptedSession(peer: index, session: session, since: $0.since, octets: $0.octets) }
        }
        return initiated.compactMap { entry($0.identifier, $0.interruptedOctets) }
            + received.compactMap { entry($0.identifier, $0.interruptedOctets) }
    }

    /// Drops an interrupted session because of the limits: the user is told, and what it held is counted.
    mutating func dropInterrupted(_ session: SessionIdentifier, _ port: inout Port) {
        if let index = initiated.firstIndex(where: { $0.identifier == session }) {
            initiated[index].drop(.retentionLimit, context, &port)
        } else if let index = received.firstIndex(where: { $0.identifier == session }) {
            var over = received.remove(at: index)
            let lost = over.removePayloads(&port)
            port.tell(over.event(.ended, context, cause: .retentionLimit, framesLost: lost))
            bury(session, port)
        }
    }
}
