import IEEE80211

/// The vendor-specific element (ID 221) that makes an ADDBA Request, an ADDBA Response or a DELBA a frame of this protocol
/// (`EST-1`, `EST-4`). docs/protocol.md shows it octet by octet.
public struct SessionElement: Equatable, Sendable {
    /// The organization identifier of all frames of this protocol: locally administered (second-lowest bit of the first
    /// octet), so that it is nobody's assigned OUI.
    public static let oui = OUI(rawValue: 0xd2524c)
    /// The protocol version that this code speaks.
    public static let version: UInt8 = 1

    /// What the session supports, and what the frame is.
    public var flags: Flags
    /// Why a response declines or a DELBA ends; `unspecified` elsewhere.
    public var reason: RefusalReason
    /// The number of this transmission, named again by a session acknowledgment.
    public var transmission: TransmissionNumber
    /// The session that the frame is about.
    public var session: SessionIdentifier
    /// Which rebuild request this is, or answers; 0 in the first establishment (`REB-8`).
    public var rebuildNumber: UInt32
    /// The rebuild parameters that the standard fields of an ADDBA Request have no room for (`REB-2`).
    public var position: ResumptionPosition?
    /// All links that the session is to live on, in a sharing request (`SHR-1`).
    public var links: LinkSet?

    /// Makes an element.
    public init(
        flags: Flags, reason: RefusalReason = .unspecified, transmission: TransmissionNumber,
        session: SessionIdentifier, rebuildNumber: UInt32 = 0, position: ResumptionPosition? = nil,
        links: LinkSet? = nil
    ) {
        self.flags = flags
        self.reason = reason
        self.transmission = transmission
        self.session = session
        self.rebuildNumber = rebuildNumber
        self.position = position
        self.links = links
    }

    /// The indicators and marks.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The octet as it travels; bits without a name are reserved and ignored.
        public let rawValue: UInt8
        /// Makes flags from the octet.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// *Session supports rebuild* (`EST-1`).
        public static let supportsRebuild = Flags(rawValue: 1 << 0)
        /// *Session supports sharing* (`EST-3`).
        public static let supportsSharing = Flags(rawValue: 1 << 1)
        /// The frame asks for, or answers to, a rebuild (`REB-1`).
        public static let rebuild = Flags(rawValue: 1 << 2)
        /// The frame asks that the session live on further links, or refuses that (`SHR-1`).
        public static let sharing = Flags(rawValue: 1 << 3)
        /// The sender is the session's receiver, and asks its initiator for the rebuild; or the refusal of such a request
        /// (`REB-7`).
        public static let fromReceiver = Flags(rawValue: 1 << 5)
        /// The receiving agent is to answer with a session acknowledgment.
        public static let acknowledgmentRequested = Flags(rawValue: 1 << 4)
    }

    private static let elementType: UInt8 = 1
    private static let positionField: UInt8 = 1
    private static let linksField: UInt8 = 2

    /// The element as it travels.
    public var element: Element {
        var body: [UInt8] = [Self.elementType, Self.version, flags.rawValue, reason.rawValue, 0]
        body.append(littleEndian: transmission.rawValue)
        body.append(littleEndian: session.rawValue)
        body.append(littleEndian: rebuildNumber)
        if let position {
            body += [Self.positionField, 8]
            body.append(littleEndian: position.start.rawValue)
            body.append(littleEndian: position.next.rawValue)
        }
        if let links {
            body += [Self.linksField, 2]
            body.append(littleEndian: links.rawValue)
        }
        return .vendorSpecific(Self.oui, body)
    }

    /// Finds and reads the session element among the elements of a frame.
    ///
    /// - Returns: `nil` when there is none: a plain 802.11 peer sent the frame.
    /// - Throws: `SessionFrameError` when there is one that can't be read.
    public init?(in elements: [Element]) throws(SessionFrameError) {
        for element in elements {
            guard let (oui, body) = element.vendorSpecific, oui == Self.oui, body.first == Self.elementType else {
                continue
            }
            self = try Self(body: body)
            return
        }
        return nil
    }

    private init(body: ArraySlice<UInt8>) throws(SessionFrameError) {
        var fields = FieldReader(body.dropFirst())
        let version = try fields.octet()
        guard version == Self.version else { throw .versionNotSupported(version) }
        flags = Flags(rawValue: try fields.octet())
        // A reason from a newer version is still a refusal.
        reason = RefusalReason(rawValue: try fields.octet()) ?? .unspecified
        _ = try fields.octet()
        transmission = TransmissionNumber(rawValue: try fields.integer())
        session = SessionIdentifier(rawValue: try fields.integer())
        rebuildNumber = try fields.integer()
        position = nil
        links = nil
        while !fields.isAtEnd {
            let type = try fields.octet()
            var field = FieldReader(try fields.octets(Int(try fields.octet())))
            switch type {
            case Self.positionField:
                position = ResumptionPosition(
                    start: SequenceNumber(rawValue: try field.integer()),
                    next: SequenceNumber(rawValue: try field.integer()))
            case Self.linksField: links = LinkSet(rawValue: try field.integer())
            default: break
            }
        }
    }
}

/// Where an end stands in the sequence of a session (`INT-1`): the heart of the rebuild parameters.
public struct ResumptionPosition: Equatable, Sendable {
    /// Initiator: the lowest sequence number that is neither acknowledged nor given up, WinStart of the originator. Receiver:
    /// the next number expected, WinStart of the recipient.
    public var start: SequenceNumber
    /// Initiator: the sequence number that the next new payload will get. Receiver: one more than the highest received.
    public var next: SequenceNumber

    /// Makes a position.
    public init(start: SequenceNumber, next: SequenceNumber) {
        self.start = start
        self.next = next
    }
}
