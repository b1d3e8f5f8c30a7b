import IEEE80211

/// The body of a QoS Data frame that carries one payload of a session. It starts as LLC/SNAP with the EtherType for local
/// experiments (IEEE Std 802-2014, 9.2.4), so that other stations and tools see a well-formed frame that is not for them.
/// docs/protocol.md shows it octet by octet.
public struct PayloadFrame: Equatable, Sendable {
    /// The number of this transmission.
    public var transmission: TransmissionNumber
    /// The session.
    public var session: SessionIdentifier
    /// The payload's number in the session.
    public var sequence: SequenceNumber
    /// What the host handed over.
    public var payload: Payload

    /// How every such body begins: LLC and SNAP with the EtherType for local experiments.
    public static let prefix: [UInt8] = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0xb5]
    private static let payloadType: UInt8 = 5

    /// Octets of the body beside the payload: prefix, header and CRC.
    public static let overhead = 32

    /// Makes a body.
    public init(
        transmission: TransmissionNumber, session: SessionIdentifier, sequence: SequenceNumber, payload: Payload
    ) {
        self.transmission = transmission
        self.session = session
        self.sequence = sequence
        self.payload = payload
    }

    /// The body as it travels: prefix, header with the length, payload, the CRC-32 of 802.11's FCS over header and payload. A length and an
    /// integrity check of its own, because a driver's FCS flag can be wrong.
    public var body: [UInt8] {
        var body = Self.prefix
        body += [Self.payloadType, SessionElement.version]
        body.append(littleEndian: UInt16(payload.count))
        body.append(littleEndian: transmission.rawValue)
        body.append(littleEndian: session.rawValue)
        body.append(littleEndian: sequence.rawValue)
        body += payload
        body.append(littleEndian: FrameCheckSequence.value(of: Array(body[Self.prefix.count...])))
        return body
    }

    /// Reads a body.
    ///
    /// - Returns: `nil` when it is not of this protocol.
    public init?(body: [UInt8]) throws(SessionFrameError) {
        guard body.starts(with: Self.prefix) else { return nil }
        let own = body[Self.prefix.count...]
        var fields = FieldReader(own)
        let type = try fields.octet()
        guard type == Self.payloadType else { throw .unknownType(type) }
        let version = try fields.octet()
        guard version == SessionElement.version else { throw .versionNotSupported(version) }
        let length: UInt16 = try fields.integer()
        transmission = TransmissionNumber(rawValue: try fields.integer())
        session = SessionIdentifier(rawValue: try fields.integer())
        sequence = SequenceNumber(rawValue: try fields.integer())
        payload = Array(try fields.octets(Int(length)))
        guard try fields.integer() == FrameCheckSequence.value(of: Array(own.prefix(20 + Int(length)))) else {
            throw .corrupted
        }
    }
}
