import IEEE80211
import SessionCore

/// Why a file, or the rest of it, is no recording.
public struct RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// It is no pcapng file in little-endian order.
        case notPcapng
        /// It has packets, or ends, before the head of a recording.
        case notRecording
        /// A later version wrote it.
        case version(UInt8)
        /// A block contradicts itself.
        case malformed
    }

    /// Octets from the start of the file.
    public var offset: Int
    /// What is wrong there.
    public var reason: Reason

    /// Makes an error.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// One line for people.
    public var description: String {
        switch reason {
        case .notPcapng: "octet \(offset): no pcapng file as this program writes it"
        case .notRecording: "octet \(offset): a capture, but no recording"
        case .version(let version): "octet \(offset): version \(version) of the format is not known"
        case .malformed: "octet \(offset): a block that contradicts itself"
        }
    }
}

/// Reads the octets of a recording item by item. A file that is cut, wherever, is read up to the cut.
public struct RecordingDecoder {
    private let octets: [UInt8]
    /// Where the next block begins.
    public private(set) var offset = 0
    /// Whether the file ends inside a block.
    public private(set) var isCut = false
    /// The head of the file.
    public private(set) var start: RecordingStart?

    /// Reads from memory.
    public init(octets: [UInt8]) { self.octets = octets }

    /// The next item; `nil` at the end.
    /// - Throws: `RecordingError` where it can't be read on.
    public mutating func next() throws(RecordingError) -> RecordedItem? {
        while offset < octets.count {
            let begin = offset
            guard octets.count - begin >= 12 else { return cut() }
            var fields = FieldReader(octets, begin, end: octets.count)
            let type: UInt32 = try fields.number()
            if begin == 0, type != RecordingFormat.Block.sectionHeader { throw fail(begin, .notPcapng) }
            let length = Int(try fields.number() as UInt32)
            guard length >= 12, length <= 1 << 24, length.isMultiple(of: 4) else { throw fail(begin, .malformed) }
            guard octets.count - begin >= length else { return cut() }
            var body = FieldReader(octets, begin + 8, end: begin + length - 4)
            offset = begin + length
            switch type {
            case RecordingFormat.Block.sectionHeader:
                guard (try body.number() as UInt32) == 0x1a2b_3c4d else { throw fail(begin, .notPcapng) }
            case RecordingFormat.Block.enhancedPacket:
                guard let start else { throw fail(begin, .notRecording) }
                if let item = try packet(&body, start) { return item }
            case RecordingFormat.blockType:
                if let item = try own(&body) { return item }
            default: break
            }
        }
        return nil
    }

    private mutating func cut() -> RecordedItem? {
        isCut = true
        offset = octets.count
        return nil
    }

    private func fail(_ offset: Int, _ reason: RecordingError.Reason) -> RecordingError {
        RecordingError(offset: offset, reason: reason)
    }

    /// A clock that runs for 146 years is none, and differences of more can't be held.
    private func instant(_ nanoseconds: Int64, at offset: Int) throws(RecordingError) -> MonotonicInstant {
        guard 0..<1 << 62 ~= nanoseconds else { throw fail(offset, .malformed) }
        return MonotonicInstant(nanoseconds: nanoseconds)
    }

    /// Whether so many octets may be what was kept of others: of long ones all are.
    private static func canBe(_ kept: Int, keptOf length: Int) -> Bool {
        kept == length || kept < length && length < RecordingFormat.longestCut
    }

    // MARK: Packets

    private func packet(_ body: inout FieldReader, _ start: RecordingStart) throws(RecordingError) -> RecordedItem? {
        let begin = body.position
        let interface = Int(try body.number() as UInt32)
        let high = UInt64(try body.number() as UInt32)
        let low = UInt64(try body.number() as UInt32)
        let instant = try instant(Int64(bitPattern: high << 32 | low) &- start.clockOffset, at: begin)
        let length = Int(try body.number() as UInt32)
        let originalLength = Int(try body.number() as UInt32)
        let packet = try body.octets(length)
        body.align()
        guard start.links.indices.contains(interface) else { throw fail(begin, .malformed) }
        guard let radiotap = try? Radiotap(parsing: packet.span) else { throw fail(begin, .malformed) }
        guard Self.canBe(length, keptOf: originalLength) else { throw fail(begin, .malformed) }
        var mpdu = Array(packet[radiotap.length...])
        if let kept = start.keptOctets,
            let restored = PayloadFrame.restored(mpdu, length: originalLength - radiotap.length, keeping: kept)
        {
            mpdu = restored
        }
        var (direction, number): (UInt32, UInt64?) = (0, nil)
        while body.left >= 4 {
            let code: UInt16 = try body.number()
            let count = Int(try body.number() as UInt16)
            if code == 0 { break }
            var value = FieldReader(try body.octets(count), 0, end: count)
            body.align()
            if code == 2 { direction = try value.number() & 3 }
            if code == 5 { number = try value.number() }
        }
        let link = start.links[interface]
        guard direction == RecordingFormat.Direction.outbound.rawValue else {
            return .input(.frameReceived(link: link, mpdu: mpdu, signal: radiotap.antennaSignal), instant)
        }
        guard let number else { throw fail(begin, .malformed) }
        let transmission = TransmissionNumber(rawValue: UInt32(truncatingIfNeeded: number))
        return .output(.transmit(link: link, number: transmission, mpdu: mpdu), instant)
    }

    // MARK: Own blocks

    private mutating func own(_ body: inout FieldReader) throws(RecordingError) -> RecordedItem? {
        let begin = body.position
        guard body.left >= 16, try body.octets(4) == RecordingFormat.magic else { return nil }
        let code: UInt8 = try body.number()
        let version: UInt8 = try body.number()
        guard 1...RecordingFormat.version ~= version else { throw fail(begin, .version(version)) }
        _ = try body.number() as UInt16
        let instant = try instant(try body.number(), at: begin)
        guard let kind = RecordingFormat.Kind(rawValue: code) else {
            guard code >= RecordingFormat.firstAside else { throw fail(begin, .malformed) }
            return nil
        }
        switch kind {
        case .start:
            let start = try readStart(&body, version)
            self.start = start
            return .start(start)
        case .turnEnd: return .turnEnd
        case .deadlineReached: return .input(.deadlineReached, instant)
        case .linkUp: return .input(try readLinkUp(&body), instant)
        case .linkDown:
            let link = try body.link(UInt8(truncatingIfNeeded: try body.number() as UInt32))
            guard let cause = LinkDownCause(rawValue: try body.text()) else { throw fail(begin, .malformed) }
            return .input(.linkDown(link, cause), instant)
        case .transmissionReported:
            let number = TransmissionNumber(rawValue: try body.number())
            let link = try body.link(try body.number())
            let acknowledged = (try body.number() as UInt8) == 1
            return .input(.transmissionReported(link: link, number: number, acknowledged: acknowledged), instant)
        case .payload:
            let (payload, peer, tid) = try readPayload(&body, version)
            return .input(.payload(payload, peer: peer, tid: tid), instant)
        case .command: return .input(.command(try readCommand(&body)), instant)
        case .deliver:
            let (payload, peer, tid) = try readPayload(&body, version)
            return .output(.deliver(payload, peer: peer, tid: tid), instant)
        case .event: return .output(.event(try readEvent(&body)), instant)
        case .station: return .station(try readStation(&body), instant)
        }
    }

    private func readStart(
        _ body: inout FieldReader, _ version: UInt8
    ) throws(RecordingError) -> RecordingStart {
        let seed: UInt64 = try body.number()
        let clockOffset: Int64 = try body.number()
        guard -1 << 62..<1 << 62 ~= clockOffset else { throw fail(body.position, .malformed) }
        let part: UInt32 = try body.number()
        let flags: UInt32 = try body.number()
        let kept: UInt32 = version > 1 ? try body.number() : .max
        let configuration = try body.text()
        var links: [LinkIdentifier] = []
        let count: UInt32 = try body.number()
        guard Int(count) <= body.left else { throw fail(body.position, .malformed) }
        for _ in 0..<count { links.append(try body.link(try body.number())) }
        return RecordingStart(
            seed: seed, clockOffset: clockOffset, part: part, isMidway: flags & 1 != 0,
            isProtected: flags & 2 != 0, keptOctets: kept == .max ? nil : Int(kept), configuration: configuration,
            links: links)
    }

    private func readLinkUp(_ body: inout FieldReader) throws(RecordingError) -> Input {
        let begin = body.position
        let address = MACAddress(rawValue: try body.number())
        let frequency: UInt16 = try body.number()
        let link = try body.link(try body.number())
        let outstanding = try body.number() as UInt8
        guard let source = AcknowledgmentSource(rawValue: try body.text()) else { throw fail(begin, .malformed) }
        var properties = LinkProperties(address: address, frequency: frequency, acknowledgment: source)
        // 0 where nothing bounds it: in recordings of earlier agents.
        properties.outstanding = outstanding == 0 ? .max : Int(outstanding)
        // Earlier agents left this out.
        if let capabilities = HTCapabilities(packed: try body.octets(min(body.left, HTCapabilities.packedLength))) {
            let rest = try body.octets(min(body.left, VHTCapabilities.length))
            properties.receives = RadioCapabilities(
                capabilities, veryHighThroughput: VHTCapabilities(elementBody: rest))
        }
        return .linkUp(link, properties)
    }

    private func readStation(_ body: inout FieldReader) throws(RecordingError) -> RecordedStation {
        let peer = MACAddress(rawValue: try body.number())
        let rate: UInt32 = try body.number()
        let expectedThroughput: UInt32 = try body.number()
        let frames: UInt32 = try body.number()
        let retries: UInt32 = try body.number()
        let failures: UInt32 = try body.number()
        var station = RecordedStation(link: try body.link(try body.number()), peer: peer)
        let modulation: UInt8 = try body.number()
        let streams: UInt8 = try body.number()
        (station.rate, station.expectedThroughput) = (rate, expectedThroughput)
        (station.frames, station.retries, station.failures) = (frames, retries, failures)
        station.modulation = modulation == RecordedStation.noModulation ? nil : modulation
        station.streams = streams == 0 ? nil : streams
        return station
    }

    private func readPayload(
        _ body: inout FieldReader, _ version: UInt8
    ) throws(RecordingError) -> (Payload, MACAddress, TrafficIdentifier) {
        let peer = MACAddress(rawValue: try body.number())
        let tid = try body.tid(UInt64(try body.number() as UInt32))
        let length = Int(try body.number() as UInt32)
        let kept = version > 1 ? Int(try body.number() as UInt32) : length
        guard Self.canBe(kept, keptOf: length) else { throw fail(body.position, .malformed) }
        return (try body.octets(kept) + [UInt8](repeating: 0, count: length - kept), peer, tid)
    }

    private func readCommand(_ body: inout FieldReader) throws(RecordingError) -> Command {
        let begin = body.position
        let number: UInt64 = try body.number()
        let links = LinkSet(rawValue: try body.number())
        let kind: UInt8 = try body.number()
        let tid: UInt8 = try body.number()
        switch RecordingFormat.CommandKind(rawValue: kind) {
        case .connect: return .connect(peer: MACAddress(rawValue: number), tid: try body.tid(UInt64(tid)))
        case .close: return .close(SessionIdentifier(rawValue: number))
        case .share: return .share(SessionIdentifier(rawValue: number), links)
        case .shutDown: return .shutDown
        case nil: throw fail(begin, .malformed)
        }
    }

    private func readEvent(_ body: inout FieldReader) throws(RecordingError) -> RecordedEvent {
        let present: UInt16 = try body.number()
        var event = RecordedEvent(kind: "")
        event.links = LinkSet(rawValue: try body.number())
        var numbers: [UInt64?] = []
        for bit in 0..<UInt16(7) {
            let number: UInt64 = try body.number()
            numbers.append(present >> bit & 1 == 1 ? number : nil)
        }
        event.peer = numbers[0].map(MACAddress.init)
        if let link = numbers[1] { event.link = try body.link(UInt8(truncatingIfNeeded: link)) }
        event.session = numbers[2].map(SessionIdentifier.init)
        if let tid = numbers[3] { event.tid = try body.tid(tid) }
        event.elapsed = numbers[4].map { Int64(bitPattern: $0) }
        event.frames = numbers[5].map { Int(truncatingIfNeeded: $0) }
        event.framesLost = numbers[6].map { Int(truncatingIfNeeded: $0) }
        event.kind = try body.text()
        let (cause, role) = (try body.text(), try body.text())
        event.cause = cause.isEmpty ? nil : cause
        event.role = role.isEmpty ? nil : role
        if present >> 7 & 1 == 1 { event.length = Int(try body.number() as UInt32) }
        if present >> 8 & 1 == 1 { event.confirmed = try body.number() }
        return event
    }
}

/// Takes fields one after the other, and never beyond the end.
private struct FieldReader {
    private let source: [UInt8]
    private(set) var position: Int
    private let end: Int
    private let begin: Int

    init(_ source: [UInt8], _ begin: Int, end: Int) {
        self.source = source
        self.begin = begin
        position = begin
        self.end = end
    }

    var left: Int { end - position }

    mutating func number<Number: FixedWidthInteger>() throws(RecordingError) -> Number {
        let count = MemoryLayout<Number>.size
        guard left >= count else { throw RecordingError(offset: position, reason: .malformed) }
        var value: Number = 0
        for index in 0..<count { value |= Number(truncatingIfNeeded: source[position + index]) << Number(8 * index) }
        position += count
        return value
    }

    mutating func octets(_ count: Int) throws(RecordingError) -> [UInt8] {
        guard count <= left else { throw RecordingError(offset: position, reason: .malformed) }
        position += count
        return Array(source[position - count..<position])
    }

    mutating func text() throws(RecordingError) -> String {
        let count = Int(try number() as UInt32)
        return String(decoding: try octets(count), as: UTF8.self)
    }

    mutating func align() { position = min(end, begin + (position - begin + 3) & ~3) }

    func link(_ number: UInt8) throws(RecordingError) -> LinkIdentifier {
        guard let link = LinkIdentifier(Int(number)) else { throw RecordingError(offset: position, reason: .malformed) }
        return link
    }

    func tid(_ number: UInt64) throws(RecordingError) -> TrafficIdentifier {
        guard let tid = TrafficIdentifier(Int(truncatingIfNeeded: number)) else {
            throw RecordingError(offset: position, reason: .malformed)
        }
        return tid
    }
}
