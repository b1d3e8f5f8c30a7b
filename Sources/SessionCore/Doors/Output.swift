import IEEE80211

/// What the core wants done. Plain data, in the order in which it must be done.
public enum Output: Equatable, Sendable {
    /// Send an MPDU (without radiotap, without FCS) on a link, and report `number` back when the radio tells what became of it.
    case transmit(link: LinkIdentifier, number: TransmissionNumber, mpdu: [UInt8])
    /// Hand a payload to the host: delivered exactly once and in order per session (`REB-3`).
    case deliver(Payload, peer: MACAddress, tid: TrafficIdentifier)
    /// Tell the user.
    case event(Event)
}

/// Who does what the core wants done, without a copy: the octets are lent for the time of the call.
public protocol OutputSink {
    /// See `Output.transmit`.
    mutating func transmit(_ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier)
    /// See `Output.deliver`.
    mutating func deliver(_ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier)
    /// See `Output.event`.
    mutating func tell(_ event: Event)
}

/// Makes an output of its own of what is lent.
struct OutputCollector: OutputSink {
    private(set) var output: Output?

    mutating func transmit(_ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier) {
        output = .transmit(link: link, number: number, mpdu: mpdu.copy())
    }

    mutating func deliver(_ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier) {
        output = .deliver(payload.copy(), peer: peer, tid: tid)
    }

    mutating func tell(_ event: Event) { output = .event(event) }
}

extension Span<UInt8> {
    /// The octets, in memory of their own.
    fileprivate func copy() -> [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

/// When the core wants `Input.deadlineReached`, and why.
public struct Deadline: Equatable, Sendable {
    /// The instant.
    public var instant: MonotonicInstant
    /// The timer that is due then, for logs.
    public var reason: TimerReason

    /// Makes a deadline.
    public init(instant: MonotonicInstant, reason: TimerReason) {
        self.instant = instant
        self.reason = reason
    }
}

/// The core's timers. Each says when to do something.
public enum TimerReason: String, Equatable, Sendable, CaseIterable {
    /// When to send the next heartbeat or probe to a peer on a link.
    case heartbeat
    /// When to call a link silent that should have been heard.
    case silence
    /// When to wait no longer for a TX report, or for an acknowledgment in a frame.
    case acknowledgment
    /// When to repeat a session request to which no response came.
    case response
    /// When to try again to establish or rebuild.
    case retry
    /// When to send the block acknowledgment that is due.
    case blockAcknowledgment
    /// When to send payloads again that nobody acknowledged.
    case retransmission
    /// When to judge whether payloads get through on a link (`PRG-1`).
    case progress
    /// When to probe a link on which payloads did not get through (`PRG-2`).
    case probe
    /// When payloads follow a rebuild request: as soon as what was received before that is handed in.
    case payloads
    /// When to give up an interrupted session.
    case retention
    /// When to end a session that carries nothing (negotiated inactivity time-out).
    case inactivity
    /// When to announce this device on a link.
    case announcement
    /// When to forget a discovered peer, or a link of it.
    case discovery
}

/// The earliest of some deadlines; of two at one instant, that which was considered first.
struct EarliestDeadline {
    private(set) var deadline: Deadline?

    mutating func consider(_ instant: MonotonicInstant?, _ reason: TimerReason) {
        guard let instant else { return }
        if let deadline, deadline.instant <= instant { return }
        deadline = Deadline(instant: instant, reason: reason)
    }
}
