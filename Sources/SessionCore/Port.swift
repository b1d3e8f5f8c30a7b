import DequeModule
import IEEE80211
import LinkSecurity

/// What the logic of peers and sessions can do to the world: send, tell, deliver. It owns what all peers share.
struct Port {
    let configuration: EngineConfiguration
    /// The instant of the input that is being handled.
    var now = MonotonicInstant(nanoseconds: 0)
    /// How strong the frame that is being handled came, in dBm; `nil` when the radio did not tell. Nothing is decided by it.
    var signal: Int8?
    var random: SeededRandom
    /// What to do, in this order.
    private var pending: Deque<Pending> = []
    /// The outputs among that, in their order.
    private var outputs: Deque<Output> = []
    var counters = EngineCounters()
    /// This device's radios that can be used.
    var radios = LinkTable<LinkProperties>()
    /// What was sent and not yet reported.
    var log: TransmissionLog
    /// The payloads of all sessions.
    var store = PayloadStore()
    /// True if `Engine.peerRadios` gives something else than when this was last asked.
    var peerRadiosChanged = true
    /// The host's payloads that peers hold.
    var ledger = HostLedger()

    /// What protects the frames of each peer; `nil` where nothing does.
    var protections: [PeerProtection?]
    /// Whether keys are kept for a log, also those of peers that appear later.
    var logsKeys = false
    /// Where fresh keys come from; `nil` while no peer has a key.
    var handshakes: HandshakeSource?
    var failuresTold = FailuresTold()
    /// When this device says on which link that it is there.
    var announcer = Announcer()

    /// Room for the fates that one block acknowledgment tells, kept so that it need not be made again.
    var fates: [Fate] = []

    /// What became of the last transmission of a payload.
    struct Fate {
        let sending: OriginatorWindow.Sending
        let arrived: Bool
    }

    /// Something to do. Payloads stay in the store until it is done.
    enum Pending {
        /// The next of `outputs`.
        case output
        case payload(PayloadTransmission)
        case delivery(StoredPayload, peer: MACAddress, tid: TrafficIdentifier)
    }

    init(configuration: EngineConfiguration, seed: UInt64, secrets: SecretGenerator? = nil) {
        self.configuration = configuration
        protections = Self.protections(configuration)
        handshakes = secrets.map { HandshakeSource(secrets: $0, configuration.security) }
        random = SeededRandom(seed: seed)
        log = TransmissionLog(last: UInt32(truncatingIfNeeded: random.next()))
    }

    /// Whether payloads with this TID go out on all links of a shared session at once.
    func isMirrored(_ tid: TrafficIdentifier) -> Bool {
        !configuration.session.mirroredTIDs.isEmpty && configuration.session.mirroredTIDs.contains(tid)
    }

    mutating func nextPending() -> Pending? { pending.popFirst() }

    /// What `Pending.output` stands for.
    mutating func nextOutput() -> Output { outputs.removeFirst() }

    mutating func emit(_ output: Output) {
        outputs.append(output)
        pending.append(.output)
    }

    mutating func tell(_ event: Event) { emit(.event(event)) }

    /// Sends an action frame outside the context of a BSS (wildcard BSSID, IEEE Std 802.11-2020, 9.3.3.1), protected if the peer
    /// has a key.
    ///
    /// - Parameter action: makes the action from the number of the transmission, and whether the peer's agent must acknowledge
    ///   it.
    /// - Returns: the number, or `nil` when it can't be sent: this device's radio is down, or there are no keys yet.
    @discardableResult
    mutating func sendAction(
        _ purpose: Transmission.Purpose, to peer: Int, on link: PeerLink,
        action: (TransmissionNumber, _ acknowledgmentRequested: Bool) -> Action
    ) -> TransmissionNumber? {
        guard canSend(to: peer) else { return nil }
        return transmit(purpose, to: peer, on: link, isProtected: true, action: action)
    }

    @discardableResult
    mutating func transmit(
        _ purpose: Transmission.Purpose, to peer: Int, on link: PeerLink, isProtected: Bool,
        action: (TransmissionNumber, _ acknowledgmentRequested: Bool) -> Action
    ) -> TransmissionNumber? {
        guard let radio = radios[link.identifier] else { return nil }
        let source = acknowledgmentSource(radio, link)
        let number = note(purpose, source, to: peer, on: link)
        // Where reports stay away, the kernel may take the peer for asleep. An Action No Ack frame is not held back, and wakes the other
        // end (`RAT-4`).
        let noAck = purpose == .heartbeat && radio.acknowledgment == .mac && link.reporting != .works
        var mpdu = ActionFrame(
            receiver: link.address, transmitter: radio.address, bssid: .broadcast, noAck: noAck,
            action: action(number, source == .frame)
        ).serialized()
        // Fails only when the key's packet numbers are used up; then nothing goes out, and the link is soon lost.
        if isProtected, protections[peer]?.authenticate(&mpdu) == false { return number }
        emit(.transmit(link: link.identifier, number: number, mpdu: mpdu))
        return number
    }

    /// Where acknowledgments come from on a link.
    func acknowledgmentSource(on link: PeerLink) -> AcknowledgmentSource {
        radios[link.identifier].map { acknowledgmentSource($0, link) } ?? .frame
    }

    private func acknowledgmentSource(_ radio: LinkProperties, _ link: PeerLink) -> AcknowledgmentSource {
        bothRadiosAcknowledge(radio, link) && link.reporting == .works ? .mac : .frame
    }

    private func bothRadiosAcknowledge(_ radio: LinkProperties, _ link: PeerLink) -> Bool {
        radio.acknowledgment == .mac && link.peerFlags.contains(.radioAcknowledges)
    }

    /// The most payloads that may be on their way on a link: as many as the radio reports on, where reports are waited for (`ACK-3`).
    func mostInFlight(on link: PeerLink) -> Int {
        guard let radio = radios[link.identifier], bothRadiosAcknowledge(radio, link) else {
            return LinkPace.greatestLimit
        }
        return max(radio.outstanding, LinkPace.leastLimit)
    }

    private mutating func note(
        _ purpose: Transmission.Purpose, _ source: AcknowledgmentSource, to peer: Int, on link: PeerLink
    ) -> TransmissionNumber {
        let number = log.nextNumber
        guard source == .mac || purpose.isAcknowledgedInFrames else {
            log.append(nil)
            return number
        }
        log.append(
            Transmission(
                number: number, peer: peer, link: link.identifier, purpose: purpose, source: source, sent: now,
                deadline: now + timeout(of: purpose, source, on: link)))
        return number
    }

    /// The wait for an acknowledgment. The peer may collect payloads for a while before it acknowledges them (RFC 9002, 6.2.1).
    private func timeout(
        of purpose: Transmission.Purpose, _ source: AcknowledgmentSource, on link: PeerLink
    ) -> Duration {
        switch (source, purpose) {
        case (.mac, _): .nanoseconds(link.roundTrip.timeout(least: configuration.health.statusTimeout))
        case (.frame, .payload):
            .nanoseconds(link.roundTrip.timeout(least: configuration.health.frameAcknowledgmentTimeout))
                + configuration.session.blockAcknowledgmentDelay
        case (.frame, _): .nanoseconds(link.roundTrip.timeout(least: configuration.health.frameAcknowledgmentTimeout))
        }
    }

    /// Sends a payload of a session.
    ///
    /// - Parameters:
    ///   - link: its next sequence number is used up.
    ///   - isMirrored: whether it goes out on several links at once.
    /// - Returns: the number, or `nil` when this device's radio is down.
    mutating func sendPayload(
        _ next: OriginatorWindow.Next, of session: SessionIdentifier, tid: TrafficIdentifier, to peer: Int,
        on link: inout PeerLink, isMirrored: Bool
    ) -> TransmissionNumber? {
        guard let radio = radios[link.identifier], canSend(to: peer) else { return nil }
        let purpose = Transmission.Purpose.payload(
            session, next.sequence, link.pace.reading, isMirrored: isMirrored)
        let number = note(purpose, acknowledgmentSource(radio, link), to: peer, on: link)
        let header = PayloadHeader(
            transmission: number, session: session, sequence: next.sequence, ahead: next.ahead)
        pending.append(
            .payload(
                PayloadTransmission(
                    payload: next.payload, peer: peer, link: link.identifier, receiver: link.address,
                    transmitter: radio.address, tid: tid,
                    sequenceControl: SequenceControl(sequence: link.nextSequence(tid)), header: header)))
        return number
    }

    /// Sends a frame as long as one with a payload of this length, which carries none (`PRG-2`). What becomes of it says nothing
    /// about the link: a block acknowledgment answers it.
    mutating func sendProbe(
        length: Int, start: SequenceNumber, of session: SessionIdentifier, tid: TrafficIdentifier, to peer: Int,
        on link: PeerLink
    ) {
        guard let radio = radios[link.identifier], canSend(to: peer) else { return }
        let blank = [UInt8](repeating: 0, count: length)
        guard let payload = store.insert(blank.span) else { return }
        let number = log.nextNumber
        log.append(nil)
        let header = PayloadHeader(
            transmission: number, session: session, sequence: start, isProbe: true)
        pending.append(
            .payload(
                PayloadTransmission(
                    payload: payload, peer: peer, link: link.identifier, receiver: link.address,
                    transmitter: radio.address, tid: tid,
                    // Probes are rare: it is enough that they differ from each other.
                    sequenceControl: SequenceControl(sequence: UInt16(truncatingIfNeeded: number.rawValue)),
                    header: header)))
    }

    /// Hands a payload to the host.
    mutating func deliver(_ payload: StoredPayload, from peer: MACAddress, tid: TrafficIdentifier) {
        pending.append(.delivery(payload, peer: peer, tid: tid))
    }
}

/// A payload on its way to a radio: all that its frame says.
struct PayloadTransmission: Equatable {
    let payload: StoredPayload
    let peer: Int
    let link: LinkIdentifier
    let receiver: MACAddress
    let transmitter: MACAddress
    let tid: TrafficIdentifier
    let sequenceControl: SequenceControl
    let header: PayloadHeader

    /// Octets of the MPDU in front of the payload.
    static let headerLength = QoSDataFrame.headerLength + PayloadHeader.length

    /// Writes all of the MPDU that is around the payload, which lies in its place.
    func write(around mpdu: UnsafeMutableRawBufferPointer) {
        writeMACHeader(to: mpdu)
        header.write(around: UnsafeMutableRawBufferPointer(rebasing: mpdu[QoSDataFrame.headerLength...]))
    }

    /// Writes what of a protected MPDU is in front of the payload; GCMP header and MIC come with the sealing.
    func writeProtected(around mpdu: UnsafeMutableRawBufferPointer) {
        writeMACHeader(to: mpdu)
        let content = mpdu[PeerSecurity.contentOffset..<(mpdu.count - PeerSecurity.tagLength)]
        header.writeProtected(around: UnsafeMutableRawBufferPointer(rebasing: content), link: link)
    }

    private func writeMACHeader(to mpdu: UnsafeMutableRawBufferPointer) {
        QoSDataFrame.writeHeader(
            receiver: receiver, transmitter: transmitter, sequenceControl: sequenceControl, tid: tid.rawValue, to: mpdu)
    }
}

extension Port {
    /// Sends an ADDBA Request: a session request (`EST-1`) or, with the mark among the element's flags, a rebuild request
    /// (`REB-1`).
    ///
    /// - Parameter element: the transmission's number is filled in here.
    mutating func sendRequest(
        dialogToken: UInt8, tid: TrafficIdentifier, bufferSize: Int, timeout: UInt16, start: SequenceNumber,
        to peer: Int,
        on link: PeerLink, element: SessionElement
    ) -> TransmissionNumber? {
        let multiLink = BasicMultiLinkElement(mldAddress: configuration.mldAddress, linkID: link.identifier.rawValue)
        return sendAction(.request(element.session), to: peer, on: link) { number, acknowledgmentRequested in
            var element = element
            element.transmission = number
            if acknowledgmentRequested { element.flags.insert(.acknowledgmentRequested) }
            return .addBlockAckRequest(
                AddBlockAckRequest(
                    dialogToken: dialogToken,
                    parameters: BlockAckParameterSet(
                        policy: .delayed, tid: tid.rawValue, bufferSize: UInt16(bufferSize & 1023)),
                    timeout: timeout, startingSequence: SequenceControl(sequence: UInt16(start.rawValue & 0xfff)),
                    elements: Self.elements(multiLink, bufferSize, element)))
        }
    }

    /// Sends an ADDBA Response: the session response, or with another status the refusal of a session or of a rebuild (`REB-5`).
    @discardableResult
    mutating func sendResponse(
        _ purpose: Transmission.Purpose, status: StatusCode, dialogToken: UInt8, tid: TrafficIdentifier,
        bufferSize: Int, timeout: UInt16, to peer: Int, on link: PeerLink,
        element: (TransmissionNumber) -> SessionElement
    ) -> TransmissionNumber? {
        let multiLink = BasicMultiLinkElement(mldAddress: configuration.mldAddress, linkID: link.identifier.rawValue)
        return sendAction(purpose, to: peer, on: link) { number, acknowledgmentRequested in
            var element = element(number)
            if acknowledgmentRequested && purpose != .unacknowledged { element.flags.insert(.acknowledgmentRequested) }
            return .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: dialogToken, status: status,
                    parameters: BlockAckParameterSet(
                        policy: .delayed, tid: tid.rawValue, bufferSize: UInt16(bufferSize & 1023)),
                    timeout: timeout, elements: Self.elements(multiLink, bufferSize, element)))
        }
    }

    private static func elements(
        _ multiLink: BasicMultiLinkElement, _ bufferSize: Int, _ session: SessionElement
    ) -> [Element] {
        let extensions = AddBlockAckExtension(bufferSize: bufferSize).map { [$0.element] } ?? []
        return [multiLink.element] + extensions + [session.element]
    }
}
