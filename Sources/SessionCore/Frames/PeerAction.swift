import IEEE80211

/// The frames of this protocol for which the standard has none: vendor-specific action frames (category 127, starting
/// decisions 1 and 3). docs/protocol.md shows them octet by octet.
public enum PeerAction: Equatable, Sendable {
    /// Tries a link, and says how its sender sees the link and the sessions.
    case heartbeat(Heartbeat)
    /// Answers one transmission that asked for it: acknowledgment source `frame`.
    case sessionAcknowledgment(TransmissionNumber)
    /// Says which payloads of a session arrived.
    case blockAcknowledgment(BlockAcknowledgment)
    /// Says that a device is there.
    case announcement(Announcement)

    /// The types of heartbeats, of session acknowledgments and of block acknowledgments.
    public static let heartbeatType: UInt8 = 2, sessionAcknowledgmentType: UInt8 = 3, blockAcknowledgmentType: UInt8 = 4

    /// The action as it travels.
    public var action: VendorSpecificAction {
        var body: [UInt8]
        switch self {
        case .heartbeat(let heartbeat):
            body = [Self.heartbeatType, SessionElement.version]
            heartbeat.append(to: &body)
        case .sessionAcknowledgment(let number):
            body = [Self.sessionAcknowledgmentType, SessionElement.version]
            body.append(littleEndian: number.rawValue)
        case .blockAcknowledgment(let acknowledgment):
            body = [Self.blockAcknowledgmentType, SessionElement.version]
            acknowledgment.append(to: &body)
        case .announcement(let announcement):
            body = [Announcement.type, SessionElement.version]
            announcement.append(to: &body)
        }
        return VendorSpecificAction(oui: SessionElement.oui, body: body)
    }

    /// The category of Block Ack actions (IEEE Std 802.11-2020, table 9-51).
    static let blockAckCategory: UInt8 = 3
    private static let vendorSpecificCategory: UInt8 = 127

    /// The type of a vendor-specific action frame of this protocol, by the first octets of the frame's body; `nil` when it is
    /// another one, or has no type.
    public static func type(of body: Span<UInt8>) -> UInt8? {
        guard body.count > 4, body[0] == vendorSpecificCategory,
            UInt32(body[1]) << 16 | UInt32(body[2]) << 8 | UInt32(body[3]) == SessionElement.oui.rawValue
        else { return nil }
        return body[4]
    }

    /// Reads the body of a vendor-specific action frame with this protocol's organization identifier.
    public init(body: [UInt8]) throws(SessionFrameError) {
        var fields = FieldReader(body[...])
        let type = try fields.octet()
        let version = try fields.octet()
        guard version == SessionElement.version else { throw .versionNotSupported(version) }
        switch type {
        case Self.heartbeatType: self = .heartbeat(try Heartbeat(fields: &fields))
        case Self.sessionAcknowledgmentType:
            self = .sessionAcknowledgment(TransmissionNumber(rawValue: try fields.integer()))
        case Self.blockAcknowledgmentType: self = .blockAcknowledgment(try BlockAcknowledgment(fields: &fields))
        case Announcement.type: self = .announcement(try Announcement(elements: body.dropFirst(2)))
        default: throw .unknownType(type)
        }
    }
}

/// What a device says of a link and of the sessions it holds, each time it tries the link.
public struct Heartbeat: Equatable, Sendable {
    /// The most sessions that one heartbeat lists; a device with more takes turns.
    public static let maximumSessions = 32

    /// How the sender sees the link.
    public var flags: Flags
    /// The number of this transmission.
    public var transmission: TransmissionNumber
    /// How soon the next heartbeat follows on this link, in time units of 1,024 µs; jitter comes on top.
    public var interval: UInt16
    /// Sessions between the two devices, at most `maximumSessions`.
    public var sessions: [Entry]
    /// The capabilities of the sender's radio on this link (`RAT-1`, `RAT-5`); `nil` without HT.
    public var receives: RadioCapabilities?
    /// The sender's links, in some heartbeats (`CFG-1`).
    public var sender: SenderLinks?

    private static let highThroughputField: UInt8 = 1
    private static let veryHighThroughputField: UInt8 = 2
    private static let senderField: UInt8 = 3

    /// Makes a heartbeat.
    public init(
        flags: Flags, transmission: TransmissionNumber, interval: UInt16, sessions: [Entry],
        receives: RadioCapabilities? = nil, sender: SenderLinks? = nil
    ) {
        self.flags = flags
        self.transmission = transmission
        self.interval = interval
        self.sessions = sessions
        self.receives = receives
        self.sender = sender
    }

    /// How the sender sees the link.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The octet as it travels; bits without a name are reserved and ignored.
        public let rawValue: UInt8
        /// Makes flags from the octet.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The receiving agent is to answer with a session acknowledgment.
        public static let acknowledgmentRequested = Flags(rawValue: 1 << 0)
        /// The sender's radio acknowledges what is sent to it.
        public static let radioAcknowledges = Flags(rawValue: 1 << 1)
        /// The sender holds the link for alive.
        public static let linkAlive = Flags(rawValue: 1 << 2)
    }

    /// One session as the sender holds it.
    public struct Entry: Equatable, Sendable {
        /// The session.
        public var session: SessionIdentifier
        /// The last rebuild that the sender knows of.
        public var rebuildNumber: UInt32
        /// The sender's part in it.
        public var role: SessionRole
        /// Whether it lives there; otherwise it is interrupted.
        public var isLive: Bool
        /// The links it lives on there.
        public var links: LinkSet

        /// Makes an entry.
        public init(
            session: SessionIdentifier, rebuildNumber: UInt32, role: SessionRole, isLive: Bool, links: LinkSet
        ) {
            self.session = session
            self.rebuildNumber = rebuildNumber
            self.role = role
            self.isLive = isLive
            self.links = links
        }
    }

    fileprivate func append(to body: inout [UInt8]) {
        body.append(flags.rawValue)
        body.append(littleEndian: transmission.rawValue)
        body.append(littleEndian: interval)
        body.append(UInt8(sessions.count))
        for entry in sessions {
            body.append(littleEndian: entry.session.rawValue)
            body.append(littleEndian: entry.rebuildNumber)
            body.append((entry.role == .receiver ? 1 : 0) | (entry.isLive ? 2 : 0))
            body.append(littleEndian: entry.links.rawValue)
        }
        if let octets = sender?.packed { body += [Self.senderField, UInt8(octets.count)] + octets }
        guard let receives else { return }
        body += [Self.highThroughputField, UInt8(HTCapabilities.packedLength)] + receives.highThroughput.packed
        guard let capabilities = receives.veryHighThroughput else { return }
        body += [Self.veryHighThroughputField, UInt8(VHTCapabilities.length)] + capabilities.elementBody
    }

    fileprivate init(fields: inout FieldReader) throws(SessionFrameError) {
        flags = Flags(rawValue: try fields.octet())
        transmission = TransmissionNumber(rawValue: try fields.integer())
        interval = try fields.integer()
        let count = Int(try fields.octet())
        guard count <= Self.maximumSessions else { throw .inconsistentLength }
        sessions = []
        for _ in 0..<count {
            let session = SessionIdentifier(rawValue: try fields.integer())
            let rebuildNumber: UInt32 = try fields.integer()
            let bits = try fields.octet()
            sessions.append(
                Entry(
                    session: session, rebuildNumber: rebuildNumber, role: bits & 1 == 1 ? .receiver : .initiator,
                    isLive: bits & 2 == 2, links: LinkSet(rawValue: try fields.integer())))
        }
        sender = nil
        var highThroughput: HTCapabilities?
        var veryHighThroughput: VHTCapabilities?
        while !fields.isAtEnd {
            let type = try fields.octet()
            let value = try fields.octets(Int(try fields.octet()))
            switch type {
            case Self.highThroughputField: highThroughput = HTCapabilities(packed: value)
            case Self.senderField: sender = SenderLinks(packed: value)
            case Self.veryHighThroughputField: veryHighThroughput = VHTCapabilities(elementBody: value)
            default: break
            }
        }
        receives = highThroughput.map { RadioCapabilities($0, veryHighThroughput: veryHighThroughput) }
    }
}

/// A block acknowledgment with the wide sequence numbers of this protocol.
public struct BlockAcknowledgment: Equatable, Sendable {
    /// The session.
    public var session: SessionIdentifier
    /// Everything before this number was received: WinStart of the recipient.
    public var start: SequenceNumber
    /// Bit i of octet i/8 says that number `start` + i was received; at most 128 octets.
    public var bitmap: [UInt8]

    /// Makes a block acknowledgment.
    public init(session: SessionIdentifier, start: SequenceNumber, bitmap: [UInt8]) {
        self.session = session
        self.start = start
        self.bitmap = bitmap
    }

    fileprivate func append(to body: inout [UInt8]) {
        body.append(littleEndian: session.rawValue)
        body.append(littleEndian: start.rawValue)
        body.append(UInt8(bitmap.count))
        body += bitmap
    }

    fileprivate init(fields: inout FieldReader) throws(SessionFrameError) {
        session = SessionIdentifier(rawValue: try fields.integer())
        start = SequenceNumber(rawValue: try fields.integer())
        let count = Int(try fields.octet())
        guard count <= 128 else { throw .inconsistentLength }
        bitmap = Array(try fields.octets(count))
    }
}
