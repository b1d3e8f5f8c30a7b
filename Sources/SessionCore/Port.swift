import DequeModule
import IEEE80211

/// What the logic of peers and sessions can do to the world: send, tell, deliver. It owns what all peers share.
struct Port {
    let configuration: EngineConfiguration
    /// The instant of the input that is being handled.
    var now = MonotonicInstant(nanoseconds: 0)
    var random: SeededRandom
    var outputs: Deque<Output> = []
    var counters = EngineCounters()
    /// This device's radios that can be used.
    var radios: [LinkIdentifier: LinkProperties] = [:]
    /// What was sent and not yet reported, oldest first.
    private(set) var transmissions: Deque<Transmission> = []
    /// What was not reported in time, oldest first.
    private(set) var overdue: Deque<Transmission> = []
    private var lastNumber: UInt32

    /// The most transmissions that wait for a report; the radios report or time out within milliseconds.
    static let maximumTransmissions = 4096
    /// The most overdue transmissions that are remembered.
    static let maximumOverdue = 64

    init(configuration: EngineConfiguration, seed: UInt64) {
        self.configuration = configuration
        random = SeededRandom(seed: seed)
        lastNumber = UInt32(truncatingIfNeeded: random.next())
    }

    mutating func tell(_ event: Event) { outputs.append(.event(event)) }

    /// Sends a frame whose fate matters.
    ///
    /// - Parameter frame: makes the MPDU from the number of the transmission, whether the peer's agent must acknowledge it, and
    ///   the header's addresses.
    /// - Returns: the number, or `nil` when this device's radio is down.
    @discardableResult
    mutating func send(
        _ purpose: Transmission.Purpose, to peer: Int, on link: PeerLink,
        frame: (TransmissionNumber, _ acknowledgmentRequested: Bool, _ source: MACAddress) -> [UInt8]
    ) -> TransmissionNumber? {
        guard let radio = radios[link.identifier] else { return nil }
        let source: AcknowledgmentSource =
            radio.acknowledgment == .mac && link.peerFlags.contains(.radioAcknowledges) ? .mac : .frame
        lastNumber &+= 1
        let number = TransmissionNumber(rawValue: lastNumber)
        if source == .mac || purpose != .unacknowledged {
            let least =
                source == .mac
                ? configuration.health.statusTimeout : configuration.health.frameAcknowledgmentTimeout
            if transmissions.count == Self.maximumTransmissions { transmissions.removeFirst() }
            transmissions.append(
                Transmission(
                    number: number, peer: peer, link: link.identifier, purpose: purpose, source: source, sent: now,
                    deadline: now + link.roundTrip.timeout(least: least)))
        }
        outputs.append(
            .transmit(link: link.identifier, number: number, mpdu: frame(number, source == .frame, radio.address)))
        return number
    }

    /// Sends an action frame outside the context of a BSS (wildcard BSSID, IEEE Std 802.11-2020, 9.3.3.1).
    @discardableResult
    mutating func sendAction(
        _ purpose: Transmission.Purpose, to peer: Int, on link: PeerLink,
        action: (TransmissionNumber, _ acknowledgmentRequested: Bool) -> Action
    ) -> TransmissionNumber? {
        send(purpose, to: peer, on: link) { number, acknowledgmentRequested, source in
            ActionFrame(
                receiver: link.address, transmitter: source, bssid: .broadcast,
                action: action(number, acknowledgmentRequested)
            ).serialized()
        }
    }

    /// Takes out the transmission that a report or an acknowledgment is about; `nil` when nobody waits for it any more.
    mutating func take(_ number: TransmissionNumber, on link: LinkIdentifier, from source: AcknowledgmentSource)
        -> Transmission?
    {
        guard
            let index = transmissions.firstIndex(where: {
                $0.number == number && $0.link == link && $0.source == source
            })
        else { return nil }
        return transmissions.remove(at: index)
    }

    /// Takes out the first transmission whose report is overdue. The report may still come.
    mutating func takeOverdue() -> Transmission? {
        guard let index = transmissions.firstIndex(where: { $0.deadline <= now }) else { return nil }
        let transmission = transmissions.remove(at: index)
        if overdue.count == Self.maximumOverdue { overdue.removeFirst() }
        overdue.append(transmission)
        return transmission
    }

    /// Takes out a transmission that was overdue, and is acknowledged after all.
    mutating func takeLate(
        _ number: TransmissionNumber, on link: LinkIdentifier, from source: AcknowledgmentSource
    ) -> Transmission? {
        guard
            let index = overdue.firstIndex(where: { $0.number == number && $0.link == link && $0.source == source })
        else { return nil }
        return overdue.remove(at: index)
    }

    /// Whom a transmission went to, as long as its report may still come.
    func peer(of number: TransmissionNumber) -> Int? {
        (transmissions.first { $0.number == number } ?? overdue.first { $0.number == number })?.peer
    }

    /// Forgets what a peer was sent on a link that is lost: late reports must not speak about its recovery.
    mutating func forgetTransmissions(to peer: Int, on link: LinkIdentifier) {
        transmissions.removeAll { $0.peer == peer && $0.link == link }
        overdue.removeAll { $0.peer == peer && $0.link == link }
    }

    /// Takes out the payload transmissions of a session that a block acknowledgment covers.
    mutating func takePayloads(
        of session: SessionIdentifier, where isAcknowledged: (SequenceNumber) -> Bool
    ) -> [Transmission] {
        func matches(_ transmission: Transmission) -> Bool {
            guard case .payload(session, let sequence) = transmission.purpose, transmission.source == .frame else {
                return false
            }
            return isAcknowledged(sequence)
        }
        let taken = transmissions.filter(matches)
        if !taken.isEmpty { transmissions.removeAll(where: matches) }
        return Array(taken)
    }
}

/// A frame on its way, and what depends on its fate.
struct Transmission: Equatable {
    let number: TransmissionNumber
    let peer: Int
    let link: LinkIdentifier
    let purpose: Purpose
    /// Who will say what became of it.
    let source: AcknowledgmentSource
    let sent: MonotonicInstant
    let deadline: MonotonicInstant

    enum Purpose: Equatable {
        case heartbeat
        /// A session request or a rebuild request of the initiator.
        case request(SessionIdentifier)
        /// The receiver's response that establishes a session.
        case response(SessionIdentifier)
        /// A DELBA, and how often it has been sent.
        case end(Ending, tries: Int)
        case payload(SessionIdentifier, SequenceNumber)
        /// An acknowledgment or a refusal: nobody acknowledges it in a frame, and nothing depends on it but link health.
        case unacknowledged
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
                        policy: .delayed, tid: tid.rawValue, bufferSize: UInt16(bufferSize)),
                    timeout: timeout, startingSequence: SequenceControl(sequence: UInt16(start.rawValue & 0xfff)),
                    elements: [multiLink.element, element.element]))
        }
    }

    /// Sends an ADDBA Response: the session response, or with another status the refusal of a session or of a rebuild (`REB-5`).
    @discardableResult
    mutating func sendResponse(
        _ purpose: Transmission.Purpose, status: StatusCode, dialogToken: UInt8, tid: TrafficIdentifier,
        bufferSize: UInt16, timeout: UInt16, to peer: Int, on link: PeerLink,
        element: (TransmissionNumber) -> SessionElement
    ) -> TransmissionNumber? {
        let multiLink = BasicMultiLinkElement(mldAddress: configuration.mldAddress, linkID: link.identifier.rawValue)
        return sendAction(purpose, to: peer, on: link) { number, acknowledgmentRequested in
            var element = element(number)
            if acknowledgmentRequested && purpose != .unacknowledged { element.flags.insert(.acknowledgmentRequested) }
            return .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: dialogToken, status: status,
                    parameters: BlockAckParameterSet(policy: .delayed, tid: tid.rawValue, bufferSize: bufferSize),
                    timeout: timeout, elements: [multiLink.element, element.element]))
        }
    }
}
