/// A QoS data frame between two stations, not by way of an access point: To DS and From DS are 0 (IEEE Std 802.11-2020,
/// 9.3.2.1). Whatever can be parsed is serialised to the same octets.
public struct QoSDataFrame: Hashable, Sendable {
    /// Address 1: who is to receive it.
    public var receiver: MACAddress
    /// Address 2: who transmits it.
    public var transmitter: MACAddress
    /// Address 3: the BSSID; the wildcard (broadcast) outside the context of a BSS (9.3.2.1.2).
    public var address3: MACAddress
    /// The flags of the Frame Control field but +HTC/Order, which `htControl` tells.
    public private(set) var flags: FrameFlags
    /// The Duration field, in microseconds.
    public var duration: UInt16
    /// Sequence and fragment number; radios and the kernel may replace what is sent.
    public var sequenceControl: SequenceControl
    /// The QoS Control field.
    public var qosControl: QoSControl
    /// The HT Control field, if there.
    public var htControl: UInt32?
    /// The frame body.
    public var body: [UInt8]

    /// Makes a frame, outside the context of a BSS unless `address3` is given. Duration and sequence number are zero: the
    /// radio fills them in. Only the low four bits of `tid` count.
    public init(
        receiver: MACAddress, transmitter: MACAddress, address3: MACAddress = .broadcast, tid: UInt8,
        ackPolicy: AckPolicy = .normal, body: [UInt8]
    ) {
        self.receiver = receiver
        self.transmitter = transmitter
        self.address3 = address3
        self.body = body
        flags = []
        duration = 0
        sequenceControl = SequenceControl(rawValue: 0)
        qosControl = QoSControl(tid: tid, ackPolicy: ackPolicy)
        htControl = nil
    }

    /// The traffic identifier, `0 ... 15`.
    public var tid: UInt8 {
        get { qosControl.tid }
        set { qosControl.tid = newValue }
    }

    /// How the receiver acknowledges.
    public var ackPolicy: AckPolicy {
        get { qosControl.ackPolicy }
        set { qosControl.ackPolicy = newValue }
    }

    /// Parses an MPDU without FCS.
    ///
    /// - Throws: `FrameError`: `.otherKind` when it is not a QoS data frame with To DS and From DS 0, `.protected` when its
    ///   body is encrypted, `.fragment` when it is a part of one, `.truncated` where its header is cut short.
    public init(parsing mpdu: Span<UInt8>) throws(FrameError) {
        let header = try MACHeader(parsing: mpdu)
        let control = header.frameControl
        guard control.kind == .qosData, !control.toDS, !control.fromDS, let transmitter = header.address2,
            let address3 = header.address3, let sequenceControl = header.sequenceControl,
            let qosControl = header.qosControl
        else { throw FrameError(offset: 0, reason: .otherKind) }
        try header.requireReadableBody()

        receiver = header.address1
        self.transmitter = transmitter
        self.address3 = address3
        flags = control.flags.subtracting(.order)
        duration = header.duration
        self.sequenceControl = sequenceControl
        self.qosControl = qosControl
        htControl = header.htControl
        body = mpdu.copy(from: header.headerLength, to: mpdu.count)
    }

    /// Parses an MPDU without FCS, see `init(parsing:)` with a span.
    public init(parsing mpdu: [UInt8]) throws(FrameError) {
        try self.init(parsing: mpdu.span)
    }

    /// The MPDU without FCS.
    public func serialized() -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(30 + body.count)
        let allFlags = htControl == nil ? flags : flags.union(.order)
        octets.append(littleEndian: FrameControl(kind: .qosData, flags: allFlags).rawValue)
        octets.append(littleEndian: duration)
        octets.append(receiver)
        octets.append(transmitter)
        octets.append(address3)
        octets.append(littleEndian: sequenceControl.rawValue)
        octets.append(littleEndian: qosControl.rawValue)
        if let htControl { octets.append(littleEndian: htControl) }
        octets += body
        return octets
    }

    /// Octets of the header of a frame outside the context of a BSS, without HT Control.
    public static let headerLength = 26

    /// Writes the header of a frame as `init` makes it, but for the sequence control, to the start of an MPDU of at least
    /// `headerLength` octets, in place.
    public static func writeHeader(
        receiver: MACAddress, transmitter: MACAddress, sequenceControl: SequenceControl, tid: UInt8,
        to mpdu: UnsafeMutableRawBufferPointer
    ) {
        mpdu.storeBytes(of: FrameControl(kind: .qosData, flags: []).rawValue.littleEndian, as: UInt16.self)
        mpdu.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
        write(receiver, to: mpdu, at: 4)
        write(transmitter, to: mpdu, at: 10)
        write(.broadcast, to: mpdu, at: 16)
        mpdu.storeBytes(of: sequenceControl.rawValue.littleEndian, toByteOffset: 22, as: UInt16.self)
        mpdu.storeBytes(
            of: QoSControl(tid: tid, ackPolicy: .normal).rawValue.littleEndian, toByteOffset: 24, as: UInt16.self)
    }

    private static func write(_ address: MACAddress, to mpdu: UnsafeMutableRawBufferPointer, at offset: Int) {
        // The first octet is the most significant of the number.
        let octets = (address.rawValue << 16).byteSwapped
        mpdu.storeBytes(of: UInt32(truncatingIfNeeded: octets).littleEndian, toByteOffset: offset, as: UInt32.self)
        mpdu.storeBytes(
            of: UInt16(truncatingIfNeeded: octets >> 32).littleEndian, toByteOffset: offset + 4, as: UInt16.self)
    }
}
