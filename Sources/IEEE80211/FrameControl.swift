/// The Frame Control field (IEEE Std 802.11-2020, 9.2.4.1).
public struct FrameControl: RawRepresentable, Hashable, Sendable {
    /// The field as it is sent, first octet least significant.
    public var rawValue: UInt16

    /// Makes a field from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Makes a field of protocol version 0.
    public init(kind: FrameKind, flags: FrameFlags = []) {
        rawValue = UInt16(flags.rawValue) << 8 | UInt16(kind.subtype) << 4 | UInt16(kind.type.rawValue) << 2
    }

    /// The protocol version, `0 ... 3`; only 0 is in use here.
    public var version: UInt8 { UInt8(rawValue & 3) }
    /// Management, control, data or extension.
    public var type: FrameType { FrameType(bits: UInt8(rawValue >> 2 & 3)) }
    /// The subtype, `0 ... 15`; its meaning depends on the type.
    public var subtype: UInt8 { UInt8(rawValue >> 4 & 15) }
    /// Type and subtype together.
    public var kind: FrameKind { FrameKind(type: type, subtype: subtype) }
    /// The second octet: eight bits, each with a meaning of its own.
    public var flags: FrameFlags { FrameFlags(rawValue: UInt8(rawValue >> 8)) }

    /// Whether a data frame goes to the distribution system (to an access point).
    public var toDS: Bool { flags.contains(.toDS) }
    /// Whether a data frame comes from the distribution system.
    public var fromDS: Bool { flags.contains(.fromDS) }
    /// Whether another fragment of the same frame follows.
    public var moreFragments: Bool { flags.contains(.moreFragments) }
    /// Whether this is a retransmission.
    public var retry: Bool { flags.contains(.retry) }
    /// Whether the transmitter will be in power save mode.
    public var powerManagement: Bool { flags.contains(.powerManagement) }
    /// Whether more frames are buffered for the receiver.
    public var moreData: Bool { flags.contains(.moreData) }
    /// Whether the frame body is encrypted.
    public var protectedFrame: Bool { flags.contains(.protectedFrame) }
    /// The +HTC/Order bit: in management and QoS data frames it says that an HT Control field is there.
    public var order: Bool { flags.contains(.order) }
}

/// The second octet of the Frame Control field (IEEE Std 802.11-2020, 9.2.4.1.4 to 9.2.4.1.11).
public struct FrameFlags: OptionSet, Hashable, Sendable {
    /// The octet.
    public let rawValue: UInt8

    /// Makes flags from the octet.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// To the distribution system.
    public static let toDS = FrameFlags(rawValue: 0x01)
    /// From the distribution system.
    public static let fromDS = FrameFlags(rawValue: 0x02)
    /// Another fragment follows.
    public static let moreFragments = FrameFlags(rawValue: 0x04)
    /// A retransmission.
    public static let retry = FrameFlags(rawValue: 0x08)
    /// The transmitter will be in power save mode.
    public static let powerManagement = FrameFlags(rawValue: 0x10)
    /// More frames are buffered for the receiver.
    public static let moreData = FrameFlags(rawValue: 0x20)
    /// The body is encrypted.
    public static let protectedFrame = FrameFlags(rawValue: 0x40)
    /// +HTC/Order: an HT Control field is there.
    public static let order = FrameFlags(rawValue: 0x80)
}

/// The type of a frame (IEEE Std 802.11-2020, Table 9-1).
public enum FrameType: UInt8, Hashable, Sendable, CaseIterable {
    /// Beacons, association, action frames.
    case management
    /// Acknowledgments, reservations, polls.
    case control
    /// What carries payload, and Null frames.
    case data
    /// DMG and S1G beacons.
    case `extension`

    /// The type for two bits; other bits must be zero.
    init(bits: UInt8) {
        self =
            switch bits {
            case 0: .management
            case 1: .control
            case 2: .data
            default: .extension
            }
    }
}

/// Type and subtype of a frame: what it is (IEEE Std 802.11-2020, Table 9-1). Every combination can be held.
public struct FrameKind: Hashable, Sendable {
    /// The type.
    public var type: FrameType
    /// The subtype, `0 ... 15`.
    public var subtype: UInt8

    /// Makes a kind; only the low four bits of the subtype count.
    public init(type: FrameType, subtype: UInt8) {
        self.type = type
        self.subtype = subtype & 15
    }

    /// Association Request.
    public static let associationRequest = FrameKind(type: .management, subtype: 0)
    /// Association Response.
    public static let associationResponse = FrameKind(type: .management, subtype: 1)
    /// Reassociation Request.
    public static let reassociationRequest = FrameKind(type: .management, subtype: 2)
    /// Reassociation Response.
    public static let reassociationResponse = FrameKind(type: .management, subtype: 3)
    /// Probe Request.
    public static let probeRequest = FrameKind(type: .management, subtype: 4)
    /// Probe Response.
    public static let probeResponse = FrameKind(type: .management, subtype: 5)
    /// Disassociation.
    public static let disassociation = FrameKind(type: .management, subtype: 10)
    /// Authentication.
    public static let authentication = FrameKind(type: .management, subtype: 11)
    /// Deauthentication.
    public static let deauthentication = FrameKind(type: .management, subtype: 12)
    /// Beacon.
    public static let beacon = FrameKind(type: .management, subtype: 8)
    /// Action.
    public static let action = FrameKind(type: .management, subtype: 13)
    /// Action No Ack: an action frame that nobody acknowledges.
    public static let actionNoAck = FrameKind(type: .management, subtype: 14)
    /// Control Frame Extension: four more bits of subtype stand in the place of flags (9.2.4.1.3).
    public static let controlFrameExtension = FrameKind(type: .control, subtype: 6)
    /// Control Wrapper: a control frame with an HT Control field (9.3.1.9).
    public static let controlWrapper = FrameKind(type: .control, subtype: 7)
    /// BlockAckReq.
    public static let blockAckRequest = FrameKind(type: .control, subtype: 8)
    /// BlockAck.
    public static let blockAck = FrameKind(type: .control, subtype: 9)
    /// PS-Poll.
    public static let powerSavePoll = FrameKind(type: .control, subtype: 10)
    /// RTS, request to send.
    public static let requestToSend = FrameKind(type: .control, subtype: 11)
    /// CTS, clear to send.
    public static let clearToSend = FrameKind(type: .control, subtype: 12)
    /// Ack.
    public static let acknowledgment = FrameKind(type: .control, subtype: 13)
    /// CF-End.
    public static let contentionFreeEnd = FrameKind(type: .control, subtype: 14)
    /// CF-End with CF-Ack (of earlier editions of the standard).
    public static let contentionFreeEndAck = FrameKind(type: .control, subtype: 15)
    /// Data without a QoS Control field.
    public static let data = FrameKind(type: .data, subtype: 0)
    /// QoS Data.
    public static let qosData = FrameKind(type: .data, subtype: 8)
    /// QoS Null: a QoS Control field, but no body.
    public static let qosNull = FrameKind(type: .data, subtype: 12)
}
