// Limits on what the sessions with a peer hold: of the host while they live (`QUE-1`), and of this device's memory while they wait for a
// link (`INT-2`).
extension Peer {
    /// An interrupted session that waits for a link. One that is being rebuilt is none: it would be lost in the middle of its rescue.
    private struct WaitingSession {
        let session: SessionIdentifier
        let since: MonotonicInstant
        let octets: Int
    }

    /// Enters in the ledger what the sessions hold, and drops what is beyond the limits.
    mutating func settle(_ port: inout Port) {
        enforceRetentionLimits(&port)
        var account = HostLedger.Account(accepted: accepted)
        let most = port.configuration.limits.queuedPayloads * 15 / 16
        for index in initiated.indices {
            let held = initiated[index].window.held
            if held > 0 { account.holds = true }
            guard held >= most else { continue }
            if initiated[index].sendingLinks.isEmpty {
                if account.fullness == .room { account.fullness = .interrupted }
            } else {
                account.fullness = .full(initiated[index].progressed)
            }
        }
        if port.ledger[self.index] != account { port.ledger[self.index] = account }
    }

    /// Keeps the number and the memory of this peer's sessions that wait for a link bounded, dropping the ones interrupted first.
    /// The payloads that a peer makes this device keep cost no other peer a session.
    private mutating func enforceRetentionLimits(_ port: inout Port) {
        let limits = port.configuration.limits
        while true {
            var (count, octets, oldest) = (0, 0, nil as WaitingSession?)
            func consider(_ session: SessionIdentifier, _ held: (since: MonotonicInstant, octets: Int)?) {
                guard let held else { return }
                count += 1
                octets += held.octets
                if oldest.map({ held.since < $0.since }) ?? true {
                    oldest = WaitingSession(session: session, since: held.since, octets: held.octets)
                }
            }
            for index in initiated.indices { consider(initiated[index].identifier, initiated[index].waitingOctets) }
            for index in received.indices { consider(received[index].identifier, received[index].waitingOctets) }
            guard count > limits.interruptedSessions || octets > limits.interruptedOctets, let oldest else { return }
            drop(oldest.session, &port)
        }
    }

    /// Drops an interrupted session because of the limits: the user is told, and what it held is counted.
    private mutating func drop(_ session: SessionIdentifier, _ port: inout Port) {
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
