import IEEE80211

// What the peer's frames mean to the sessions with it.
extension Peer {
    mutating func actionReceived(_ action: Action, on index: Int, _ port: inout Port) throws(SessionFrameError) {
        switch action {
        case .addBlockAckRequest, .addBlockAckResponse, .deleteBlockAck: stir(port)
        case .vendorSpecific, .protectedVendorSpecific, .publicAction, .other: break
        }
        switch action {
        case .addBlockAckRequest(let request): try requestReceived(request, on: index, &port)
        case .addBlockAckResponse(let response): try responseReceived(response, on: index, &port)
        case .deleteBlockAck(let deletion): try deletionReceived(deletion, on: index, &port)
        case .vendorSpecific(let action) where action.oui == SessionElement.oui:
            switch try PeerAction(body: action.body) {
            case .heartbeat(let heartbeat):
                if heartbeat.flags.contains(.acknowledgmentRequested) {
                    acknowledge(heartbeat.transmission, on: index, &port)
                }
                // Being heard may set a request in motion.
                learnRebuildNumbers(heartbeat)
                heard(on: index, &port)
                heartbeatReceived(heartbeat, on: index, &port)
            case .sessionAcknowledgment(let number):
                heard(on: index, &port)
                acknowledged(number, on: links[index].identifier, from: .frame, &port)
            case .blockAcknowledgment(let acknowledgment):
                heard(on: index, &port)
                blockAcknowledged(acknowledgment, on: links[index].identifier, &port)
            // One that this device does not listen to.
            case .announcement: port.counters.foreign += 1
            }
        case .vendorSpecific, .protectedVendorSpecific, .publicAction, .other: port.counters.foreign += 1
        }
    }

    /// - Parameter payload: in the store.
    mutating func payloadReceived(
        _ header: PayloadHeader, _ payload: StoredPayload, on index: Int, _ port: inout Port
    ) {
        heard(on: index, &port)
        if !header.isProbe { stir(port) }
        guard let session = received.firstIndex(where: { $0.identifier == header.session }) else {
            port.counters.unexpectedPayloads += 1
            port.store.remove(payload)
            return
        }
        let link = links[index].identifier
        guard !header.isProbe else {
            port.store.remove(payload)
            received[session].answerProbe(header, on: links[index], context, &port)
            return
        }
        received[session].payloadReceived(header, payload, on: link, context, &port)
        // Nothing but this link is left to the session: its next loss must be noticed.
        if !links[index].health.isUsable, received[session].liveLinks.contains(link),
            received[session].liveLinks.intersection(context.usableLinks).isEmpty
        {
            sessionReturns(to: link, &port)
        }
    }

    /// Answers a transmission whose sender can't see MAC-level acknowledgments.
    func acknowledge(_ number: TransmissionNumber, on index: Int, _ port: inout Port) {
        port.sendAction(.unacknowledged, to: self.index, on: links[index]) { _, _ in
            .vendorSpecific(PeerAction.sessionAcknowledgment(number).action)
        }
    }

    // MARK: Requests

    private mutating func requestReceived(
        _ request: AddBlockAckRequest, on index: Int, _ port: inout Port
    ) throws(SessionFrameError) {
        guard let element = try SessionElement(in: request.elements),
            let tid = TrafficIdentifier(Int(request.parameters.tid)), isSender(request.elements)
        else {
            port.counters.foreign += 1
            return
        }
        let link = links[index].identifier
        // The answer comes before anything that it sets in motion.
        let isAboutAgreement = !element.flags.isDisjoint(with: [.rebuild, .sharing])
        let refusal =
            isAboutAgreement
            ? rebuildRefusal(element, request, on: link, &port) : sessionRefusal(element, request, tid, on: link, &port)
        guard let refusal else {
            if element.flags.contains(.acknowledgmentRequested) { acknowledge(element.transmission, on: index, &port) }
            // The session may live on this link alone by now.
            sessionReturns(to: link, &port)
            heard(on: index, &port)
            if !isAboutAgreement { respond(to: element, request.dialogToken, on: link, &port) }
            return
        }
        if isAboutAgreement, let ending = endedByUser(element.session) {
            if element.flags.contains(.acknowledgmentRequested) { acknowledge(element.transmission, on: index, &port) }
            heard(on: index, &port)
            send(ending, tries: 0, &port)
            return
        }
        refuse(element, request, refusal, tid, on: index, &port)
        heard(on: index, &port)
    }

    /// - Returns: why the rebuild (`REB-5`) or the sharing is refused, or `nil`.
    private mutating func rebuildRefusal(
        _ element: SessionElement, _ request: AddBlockAckRequest, on link: LinkIdentifier, _ port: inout Port
    ) -> RefusalReason? {
        if element.flags.contains(.sharing) {
            if let session = received.firstIndex(where: { $0.identifier == element.session }) {
                return received[session].sharingRequested(element, request.parameters, on: link, context, &port)
            }
            return isEnded(element.session) ? .sessionDropped : .unknownSession
        }
        guard port.configuration.session.supportsRebuild else { return .rebuildNotSupported }
        if element.flags.contains(.fromReceiver) {
            if let session = initiated.firstIndex(where: { $0.identifier == element.session }) {
                maySend = true
                return initiated[session].peerRebuilds(element, request.parameters, on: link, context, &port)
            }
        } else if let session = received.firstIndex(where: { $0.identifier == element.session }) {
            return received[session].rebuildRequested(element, request.parameters, on: link, context, &port)
        }
        return isEnded(element.session) ? .sessionDropped : .unknownSession
    }

    /// - Returns: why the session is refused, or `nil`; then it is there.
    private mutating func sessionRefusal(
        _ element: SessionElement, _ request: AddBlockAckRequest, _ tid: TrafficIdentifier, on link: LinkIdentifier,
        _ port: inout Port
    ) -> RefusalReason? {
        guard !received.contains(where: { $0.identifier == element.session }) else { return nil }
        guard !isEnded(element.session) else {
            port.counters.stale += 1
            return .sessionDropped
        }
        if let earlier = received.firstIndex(where: { $0.tid == tid }) {
            var session = received.remove(at: earlier)
            let lost = session.removePayloads(&port)
            port.tell(session.event(.ended, context, cause: .replaced, framesLost: lost))
            bury(session.identifier, port)
        }
        guard received.count < port.configuration.limits.sessionsPerPeer else { return .tooManySessions }
        received.append(ReceivedSession(request: request, element: element, tid: tid, on: link, port: port))
        return nil
    }

    private mutating func respond(
        to element: SessionElement, _ dialogToken: UInt8, on link: LinkIdentifier, _ port: inout Port
    ) {
        guard let index = received.firstIndex(where: { $0.identifier == element.session }) else { return }
        received[index].requestReceived(
            dialogToken: dialogToken, element.transmission, on: link, context, &port)
    }

    private func refuse(
        _ element: SessionElement, _ request: AddBlockAckRequest, _ reason: RefusalReason, _ tid: TrafficIdentifier,
        on index: Int, _ port: inout Port
    ) {
        let role: SessionRole = element.flags.contains(.fromReceiver) ? .initiator : .receiver
        let description = SessionDescription(identifier: element.session, tid: tid, role: role)
        port.tell(
            Event(
                .refused, peer: mldAddress, link: links[index].identifier, session: description,
                cause: .refusal(reason)))
        port.sendResponse(
            .unacknowledged, status: .requestDeclined, dialogToken: request.dialogToken, tid: tid,
            bufferSize: Int(request.parameters.bufferSize), timeout: 0, to: self.index, on: links[index]
        ) { number in
            SessionElement(
                flags: element.flags.intersection([.rebuild, .sharing, .fromReceiver]), reason: reason,
                transmission: number,
                session: element.session, rebuildNumber: element.rebuildNumber)
        }
    }

    // MARK: Responses and ends

    private mutating func responseReceived(
        _ response: AddBlockAckResponse, on index: Int, _ port: inout Port
    ) throws(SessionFrameError) {
        let element = try SessionElement(in: response.elements)
        if let element {
            guard isSender(response.elements) else {
                port.counters.unknownSender += 1
                return
            }
            if element.flags.contains(.acknowledgmentRequested) { acknowledge(element.transmission, on: index, &port) }
        }
        let link = links[index].identifier
        heard(on: index, &port)
        maySend = true
        if let element, element.flags.contains([.rebuild, .fromReceiver]) {
            receiverRefused(element, on: link, &port)
            return
        }
        guard
            let session = initiated.firstIndex(where: { session in
                element.map { $0.session == session.identifier } ?? (session.tid.rawValue == response.parameters.tid)
            })
        else {
            port.counters.stale += 1
            return
        }
        if let element, element.flags.contains(.sharing) {
            initiated[session].sharingRefused(
                element.reason, rebuildNumber: element.rebuildNumber, on: link, context, &port)
        } else if let element, element.flags.contains(.rebuild) {
            initiated[session].rebuildRefused(
                element.reason, rebuildNumber: element.rebuildNumber, on: link, context, &port)
        } else {
            initiated[session].sessionResponse(response, element, on: link, context, &port)
        }
    }

    /// The initiator refuses a rebuild that this device asked for as the receiver: the agreement is gone there (`REB-5`).
    private mutating func receiverRefused(_ element: SessionElement, on link: LinkIdentifier, _ port: inout Port) {
        guard let index = received.firstIndex(where: { $0.identifier == element.session }),
            element.rebuildNumber == received[index].order.number, element.rebuildNumber != 0
        else {
            port.counters.stale += 1
            return
        }
        var session = received.remove(at: index)
        let lost = session.removePayloads(&port)
        port.tell(session.event(.ended, context, link: link, cause: .refusal(element.reason), framesLost: lost))
        bury(session.identifier, port)
    }

    /// A DELBA without the session element ends nothing (`ROL-2`): the kernel of the peer sends one of its own for a BlockAckReq, whoever
    /// that came from.
    private mutating func deletionReceived(
        _ deletion: DeleteBlockAck, on index: Int, _ port: inout Port
    ) throws(SessionFrameError) {
        guard let element = try SessionElement(in: deletion.elements) else {
            port.counters.foreign += 1
            return
        }
        if element.flags.contains(.acknowledgmentRequested) { acknowledge(element.transmission, on: index, &port) }
        heard(on: index, &port)
        if deletion.initiator {
            guard let session = received.firstIndex(where: { $0.identifier == element.session }) else { return }
            var over = received.remove(at: session)
            let lost = over.removePayloads(&port)
            port.tell(
                over.event(
                    .ended, context, link: links[index].identifier, cause: endCause(deletion, element),
                    framesLost: lost))
            bury(over.identifier, port)
        } else if let session = initiated.firstIndex(where: { $0.identifier == element.session }) {
            peerEnded(session, deletion, element, on: links[index].identifier, &port)
        }
    }

    /// The receiver of a session of ours ended it.
    private mutating func peerEnded(
        _ index: Int, _ deletion: DeleteBlockAck, _ element: SessionElement, on link: LinkIdentifier,
        _ port: inout Port
    ) {
        let cause = endCause(deletion, element)
        switch cause {
        case .refusal(let reason):
            // The peer knows nothing of it, be it after a restart: establish anew without the user (`REB-5`).
            initiated[index].refused(reason, on: link, context, &port)
        case .peerLeaving: initiated[index].drop(cause, context, &port)
        default:
            var session = initiated.remove(at: index)
            let lost = session.window.removeAll(&port.store)
            port.tell(session.event(.ended, context, link: link, cause: cause, framesLost: lost))
            bury(session.identifier, port)
        }
    }

    private func endCause(_ deletion: DeleteBlockAck, _ element: SessionElement) -> EventCause {
        switch deletion.reason {
        case .leaving: .peerLeaving
        case .timeout: .inactivity
        case .unknownBlockAck: .refusal(element.reason)
        default: element.reason == .unspecified ? .peerRequest : .refusal(element.reason)
        }
    }

    /// Whether the Basic Multi-Link element names this peer's MLD address.
    private func isSender(_ elements: [Element]) -> Bool {
        elements.contains { element in
            (try? BasicMultiLinkElement(parsing: element)).map { $0.mldAddress == mldAddress } ?? false
        }
    }
}
