/// The Block Ack Parameter Set field (IEEE Std 802.11-2020, 9.4.1.13).
public struct BlockAckParameterSet: RawRepresentable, Hashable, Sendable {
    /// When the recipient answers.
    public enum Policy: Hashable, Sendable {
        /// By a BlockAck that may come later (delayed block ack).
        case delayed
        /// By a BlockAck after a SIFS (immediate block ack).
        case immediate
    }

    /// The field as it is sent, first octet least significant.
    public var rawValue: UInt16

    /// Makes a field from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Makes a field. Only the low four bits of `tid` and the low ten bits of `bufferSize` count.
    public init(aMSDUSupported: Bool = false, policy: Policy, tid: UInt8, bufferSize: UInt16) {
        rawValue = (aMSDUSupported ? 1 : 0) | (policy == .immediate ? 2 : 0) | UInt16(tid & 15) << 2 | bufferSize << 6
    }

    /// Whether frames of the agreement may carry A-MSDUs.
    public var aMSDUSupported: Bool { rawValue & 1 != 0 }
    /// When the recipient answers.
    public var policy: Policy { rawValue & 2 == 0 ? .delayed : .immediate }
    /// The traffic identifier, `0 ... 15`.
    public var tid: UInt8 { UInt8(rawValue >> 2 & 15) }
    /// The frames that the recipient can hold, `0 ... 1023`; in a request 0 leaves the choice to the recipient.
    public var bufferSize: UInt16 { rawValue >> 6 }
}

/// Status Code field (IEEE Std 802.11-2020, Table 9-50): how a request was answered. Unknown codes are held as they are.
public struct StatusCode: RawRepresentable, Hashable, Sendable {
    /// The code.
    public var rawValue: UInt16

    /// Makes a code from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// SUCCESS.
    public static let success = StatusCode(rawValue: 0)
    /// REFUSED, REFUSED_REASON_UNSPECIFIED.
    public static let refused = StatusCode(rawValue: 1)
    /// REQUEST_DECLINED.
    public static let requestDeclined = StatusCode(rawValue: 37)
    /// INVALID_PARAMETERS.
    public static let invalidParameters = StatusCode(rawValue: 38)
}

/// Reason Code field (IEEE Std 802.11-2020, Table 9-49): why something ended. Unknown codes are held as they are.
public struct ReasonCode: RawRepresentable, Hashable, Sendable {
    /// The code.
    public var rawValue: UInt16

    /// Makes a code from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// UNSPECIFIED_REASON.
    public static let unspecified = ReasonCode(rawValue: 1)
    /// STA_LEAVING.
    public static let leaving = ReasonCode(rawValue: 36)
    /// END_BA: the agreement is not wanted any more.
    public static let endBlockAck = ReasonCode(rawValue: 37)
    /// UNKNOWN_BA: there is no such agreement.
    public static let unknownBlockAck = ReasonCode(rawValue: 38)
    /// TIMEOUT.
    public static let timeout = ReasonCode(rawValue: 39)
}

/// ADDBA Request (IEEE Std 802.11-2020, 9.6.4.2): the originator asks for a Block Ack agreement.
public struct AddBlockAckRequest: Hashable, Sendable {
    /// Chosen by the originator, not 0; the response repeats it.
    public var dialogToken: UInt8
    /// What is asked for.
    public var parameters: BlockAckParameterSet
    /// Inactivity after which the agreement ends, in time units of 1024 µs; 0 for never (9.4.1.14).
    public var timeout: UInt16
    /// The first frame to be sent under the agreement.
    public var startingSequence: SequenceControl
    /// The elements after the fixed fields, known or not, in their order (ADDBA Extension, vendor-specific, …).
    public var elements: [Element]

    /// Makes a request.
    public init(
        dialogToken: UInt8, parameters: BlockAckParameterSet, timeout: UInt16 = 0, startingSequence: SequenceControl,
        elements: [Element] = []
    ) {
        self.dialogToken = dialogToken
        self.parameters = parameters
        self.timeout = timeout
        self.startingSequence = startingSequence
        self.elements = elements
    }
}

/// ADDBA Response (IEEE Std 802.11-2020, 9.6.4.3): the recipient's answer.
public struct AddBlockAckResponse: Hashable, Sendable {
    /// The one of the request.
    public var dialogToken: UInt8
    /// Whether the agreement is made, and if not, why.
    public var status: StatusCode
    /// What is granted.
    public var parameters: BlockAckParameterSet
    /// Inactivity after which the agreement ends, in time units of 1024 µs; 0 for never (9.4.1.14).
    public var timeout: UInt16
    /// The elements after the fixed fields, known or not, in their order.
    public var elements: [Element]

    /// Makes a response.
    public init(
        dialogToken: UInt8, status: StatusCode, parameters: BlockAckParameterSet, timeout: UInt16 = 0,
        elements: [Element] = []
    ) {
        self.dialogToken = dialogToken
        self.status = status
        self.parameters = parameters
        self.timeout = timeout
        self.elements = elements
    }
}

/// DELBA (IEEE Std 802.11-2020, 9.6.4.4): one side ends the agreement.
public struct DeleteBlockAck: Hashable, Sendable {
    /// The DELBA Parameter Set field (9.4.1.15) as it is sent: 11 reserved bits, Initiator, TID.
    private var parameters: UInt16
    /// Why the agreement ends.
    public var reason: ReasonCode
    /// The elements after the fixed fields, known or not, in their order.
    public var elements: [Element]

    /// Makes a DELBA. `initiator` tells whether the originator of the data sends it; only the low four bits of `tid` count.
    public init(initiator: Bool, tid: UInt8, reason: ReasonCode, elements: [Element] = []) {
        self.init(
            parameters: (initiator ? 0x0800 : 0) | UInt16(tid & 15) << 12, reason: reason, elements: elements)
    }

    /// Makes a DELBA from its fields as sent.
    init(parameters: UInt16, reason: ReasonCode, elements: [Element]) {
        self.parameters = parameters
        self.reason = reason
        self.elements = elements
    }

    /// Whether the sender is the originator of the data.
    public var initiator: Bool { parameters & 0x0800 != 0 }
    /// The traffic identifier, `0 ... 15`.
    public var tid: UInt8 { UInt8(parameters >> 12) }

    /// Appends the fixed fields as they are sent.
    func appendFixedFields(to octets: inout [UInt8]) {
        octets.append(littleEndian: parameters)
        octets.append(littleEndian: reason.rawValue)
    }
}
