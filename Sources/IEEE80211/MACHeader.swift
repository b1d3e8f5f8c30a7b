/// The MAC header of any frame (IEEE Std 802.11-2020, 9.2.3, 9.3): which fields are there depends on type, subtype and
/// flags. Reading one takes no memory from the heap.
public struct MACHeader: Hashable, Sendable {
    /// What kind of frame it is, and its flags.
    public var frameControl: FrameControl
    /// The Duration/ID field: microseconds, or the association identifier of a PS-Poll.
    public var duration: UInt16
    /// Address 1: the receiver. There in every frame.
    public var address1: MACAddress
    /// Address 2: the transmitter, in all frames but some control frames. In a Control Wrapper that of the carried frame.
    public var address2: MACAddress?
    /// Address 3.
    public var address3: MACAddress?
    /// Address 4, in data frames within a distribution system.
    public var address4: MACAddress?
    /// Sequence and fragment number, in management and data frames.
    public var sequenceControl: SequenceControl?
    /// The QoS Control field, in QoS data frames.
    public var qosControl: QoSControl?
    /// The Carried Frame Control field, in a Control Wrapper frame.
    public var carriedFrameControl: FrameControl?
    /// The HT Control field (all variants), where the +HTC/Order bit or a Control Wrapper announces it.
    public var htControl: UInt32?

    /// Octets from the start of the frame to the frame body.
    public private(set) var headerLength: Int

    /// Reads the header at the start of an MPDU.
    ///
    /// - Throws: `FrameError`: `.truncated` where the header is cut short, `.unsupportedVersion` for a protocol version
    ///   other than 0.
    public init(parsing mpdu: Span<UInt8>) throws(FrameError) {
        frameControl = FrameControl(rawValue: try mpdu.number(at: 0))
        guard frameControl.version == 0 else {
            throw FrameError(offset: 0, reason: .unsupportedVersion(frameControl.version))
        }
        duration = try mpdu.number(at: 2)
        address1 = try mpdu.address(at: 4)
        headerLength = 10
        switch frameControl.type {
        case .management:
            try readThreeAddresses(mpdu)
            if frameControl.order { htControl = try read(mpdu) }
        case .data:
            try readThreeAddresses(mpdu)
            if frameControl.toDS && frameControl.fromDS { address4 = try readAddress(mpdu) }
            if frameControl.kind.isQoSData {
                qosControl = QoSControl(rawValue: try read(mpdu))
                if frameControl.order { htControl = try read(mpdu) }
            }
        case .control:
            if frameControl.kind == .controlWrapper {
                carriedFrameControl = FrameControl(rawValue: try read(mpdu))
                htControl = try read(mpdu)
            }
            if controlKind.type == .control, controlKind.hasTransmitter { address2 = try readAddress(mpdu) }
        case .extension:
            break
        }
    }

    /// Reads the header at the start of an MPDU, see `init(parsing:)` with a span.
    public init(parsing mpdu: [UInt8]) throws(FrameError) {
        try self.init(parsing: mpdu.span)
    }

    /// Reads addresses 2 and 3 and the sequence control.
    private mutating func readThreeAddresses(_ mpdu: Span<UInt8>) throws(FrameError) {
        address2 = try readAddress(mpdu)
        address3 = try readAddress(mpdu)
        sequenceControl = SequenceControl(rawValue: try read(mpdu))
    }

    /// Reads the address at the end of the header as far as it is known, and lets it grow.
    private mutating func readAddress(_ mpdu: Span<UInt8>) throws(FrameError) -> MACAddress {
        let address = try mpdu.address(at: headerLength)
        headerLength += 6
        return address
    }

    /// Reads the number at the end of the header as far as it is known, and lets it grow.
    private mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(_ mpdu: Span<UInt8>) throws(FrameError)
        -> Number
    {
        let value: Number = try mpdu.number(at: headerLength)
        headerLength += Number.bitWidth / 8
        return value
    }
}

extension MACHeader {
    /// The frame control of a control frame; of the carried one in a Control Wrapper.
    private var controlKind: FrameControl { carriedFrameControl ?? frameControl }

    /// What kind of frame it is; in a Control Wrapper, what kind it carries. The frame body is laid out by it.
    public var kind: FrameKind { controlKind.kind }

    /// Appends the header as it is sent. The fields that are there must be those that type, subtype and flags announce, as
    /// they are after parsing.
    public func append(to octets: inout [UInt8]) {
        octets.append(littleEndian: frameControl.rawValue)
        octets.append(littleEndian: duration)
        octets.append(address1)
        if let carriedFrameControl {
            octets.append(littleEndian: carriedFrameControl.rawValue)
            if let htControl { octets.append(littleEndian: htControl) }
        }
        if let address2 { octets.append(address2) }
        if let address3 { octets.append(address3) }
        if let sequenceControl { octets.append(littleEndian: sequenceControl.rawValue) }
        if let address4 { octets.append(address4) }
        if let qosControl { octets.append(littleEndian: qosControl.rawValue) }
        if carriedFrameControl == nil, let htControl { octets.append(littleEndian: htControl) }
    }
}

extension FrameControl {
    /// Whether a control frame has a transmitter address (9.3.1). Of the Control Frame Extension frames (9.2.4.1.3) DMG
    /// DTS has none. The reserved subtypes are taken to have none.
    fileprivate var hasTransmitter: Bool {
        switch kind {
        case .controlFrameExtension: rawValue >> 8 & 15 != 6
        case .clearToSend, .acknowledgment, .controlWrapper: false
        default: subtype >= 2
        }
    }
}

extension FrameKind {
    /// Whether frames of this kind have a QoS Control field: data frames with the QoS bit of the subtype.
    var isQoSData: Bool { type == .data && subtype & 8 != 0 }
}
