import IEEE80211

/// Everything that can happen to the core. Plain data: it can be logged, compared, stored in a capture and replayed.
public enum Input: Equatable, Sendable {
    /// A radio received a frame. `mpdu` is the MPDU from the frame control field on, without radiotap and without FCS.
    case frameReceived(link: LinkIdentifier, mpdu: [UInt8], signal: Int8?)
    /// The radio told what became of an `Output.transmit`: the peer's radio acknowledged it, or it did not.
    case transmissionReported(link: LinkIdentifier, number: TransmissionNumber, acknowledged: Bool)
    /// A radio of this device can be used from now on, or its properties changed (`linkChanged` is this too).
    case linkUp(LinkIdentifier, LinkProperties)
    /// A radio of this device can't be used any more: what the kernel said is `cause`.
    case linkDown(LinkIdentifier, LinkDownCause)
    /// The host hands over a payload for a peer. It waits in the session of its TID, which is wanted from then on.
    case payload(Payload, peer: MACAddress, tid: TrafficIdentifier)
    /// The user wants something.
    case command(Command)
    /// The instant that `Engine.nextDeadline` named has come.
    case deadlineReached
}

/// What the host wants carried, opaque to the core. At most 65,535 octets; what radios carry is far less.
public typealias Payload = [UInt8]

/// What the core has to know of a radio.
public struct LinkProperties: Equatable, Sendable {
    /// The link MAC address that the radio answers to.
    public var address: MACAddress
    /// Centre frequency of the primary channel, in MHz.
    public var frequency: UInt16
    /// Where an acknowledgment comes from on this link.
    public var acknowledgment: AcknowledgmentSource
    /// The largest number of payloads to a peer that may wait for their TX reports (`ACK-3`); fewer than four count as four.
    public var outstanding: Int
    /// The radio's capabilities; `nil` where it has no HT, or where they are not reported. The peers get them in heartbeats (`RAT-1`, `RAT-5`).
    public var receives: RadioCapabilities?

    /// The bound where the radio has not shown that it needs a lower one: drivers report on 64 frames at once, or on some more.
    public static let defaultOutstanding = 48

    /// Makes the properties of a link.
    public init(
        address: MACAddress, frequency: UInt16, acknowledgment: AcknowledgmentSource,
        outstanding: Int = Self.defaultOutstanding, receives: RadioCapabilities? = nil
    ) {
        self.address = address
        self.frequency = frequency
        self.acknowledgment = acknowledgment
        self.outstanding = outstanding
        self.receives = receives
    }
}

/// Who says that a frame arrived (docs/protocol.md: chosen per link).
public enum AcknowledgmentSource: String, Equatable, Sendable, CaseIterable {
    /// The TX status echo of an active monitor says that the peer's radio acknowledged.
    case mac
    /// The peer's agent answers with a session ack action frame.
    case frame
}

/// Why a radio of this device can't be used.
public enum LinkDownCause: String, Equatable, Sendable, CaseIterable {
    /// Somebody set the interface down, or rfkill did.
    case interfaceDown
    /// The interface or its radio was removed.
    case interfaceRemoved
    /// The radio left the channel of the link.
    case channelChanged
    /// Reading from or sending through the interface fails.
    case radioFailed
}

/// What a user can ask of a running core.
public enum Command: Equatable, Sendable {
    /// Want a session to `peer` with this TID from now on, with this agent as initiator.
    case connect(peer: MACAddress, tid: TrafficIdentifier)
    /// End a session, whichever side this agent is; it is not wanted any more (`ROL-2`).
    case close(SessionIdentifier)
    /// Let a session of which this agent is the initiator live on these links, too (`SHR-1`).
    case share(SessionIdentifier, LinkSet)
    /// End all sessions: the agent is about to stop.
    case shutDown
}
