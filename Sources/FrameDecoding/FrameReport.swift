import CaptureFiles
import IEEE80211
import LinkSecurity
import SessionCore

/// What there is to say of one record of a capture: everything that could be read before the first fault, and the fault.
public struct FrameReport: Sendable {
    /// The number of the record in its file, from 1.
    public let number: Int
    /// Which interface gave it, from 0.
    public let interface: Int
    /// What kind of packet it is; behind a PPI header that could be read, what kind of packet that header says. Of others than
    /// 802.11 nothing below is read.
    public private(set) var linkType: LinkType
    /// Nanoseconds since 1970.
    public let timestamp: UInt64?
    /// Octets that the packet had.
    public let length: Int
    /// Octets of it that the capture kept.
    public let capturedLength: Int
    /// What the radio says of the frame.
    public private(set) var radio: RadioHeader?
    /// The frame's header.
    public private(set) var header: MACHeader?
    /// What the frame check sequence says.
    public private(set) var fcs = FrameCheck.absent
    /// What stands behind the header.
    public private(set) var body = FrameBody.none
    /// The first fault, with its offset from the start of the packet.
    public private(set) var fault: FrameError?
    /// What its protection proved; `nil` where it has none, or nobody asked.
    public private(set) var protection: FrameKeyRing.Verdict?

    /// What is known of the frame check sequence.
    public enum FrameCheck: Hashable, Sendable {
        /// None was captured.
        case absent
        /// It fits the frame.
        case good
        /// The radio says that it is there, but it does not fit the frame.
        case bad
    }

    /// Reads a record.
    ///
    /// - Parameter keys: what protected frames are read with, if they are to be.
    public init(number: Int, _ record: CaptureRecord, keys: FrameKeyRing? = nil) {
        self.number = number
        interface = record.interface
        linkType = record.linkType
        timestamp = record.timestamp
        capturedLength = record.octets.count
        length = max(record.originalLength, record.octets.count)
        let packet = record.octets.span
        var start = 0
        do throws(FrameError) {
            guard let radio = try RadioHeader(parsing: packet, linkType) else { return }
            guard radio.payload == .ieee80211 else {
                linkType = radio.payload
                return
            }
            self.radio = radio
            isDecoded = true
            start = radio.length
            let end = findFrameCheck(in: packet, from: start, fcsLength: record.fcsLength)
            defer { if let keys { read(packet.extracting(start..<end), with: keys) } }
            try read(packet.extracting(start..<end), isPadded: radio.isPadded)
        } catch {
            isDecoded = true
            fault = FrameError(offset: start + error.offset, reason: error.reason)
        }
    }

    /// Whether the packet is an 802.11 frame, or would be one if its header could be read.
    public private(set) var isDecoded = false

    /// Whether the fault is nobody's but the capture's, which kept only the start of the packet.
    public var isCutByCapture: Bool {
        guard capturedLength < length, case .truncated? = fault?.reason else { return false }
        return true
    }

    /// Where the frame ends without its frame check sequence. One that fits the frame is there, whatever the radio says; one that
    /// the radio or the file announces is there, whether it fits or not. A capture that kept only the start may have cut it off.
    private mutating func findFrameCheck(in packet: Span<UInt8>, from start: Int, fcsLength: Int?) -> Int {
        let isWhole = capturedLength == length
        if isWhole, FrameCheckSequence.isAtEnd(of: packet.extracting(droppingFirst: start)) {
            fcs = .good
            return packet.count - FrameCheckSequence.length
        }
        let announced = radio?.announcesFCS == true ? FrameCheckSequence.length : fcsLength ?? 0
        if isWhole, announced > 0 { fcs = .bad }
        return max(start, min(packet.count, length - announced))
    }

    /// Decrypts, or checks, a frame that is protected.
    private mutating func read(_ mpdu: Span<UInt8>, with keys: FrameKeyRing) {
        let isCut = capturedLength < length
        switch body {
        case .encrypted where header?.kind == .qosData:
            let opened = keys.open(mpdu.withUnsafeBytes { [UInt8]($0) }, isCut: isCut) {
                PayloadHeader.readProtectedStart($0.span) != nil
            }
            protection = opened.verdict
            if let content = opened.content { body = .decrypted(DecryptedContent(content)) }
        case .action where ProtectionElement.isAtEnd(of: mpdu) && !isCut:
            protection = keys.verify(mpdu.withUnsafeBytes { [UInt8]($0) })
        default: break
        }
    }

    /// Reads a frame without its frame check sequence.
    private mutating func read(_ mpdu: Span<UInt8>, isPadded: Bool) throws(FrameError) {
        let header = try MACHeader(parsing: mpdu)
        self.header = header
        do throws(FrameError) {
            try body.read(mpdu, header, isPadded: isPadded, isCut: capturedLength < length)
        } catch {
            switch error.reason {
            case .protected: body = .encrypted
            case .fragment: body = .fragment
            case .truncated, .unsupportedVersion, .otherKind, .impossibleLength: throw error
            }
        }
    }
}
