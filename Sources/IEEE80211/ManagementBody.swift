/// The fixed fields at the start of a management frame's body (IEEE Std 802.11-2020, 9.3.3), and where its elements begin.
/// Reading them takes no memory from the heap. Action frames are read by `ActionFrame`.
public struct ManagementBody: Hashable, Sendable {
    /// The Status Code field, in Association Response, Reassociation Response and Authentication frames.
    public var status: StatusCode?
    /// The Reason Code field, in Disassociation and Deauthentication frames.
    public var reason: ReasonCode?
    /// Octets from the start of the frame to the first element; `nil` where what follows the fixed fields is not elements
    /// alone (authentication by SAE or FILS), or nobody knows.
    public var elementsOffset: Int?

    /// Reads the fixed fields of a frame without FCS.
    ///
    /// - Throws: `FrameError`: `.otherKind` when it is no management frame, or an action frame; `.protected` when its body is
    ///   encrypted, `.fragment` when it is a part of one; `.truncated` where a fixed field is cut short.
    public init(parsing mpdu: Span<UInt8>, header: MACHeader) throws(FrameError) {
        let kind = header.frameControl.kind
        guard kind.type == .management, kind != .action, kind != .actionNoAck else {
            throw FrameError(offset: 0, reason: .otherKind)
        }
        try header.requireReadableBody()
        let start = header.headerLength
        guard let length = Self.fixedLength(of: kind.subtype) else { return }
        try mpdu.require(length, at: start)
        elementsOffset = start + length
        switch kind {
        case .associationResponse, .reassociationResponse:
            status = StatusCode(rawValue: try mpdu.number(at: start + 2))
        case .disassociation, .deauthentication:
            reason = ReasonCode(rawValue: try mpdu.number(at: start))
        case .authentication:
            status = StatusCode(rawValue: try mpdu.number(at: start + 4))
            let algorithm: UInt16 = try mpdu.number(at: start)
            if algorithm > Self.lastPlainAlgorithm { elementsOffset = nil }
        default: break
        }
    }

    /// Open System, Shared Key and Fast BSS Transition (9.4.1.1) have elements alone behind the fixed fields.
    private static let lastPlainAlgorithm: UInt16 = 2

    /// Octets of the fixed fields; `nil` for subtypes that are reserved.
    private static func fixedLength(of subtype: UInt8) -> Int? {
        switch subtype {
        case 0: 4  // Association Request: capabilities, listen interval
        case 1, 3: 6  // (Re)association Response: capabilities, status, AID
        case 2: 10  // Reassociation Request: capabilities, listen interval, current AP
        case 4, 9: 0  // Probe Request, ATIM
        case 5, 8: 12  // Probe Response, Beacon: timestamp, beacon interval, capabilities
        case 6: 10  // Timing Advertisement: timestamp, capabilities
        case 10, 12: 2  // Disassociation, Deauthentication: reason
        case 11: 6  // Authentication: algorithm, transaction sequence number, status
        default: nil
        }
    }
}

extension ManagementBody {
    /// Fails where the elements are malformed, as `Element.list(parsing:from:)` does, but takes no memory from the heap. What
    /// follows a FILS Session element in an association frame is encrypted (12.11.2.6), and not looked at.
    ///
    /// - Throws: `FrameError`: `.truncated` or `.impossibleLength` with the offset of the element.
    public func checkElements(of mpdu: Span<UInt8>, header: MACHeader) throws(FrameError) {
        guard var offset = elementsOffset else { return }
        let endsAtSession = header.frameControl.kind.subtype <= FrameKind.reassociationResponse.subtype
        while offset < mpdu.count {
            let start = offset
            offset = try Element.checkedEnd(mpdu, at: start)
            let isSession = mpdu[start] == Element.extensionMarker && mpdu[start + 2] == Self.filsSession
            if isSession, endsAtSession { return }
        }
    }

    /// The Element ID Extension of the FILS Session element (9.4.2.174).
    private static let filsSession: UInt8 = 4
}
