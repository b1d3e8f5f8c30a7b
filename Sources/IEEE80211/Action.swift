/// The Action field (IEEE Std 802.11-2020, 9.4.1.11): what an action frame says. Categories and actions without a case of
/// their own are kept as octets.
public enum Action: Hashable, Sendable {
    /// Category 3, action 0.
    case addBlockAckRequest(AddBlockAckRequest)
    /// Category 3, action 1.
    case addBlockAckResponse(AddBlockAckResponse)
    /// Category 3, action 2.
    case deleteBlockAck(DeleteBlockAck)
    /// Category 4: what stations say outside the context of a BSS too.
    case publicAction(PublicAction)
    /// Category 127.
    case vendorSpecific(VendorSpecificAction)
    /// Category 126: a vendor-specific action that is only sent encrypted.
    case protectedVendorSpecific(VendorSpecificAction)
    /// Anything else: the category, and all octets after it (the first is mostly the action code).
    case other(category: UInt8, body: [UInt8])
}

/// A vendor-specific action (IEEE Std 802.11-2020, 9.6.5).
public struct VendorSpecificAction: Hashable, Sendable {
    /// Whose content it is.
    public var oui: OUI
    /// The content after the identifier.
    public var body: [UInt8]

    /// Makes an action.
    public init(oui: OUI, body: [UInt8]) {
        self.oui = oui
        self.body = body
    }
}

// MARK: - On the air

extension Action {
    /// Categories (Table 9-51) and Block Ack actions (Table 9-360) that have a case of their own.
    private enum Code {
        static let blockAck: UInt8 = 3
        static let publicAction: UInt8 = 4
        static let protectedVendorSpecific: UInt8 = 126
        static let vendorSpecific: UInt8 = 127
        static let addRequest: UInt8 = 0
        static let addResponse: UInt8 = 1
        static let delete: UInt8 = 2
    }

    /// Parses the Action field that stands from `offset` to the end of `octets`.
    ///
    /// - Throws: `FrameError`: `.truncated` or `.impossibleLength` where a field or element is cut short.
    public init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        let category = try octets.octet(at: offset)
        let rest = offset + 1
        switch category {
        case Code.blockAck:
            switch try octets.octet(at: rest) {
            case Code.addRequest: self = .addBlockAckRequest(try AddBlockAckRequest(parsing: octets, from: rest + 1))
            case Code.addResponse: self = .addBlockAckResponse(try AddBlockAckResponse(parsing: octets, from: rest + 1))
            case Code.delete: self = .deleteBlockAck(try DeleteBlockAck(parsing: octets, from: rest + 1))
            default: self = .other(category: category, body: octets.copy(from: rest, to: octets.count))
            }
        case Code.publicAction: self = .publicAction(try PublicAction(parsing: octets, from: rest))
        case Code.vendorSpecific: self = .vendorSpecific(try VendorSpecificAction(parsing: octets, from: rest))
        case Code.protectedVendorSpecific:
            self = .protectedVendorSpecific(try VendorSpecificAction(parsing: octets, from: rest))
        default:
            self = .other(category: category, body: octets.copy(from: rest, to: octets.count))
        }
    }

    /// Appends the field as it is sent.
    func append(to octets: inout [UInt8]) {
        switch self {
        case .addBlockAckRequest(let request):
            octets += [Code.blockAck, Code.addRequest]
            request.append(to: &octets)
        case .addBlockAckResponse(let response):
            octets += [Code.blockAck, Code.addResponse]
            response.append(to: &octets)
        case .deleteBlockAck(let delete):
            octets += [Code.blockAck, Code.delete]
            delete.append(to: &octets)
        case .publicAction(let action):
            octets.append(Code.publicAction)
            action.append(to: &octets)
        case .vendorSpecific(let action):
            octets.append(Code.vendorSpecific)
            action.append(to: &octets)
        case .protectedVendorSpecific(let action):
            octets.append(Code.protectedVendorSpecific)
            action.append(to: &octets)
        case .other(let category, let body):
            octets.append(category)
            octets += body
        }
    }
}

extension VendorSpecificAction {
    /// Parses what follows the category.
    fileprivate init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        try octets.require(3, at: offset)
        oui = OUI(octets[offset], octets[offset + 1], octets[offset + 2])
        body = octets.copy(from: offset + 3, to: octets.count)
    }

    /// Appends what follows the category.
    fileprivate func append(to octets: inout [UInt8]) {
        octets += oui.octets
        octets += body
    }
}

extension AddBlockAckRequest {
    /// Parses what follows the action code.
    fileprivate init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        dialogToken = try octets.octet(at: offset)
        parameters = BlockAckParameterSet(rawValue: try octets.number(at: offset + 1))
        timeout = try octets.number(at: offset + 3)
        startingSequence = SequenceControl(rawValue: try octets.number(at: offset + 5))
        elements = try Element.list(parsing: octets, from: offset + 7)
    }

    /// Appends what follows the action code.
    fileprivate func append(to octets: inout [UInt8]) {
        octets.append(dialogToken)
        octets.append(littleEndian: parameters.rawValue)
        octets.append(littleEndian: timeout)
        octets.append(littleEndian: startingSequence.rawValue)
        for element in elements { element.append(to: &octets) }
    }
}

extension AddBlockAckResponse {
    /// Parses what follows the action code.
    fileprivate init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        dialogToken = try octets.octet(at: offset)
        status = StatusCode(rawValue: try octets.number(at: offset + 1))
        parameters = BlockAckParameterSet(rawValue: try octets.number(at: offset + 3))
        timeout = try octets.number(at: offset + 5)
        elements = try Element.list(parsing: octets, from: offset + 7)
    }

    /// Appends what follows the action code.
    fileprivate func append(to octets: inout [UInt8]) {
        octets.append(dialogToken)
        octets.append(littleEndian: status.rawValue)
        octets.append(littleEndian: parameters.rawValue)
        octets.append(littleEndian: timeout)
        for element in elements { element.append(to: &octets) }
    }
}

extension DeleteBlockAck {
    /// Parses what follows the action code.
    fileprivate init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        self.init(
            parameters: try octets.number(at: offset),
            reason: ReasonCode(rawValue: try octets.number(at: offset + 2)),
            elements: try Element.list(parsing: octets, from: offset + 4))
    }

    /// Appends what follows the action code.
    fileprivate func append(to octets: inout [UInt8]) {
        appendFixedFields(to: &octets)
        for element in elements { element.append(to: &octets) }
    }
}
