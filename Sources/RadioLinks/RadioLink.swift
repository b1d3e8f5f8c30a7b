import SessionCore

/// A link as the agent sees it: frames go out, frames and TX reports come in. One driver behind it is the monitor
/// interface of a radio; virtual air, capture and fault injection are others.
public protocol RadioLink: AnyObject {
    /// Which link this is.
    var identifier: LinkIdentifier { get }
    /// Address, frequency and source of acknowledgments as they are, not as they were asked for.
    var properties: LinkProperties { get }
    /// Readable while `receive` has something to do. Watch it level-triggered; it changes only when the link is made
    /// anew.
    var readinessDescriptor: CInt { get }
    /// What happened since the link was made.
    var counters: RadioCounters { get }

    /// Hands frames to the radio in their order and returns at once how many of the first ones it took: 0 when there is no room now
    /// (`ENOBUFS`, `EAGAIN`), which is neither a failure nor a success; try again later, at the latest when the descriptor becomes
    /// writable. Whether a frame was heard is another question.
    ///
    /// Where acknowledgments come from the MAC, exactly one `RadioIndication.transmitted` follows for each frame that was taken,
    /// unless the frame's receiver is a group address or the kernel lost the report: wait with a limit. Throws when the link
    /// can't send the first of them.
    func send(_ frames: FrameBatch) throws(RadioError) -> Int

    /// Hands over what the radio received and reported, at most `limit` packets, and never waits. What remains keeps
    /// `readinessDescriptor` readable. Throws when the link is lost.
    ///
    /// - Parameter handler: hears of each packet, and is lent its MPDU, without radiotap and without FCS, for the time of the
    ///   call. It must neither send nor close the link.
    /// - Returns: how many packets there were.
    @discardableResult
    func receive(limit: Int, _ handler: (RadioIndication, _ mpdu: Span<UInt8>) -> Void) throws(RadioError) -> Int
}

/// What a radio tells.
public enum RadioIndication: Equatable, Sendable {
    /// A frame of somebody else: to this radio's address or to a group. `signal` in dBm and `frequency` in MHz where the radio
    /// knows them.
    case frame(signal: Int8?, frequency: UInt16?)
    /// What became of a frame of ours: whether the peer's radio acknowledged it. Only where acknowledgments come from
    /// the MAC.
    case transmitted(number: TransmissionNumber, acknowledged: Bool)
}

/// What happened on a link since it was made; numbers of frames.
public struct RadioCounters: Equatable, Sendable {
    /// Frames that the kernel took.
    public var sent: UInt64 = 0
    /// TX reports that say: acknowledged.
    public var acknowledged: UInt64 = 0
    /// TX reports that say: not acknowledged. Without MAC acknowledgments that is every report.
    public var notAcknowledged: UInt64 = 0
    /// Frames whose TX report did not come before it was given up.
    public var noStatus: UInt64 = 0
    /// TX reports for frames that this link did not send or had given up.
    public var unknownStatus: UInt64 = 0
    /// Frames of others that were handed over.
    public var received: UInt64 = 0
    /// Frames of others that say that their transmitter sleeps, which no agent sends; they were dropped.
    public var sleeping: UInt64 = 0
    /// How often the kernel had no room for a frame.
    public var backPressure: UInt64 = 0
    /// Packets that came too fast for this program and that the kernel dropped.
    public var dropped: UInt64 = 0
    /// Packets that are no frames: broken radiotap, wrong FCS, too short.
    public var malformed: UInt64 = 0

    /// Makes counters at zero.
    public init() {}
}
