/// An action frame (IEEE Std 802.11-2020, 9.3.3.13): a management frame that asks or tells something between two
/// stations. Whatever can be parsed is serialised to the same octets.
public struct ActionFrame: Hashable, Sendable {
    /// Address 1: who is to receive it.
    public var receiver: MACAddress
    /// Address 2: who transmits it.
    public var transmitter: MACAddress
    /// Address 3: the BSSID; the wildcard (broadcast) outside the context of a BSS.
    public var bssid: MACAddress
    /// Whether the receiver's radio is not to acknowledge it (subtype Action No Ack).
    public var noAck: Bool
    /// The flags of the Frame Control field but +HTC/Order, which `htControl` tells.
    public private(set) var flags: FrameFlags
    /// The Duration field, in microseconds.
    public var duration: UInt16
    /// Sequence and fragment number; radios and the kernel may replace what is sent.
    public var sequenceControl: SequenceControl
    /// The HT Control field, if there.
    public var htControl: UInt32?
    /// What it says.
    public var action: Action

    /// Makes a frame, outside the context of a BSS unless `bssid` is given. Duration and sequence number are zero: the
    /// radio fills them in.
    public init(
        receiver: MACAddress, transmitter: MACAddress, bssid: MACAddress = .broadcast, noAck: Bool = false,
        action: Action
    ) {
        self.receiver = receiver
        self.transmitter = transmitter
        self.bssid = bssid
        self.noAck = noAck
        self.action = action
        flags = []
        duration = 0
        sequenceControl = SequenceControl(rawValue: 0)
        htControl = nil
    }

    /// Parses an MPDU without FCS.
    ///
    /// - Throws: `FrameError`: `.otherKind` when it is not an action frame, `.protected` when its body is encrypted,
    ///   `.fragment` when it is a part of one, and whatever is malformed within, with its offset in the MPDU.
    public init(parsing mpdu: Span<UInt8>) throws(FrameError) {
        let header = try MACHeader(parsing: mpdu)
        let kind = header.frameControl.kind
        guard kind == .action || kind == .actionNoAck, let transmitter = header.address2, let bssid = header.address3,
            let sequenceControl = header.sequenceControl
        else { throw FrameError(offset: 0, reason: .otherKind) }
        try header.requireReadableBody()

        receiver = header.address1
        self.transmitter = transmitter
        self.bssid = bssid
        noAck = kind == .actionNoAck
        flags = header.frameControl.flags.subtracting(.order)
        duration = header.duration
        self.sequenceControl = sequenceControl
        htControl = header.htControl
        action = try Action(parsing: mpdu, from: header.headerLength)
    }

    /// Parses an MPDU without FCS, see `init(parsing:)` with a span.
    public init(parsing mpdu: [UInt8]) throws(FrameError) {
        try self.init(parsing: mpdu.span)
    }

    /// The MPDU without FCS.
    public func serialized() -> [UInt8] {
        var octets: [UInt8] = []
        let allFlags = htControl == nil ? flags : flags.union(.order)
        octets.append(littleEndian: FrameControl(kind: noAck ? .actionNoAck : .action, flags: allFlags).rawValue)
        octets.append(littleEndian: duration)
        octets.append(receiver)
        octets.append(transmitter)
        octets.append(bssid)
        octets.append(littleEndian: sequenceControl.rawValue)
        if let htControl { octets.append(littleEndian: htControl) }
        action.append(to: &octets)
        return octets
    }
}

extension MACHeader {
    /// Fails when what follows the header can't be read: encrypted, or one of several fragments.
    ///
    /// - Throws: `FrameError`: `.protected` or `.fragment`, at the end of the header.
    public func requireReadableBody() throws(FrameError) {
        guard !frameControl.protectedFrame else { throw FrameError(offset: headerLength, reason: .protected) }
        guard !frameControl.moreFragments, sequenceControl?.fragment == 0 else {
            throw FrameError(offset: headerLength, reason: .fragment)
        }
    }
}
