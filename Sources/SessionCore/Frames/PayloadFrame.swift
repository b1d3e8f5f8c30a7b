import IEEE80211
import LinkSecurity

/// What stands in front of a payload in the body of a QoS Data frame. The body starts as LLC/SNAP with the EtherType for local
/// experiments (IEEE Std 802-2014, 9.2.4), so that other stations and tools see a well-formed frame that is not for them.
/// docs/protocol.md shows it octet by octet.
public struct PayloadHeader: Equatable, Sendable {
    /// The number of this transmission.
    public var transmission: TransmissionNumber
    /// The session.
    public var session: SessionIdentifier
    /// The payload's number in the session.
    public var sequence: SequenceNumber
    /// How far the sequence number lies ahead of the initiator's WinStart: whatever the receiver still misses before that, the
    /// initiator has given up (`REB-2`).
    public var ahead: UInt16
    /// True if the frame carries no payload, but is as long as if it did: it tries whether such frames get through (`PRG-2`).
    public var isProbe: Bool

    /// How every such body begins: LLC and SNAP with the EtherType for local experiments.
    public static let prefix: [UInt8] = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0xb5]
    static let prefixNumber: UInt64 = 0xb588_0000_0003_aaaa
    private static let payloadType: UInt8 = 5
    private static let protectedType: UInt8 = 8
    private static let probeType: UInt8 = 11
    private static let protectedProbeType: UInt8 = 12
    /// In a protected frame the upper four bits of the last field are the link; a window is never longer than 1023.
    private static let linkShift: UInt16 = 12

    /// Octets in front of the payload.
    public static let length = 30
    /// Octets of the check behind it.
    static let checkLength = PayloadCheck.length

    /// Makes a header.
    public init(
        transmission: TransmissionNumber, session: SessionIdentifier, sequence: SequenceNumber, ahead: UInt16 = 0,
        isProbe: Bool = false
    ) {
        self.transmission = transmission
        self.session = session
        self.sequence = sequence
        self.ahead = ahead
        self.isProbe = isProbe
    }

    /// The initiator's WinStart.
    public var start: SequenceNumber { sequence.advanced(by: -Int(ahead)) }

    /// Writes header and check around a payload that lies in its place already.
    ///
    /// - Parameter body: the whole body: `length` octets, the payload, `checkLength` octets.
    func write(around body: UnsafeMutableRawBufferPointer) {
        let end = body.count - Self.checkLength
        writeFields(to: body, type: isProbe ? Self.probeType : Self.payloadType, count: end - Self.length, last: ahead)
        let check = PayloadCheck.value(of: UnsafeRawBufferPointer(rebasing: body[Self.prefix.count..<end]))
        body.storeBytes(of: check.littleEndian, toByteOffset: end, as: UInt32.self)
    }

    /// Writes the header of a protected frame in front of a payload. It names the link, so that the frame counts on this link
    /// only; the tag of the frame takes the check's place.
    ///
    /// - Parameter content: the whole content: `length` octets, and the payload.
    func writeProtected(around content: UnsafeMutableRawBufferPointer, link: LinkIdentifier) {
        writeFields(
            to: content, type: isProbe ? Self.protectedProbeType : Self.protectedType, count: content.count - Self.length,
            last: ahead | UInt16(link.rawValue) << Self.linkShift)
    }

    private func writeFields(to body: UnsafeMutableRawBufferPointer, type: UInt8, count: Int, last: UInt16) {
        body.storeBytes(of: Self.prefixNumber.littleEndian, as: UInt64.self)
        body.storeBytes(of: type, toByteOffset: 8, as: UInt8.self)
        body.storeBytes(of: SessionElement.version, toByteOffset: 9, as: UInt8.self)
        body.storeBytes(of: UInt16(count).littleEndian, toByteOffset: 10, as: UInt16.self)
        body.storeBytes(of: transmission.rawValue.littleEndian, toByteOffset: 12, as: UInt32.self)
        body.storeBytes(of: session.rawValue.littleEndian, toByteOffset: 16, as: UInt64.self)
        body.storeBytes(of: sequence.rawValue.littleEndian, toByteOffset: 24, as: UInt32.self)
        body.storeBytes(of: last.littleEndian, toByteOffset: 28, as: UInt16.self)
    }

    /// Reads the header of the content of a protected frame, which has proved authentic.
    ///
    /// - Returns: the header, the number of the link that the frame was sent on, and where in `content` the payload lies; `nil`
    ///   when the content is not of this protocol.
    static func readProtected(
        _ content: Span<UInt8>
    ) throws(SessionFrameError) -> (header: PayloadHeader, link: UInt8, payload: Range<Int>)? {
        try content.withUnsafeBytes { octets throws(SessionFrameError) in
            guard octets.count >= prefix.count, number(octets, at: 0) == prefixNumber else { return nil }
            guard octets.count >= length else { throw .truncated }
            guard octets[8] == protectedType || octets[8] == protectedProbeType else { throw .unknownType(octets[8]) }
            guard octets[9] == SessionElement.version else { throw .versionNotSupported(octets[9]) }
            guard octets.count == length + Int(number(octets, at: 10) as UInt16) else { throw .inconsistentLength }
            let (header, link) = protectedFields(octets)
            return (header, link, length..<octets.count)
        }
    }

    /// Reads the header of a body of which perhaps only the start is there, and checks nothing.
    ///
    /// - Returns: the header, and how many octets the payload had; `nil` when there is no such header.
    public static func readStart(_ body: Span<UInt8>) -> (PayloadHeader, count: Int)? {
        body.withUnsafeBytes { octets in
            guard isStart(octets, payloadType) || isStart(octets, probeType) else { return nil }
            return (fields(octets), Int(number(octets, at: 10) as UInt16))
        }
    }

    /// Reads the header of the decrypted content of a protected frame, of which perhaps only the start is there.
    ///
    /// - Returns: the header, the number of the link that it was sent on, and how many octets the payload had; `nil` when there is
    ///   no such header.
    public static func readProtectedStart(_ content: Span<UInt8>) -> (PayloadHeader, link: UInt8, count: Int)? {
        content.withUnsafeBytes { octets in
            guard isStart(octets, protectedType) || isStart(octets, protectedProbeType) else { return nil }
            let (header, link) = protectedFields(octets)
            return (header, link, Int(number(octets, at: 10) as UInt16))
        }
    }

    private static func isStart(_ octets: UnsafeRawBufferPointer, _ type: UInt8) -> Bool {
        octets.count >= length && number(octets, at: 0) == prefixNumber && octets[8] == type
            && octets[9] == SessionElement.version
    }

    private static func number<Number: FixedWidthInteger>(_ octets: UnsafeRawBufferPointer, at offset: Int) -> Number {
        Number(littleEndian: octets.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    private static func fields(_ octets: UnsafeRawBufferPointer) -> PayloadHeader {
        PayloadHeader(
            transmission: TransmissionNumber(rawValue: number(octets, at: 12)),
            session: SessionIdentifier(rawValue: number(octets, at: 16)),
            sequence: SequenceNumber(rawValue: number(octets, at: 24)), ahead: number(octets, at: 28),
            isProbe: octets[8] == probeType || octets[8] == protectedProbeType)
    }

    /// In a protected frame, the link's number stands above the payloads ahead.
    private static func protectedFields(_ octets: UnsafeRawBufferPointer) -> (header: PayloadHeader, link: UInt8) {
        var header = fields(octets)
        let link = UInt8(header.ahead >> linkShift)
        header.ahead &= 1 << linkShift - 1
        return (header, link)
    }

    /// Reads the header of a body and checks the whole of it.
    ///
    /// - Returns: the header, and where in `body` the payload lies; `nil` when the body is not of this protocol.
    public static func read(_ body: Span<UInt8>) throws(SessionFrameError) -> (PayloadHeader, payload: Range<Int>)? {
        try body.withUnsafeBytes { octets throws(SessionFrameError) in
            guard octets.count >= prefix.count, number(octets, at: 0) == prefixNumber else { return nil }
            guard octets.count > 9 else { throw .truncated }
            guard octets[8] == payloadType || octets[8] == probeType else { throw .unknownType(octets[8]) }
            guard octets[9] == SessionElement.version else { throw .versionNotSupported(octets[9]) }
            guard octets.count >= length + checkLength else { throw .truncated }
            let end = length + Int(number(octets, at: 10) as UInt16)
            guard octets.count >= end + checkLength else { throw .truncated }
            let check = PayloadCheck.value(of: UnsafeRawBufferPointer(rebasing: octets[prefix.count..<end]))
            guard number(octets, at: end) == check else { throw .corrupted }
            return (fields(octets), length..<end)
        }
    }
}

/// The body of a QoS Data frame that carries one payload of a session, as a value of its own: for tools and tests. The core
/// itself works on payloads where they lie.
public struct PayloadFrame: Equatable, Sendable {
    /// What stands in front of the payload.
    public var header: PayloadHeader
    /// What the host handed over.
    public var payload: Payload

    /// Octets of the body beside the payload: prefix, header and check.
    public static let overhead = PayloadHeader.length + PayloadHeader.checkLength
    /// Octets beside the payload when the frame is protected: GCMP header, prefix and header, MIC.
    public static let protectedOverhead =
        PeerSecurity.contentOffset - QoSDataFrame.headerLength + PayloadHeader.length + PeerSecurity.tagLength

    /// Makes a body.
    public init(header: PayloadHeader, payload: Payload) {
        self.header = header
        self.payload = payload
    }

    /// The body as it travels: prefix, header with the length, payload, and the check over header and payload. A
    /// length and an integrity check of its own, because a driver's FCS flag can be wrong.
    public var body: [UInt8] {
        let blank = [UInt8](repeating: 0, count: PayloadHeader.length)
        var body = blank + payload + [UInt8](repeating: 0, count: PayloadHeader.checkLength)
        body.withUnsafeMutableBytes(header.write(around:))
        return body
    }

    /// Reads a body.
    ///
    /// - Returns: `nil` when it is not of this protocol.
    public init?(body: [UInt8]) throws(SessionFrameError) {
        guard let (header, range) = try PayloadHeader.read(body.span) else { return nil }
        self.init(header: header, payload: Array(body[range]))
    }

    /// Makes a whole frame of the start of one that carries a payload: what was cut off the payload is zero, and so is all of it
    /// beyond the first `kept` octets; the check fits. A core decides about it as about the frame that was.
    ///
    /// - Parameters:
    ///   - start: what there is of the MPDU.
    ///   - length: how many octets it had.
    /// - Returns: `nil` when it carries no payload, or one that is protected, or damaged.
    public static func restored(_ start: [UInt8], length: Int, keeping kept: Int) -> [UInt8]? {
        guard let header = try? MACHeader(parsing: start.span), header.kind == .qosData,
            !header.frameControl.flags.contains(.protectedFrame),
            let (_, count) = PayloadHeader.readStart(start.span.extracting(droppingFirst: header.headerLength))
        else { return nil }
        let begin = header.headerLength + PayloadHeader.length
        let end = begin + count
        guard length >= end + PayloadHeader.checkLength, start.count <= length else { return nil }
        if start.count == length {
            let body = start.span.extracting(droppingFirst: header.headerLength)
            guard (try? PayloadHeader.read(body)) != nil else { return nil }
        }
        var frame = Array(start.prefix(begin + min(count, kept)))
        frame.append(contentsOf: repeatElement(0, count: length - frame.count))
        frame.withUnsafeMutableBytes { frame in
            let check = PayloadCheck.value(
                of: UnsafeRawBufferPointer(rebasing: frame[header.headerLength + PayloadHeader.prefix.count..<end]))
            frame.storeBytes(of: check.littleEndian, toByteOffset: end, as: UInt32.self)
        }
        return frame
    }
}
