import IEEE80211
import SessionCore

/// Turns what the core is handed and says into the octets of a recording: a pcapng file whose packets are the frames, and
/// whose other blocks are what else happened.
///
/// The octets gather here until whoever writes the file takes them; a frame costs a copy of its start, and no memory of its own
/// once the buffer has grown.
public struct RecordingEncoder {
    private var buffer: BlockBuffer
    private let clockOffset: Int64
    /// Octets of a payload that are kept.
    private let keptOctets: Int
    /// Octets of a frame with a payload that are kept.
    private let frameOctets: Int
    /// The interface of each link, by link ID; -1 for those that are none of the file's.
    private var interfaces = [Int](repeating: -1, count: 16)
    private var frequencies: [UInt16] = []
    /// Whether anything was written since the last end of a turn.
    private var turnIsOpen = false

    /// Begins a file.
    ///
    /// - Parameter keepsWholeFrames: whether of frames with payloads is kept more than `start` says.
    public init(
        _ start: RecordingStart, interfaces: [RecordedInterface], program: String, keepsWholeFrames: Bool = false
    ) {
        clockOffset = start.clockOffset
        keptOctets = start.keptOctets ?? .max
        frameOctets = keepsWholeFrames ? .max : start.keptOctets.map { $0 + RecordingFormat.frameRoom } ?? .max
        buffer = BlockBuffer(capacity: 1 << 17)
        appendSectionHeader(program: program)
        for (index, interface) in interfaces.enumerated() {
            self.interfaces[Int(interface.link.rawValue)] = index
            frequencies.append(interface.frequency)
            append(interface)
        }
        var body: [UInt8] = []
        body.append(number: start.seed)
        body.append(number: start.clockOffset)
        body.append(number: start.part)
        body.append(number: UInt32((start.isMidway ? 1 : 0) | (start.isProtected ? 2 : 0)))
        body.append(number: UInt32(clamping: start.keptOctets ?? .max))
        body.append(text: start.configuration)
        body.append(number: UInt32(interfaces.count))
        for interface in interfaces { body.append(interface.link.rawValue) }
        appendOwn(.start, body, at: MonotonicInstant(nanoseconds: 0))
        turnIsOpen = false
    }

    /// How many octets wait to be written.
    public var count: Int { buffer.count }

    /// Lends the octets that wait to be written.
    public func withOctets<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result { try buffer.withOctets(body) }

    /// What waits to be written, as a copy.
    public var octets: [UInt8] { buffer.withOctets { $0.withUnsafeBytes { [UInt8]($0) } } }

    /// Forgets what was written, and keeps its memory.
    public mutating func removeAll() { buffer.removeAll() }

    /// How many of some octets are kept where so many are to be.
    private func kept(of count: Int, _ limit: Int) -> Int {
        count + RecordingFormat.longestRadiotap < RecordingFormat.longestCut ? min(count, limit) : count
    }

    // MARK: Inputs

    /// See `Engine.handle`. Frames and payloads have doors of their own here, too.
    public mutating func append(_ input: Input, at instant: MonotonicInstant) {
        var body: [UInt8] = []
        switch input {
        case .frameReceived(let link, let mpdu, let signal):
            appendFrame(mpdu.span, on: link, signal: signal, carriesPayload: false, at: instant)
        case .payload(let payload, let peer, let tid): appendPayload(payload.span, for: peer, tid: tid, at: instant)
        case .transmissionReported(let link, let number, let acknowledged):
            appendOwn(.transmissionReported, length: 6, at: instant) { cursor in
                cursor.put(number.rawValue)
                cursor.put(link.rawValue)
                cursor.put(UInt8(acknowledged ? 1 : 0))
            }
        case .linkUp(let link, let properties):
            let interface = interfaces[Int(link.rawValue)]
            if frequencies.indices.contains(interface) { frequencies[interface] = properties.frequency }
            body.append(number: properties.address.rawValue)
            body.append(number: properties.frequency)
            body.append(link.rawValue)
            body.append(UInt8(exactly: properties.outstanding) ?? 0)
            body.append(text: properties.acknowledgment.rawValue)
            if let receives = properties.receives {
                body += receives.highThroughput.packed + (receives.veryHighThroughput?.elementBody ?? [])
            }
            appendOwn(.linkUp, body, at: instant)
        case .linkDown(let link, let cause):
            body.append(number: UInt32(link.rawValue))
            body.append(text: cause.rawValue)
            appendOwn(.linkDown, body, at: instant)
        case .command(let command): append(command, at: instant)
        case .deadlineReached: appendOwn(.deadlineReached, length: 0, at: instant) { _ in }
        }
    }

    private mutating func append(_ command: Command, at instant: MonotonicInstant) {
        let (kind, number, tid, links): (RecordingFormat.CommandKind, UInt64, UInt8, UInt16) =
            switch command {
            case .connect(let peer, let tid): (.connect, peer.rawValue, tid.rawValue, 0)
            case .close(let session): (.close, session.rawValue, 0, 0)
            case .share(let session, let links): (.share, session.rawValue, 0, links.rawValue)
            case .shutDown: (.shutDown, 0, 0, 0)
            }
        appendOwn(.command, length: 12, at: instant) { cursor in
            cursor.put(number)
            cursor.put(links)
            cursor.put(kind.rawValue)
            cursor.put(tid)
        }
    }

    /// See `Engine.frameReceived`.
    ///
    /// - Parameter carriesPayload: whether the core found an intact payload in it: what else matters is kept of all frames.
    public mutating func appendFrame(
        _ mpdu: Span<UInt8>, on link: LinkIdentifier, signal: Int8?, carriesPayload: Bool, at instant: MonotonicInstant
    ) {
        let kept = kept(of: mpdu.count, carriesPayload ? frameOctets : .max)
        appendPacket(mpdu, kept: kept, on: link, signal: signal, number: nil, at: instant)
    }

    /// See `Engine.accept`.
    public mutating func appendPayload(
        _ payload: Span<UInt8>, for peer: MACAddress, tid: TrafficIdentifier, at instant: MonotonicInstant
    ) {
        append(payload, peer, tid, as: .payload, at: instant)
    }

    // MARK: Outputs

    /// See `OutputSink.transmit`.
    public mutating func appendTransmission(
        _ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier, at instant: MonotonicInstant
    ) {
        // The core sends no other QoS Data frames than those with payloads.
        let carriesPayload = mpdu.count > 0 && mpdu[0] == RecordingFormat.qosData
        let kept = kept(of: mpdu.count, carriesPayload ? frameOctets : .max)
        appendPacket(mpdu, kept: kept, on: link, signal: nil, number: number, at: instant)
    }

    /// See `OutputSink.deliver`.
    public mutating func appendDelivery(
        _ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier, at instant: MonotonicInstant
    ) {
        append(payload, peer, tid, as: .deliver, at: instant)
    }

    /// See `OutputSink.tell`.
    public mutating func append(_ event: RecordedEvent, at instant: MonotonicInstant) {
        var body: [UInt8] = []
        var present: UInt16 = 0
        let numbers: [UInt64?] = [
            event.peer?.rawValue, event.link.map { UInt64($0.rawValue) }, event.session?.rawValue,
            event.tid.map { UInt64($0.rawValue) }, event.elapsed.map { UInt64(bitPattern: $0) },
            event.frames.map { UInt64(bitPattern: Int64($0)) }, event.framesLost.map { UInt64(bitPattern: Int64($0)) },
        ]
        for (bit, number) in numbers.enumerated() where number != nil { present |= 1 << UInt16(bit) }
        if event.length != nil { present |= 1 << UInt16(numbers.count) }
        if event.confirmed != nil { present |= 1 << UInt16(numbers.count + 1) }
        body.append(number: present)
        body.append(number: event.links.rawValue)
        for number in numbers { body.append(number: number ?? 0) }
        body.append(text: event.kind)
        body.append(text: event.cause ?? "")
        body.append(text: event.role ?? "")
        // Not in older recordings, and older readers look no further.
        if let length = event.length { body.append(number: UInt32(clamping: length)) }
        if let confirmed = event.confirmed { body.append(number: confirmed) }
        appendOwn(.event, body, at: instant)
    }

    /// Whatever the core said, in words of the recording.
    public mutating func append(_ output: RecordedOutput, at instant: MonotonicInstant) {
        switch output {
        case .transmit(let link, let number, let mpdu):
            appendTransmission(mpdu.span, number: number, on: link, at: instant)
        case .deliver(let payload, let peer, let tid):
            appendDelivery(payload.span, from: peer, tid: tid, at: instant)
        case .event(let event): append(event, at: instant)
        }
    }

    /// The core had no more to say. It is not written when nothing was before it.
    public mutating func appendTurnEnd(at instant: MonotonicInstant) {
        guard turnIsOpen else { return }
        appendOwn(.turnEnd, length: 0, at: instant) { _ in }
        turnIsOpen = false
    }
}

// MARK: - Blocks

extension RecordingEncoder {
    private mutating func appendSectionHeader(program: String) {
        var body: [UInt8] = []
        body.append(number: UInt32(0x1a2b_3c4d))
        body.append(number: UInt16(1))
        body.append(number: UInt16(0))
        body.append(number: UInt64.max)
        Self.append(option: 4, Array(program.utf8), to: &body)
        body.append(number: UInt32(0))
        append(RecordingFormat.Block.sectionHeader, body)
    }

    private mutating func append(_ interface: RecordedInterface) {
        var body: [UInt8] = []
        body.append(number: UInt16(127))
        body.append(number: UInt16(0))
        body.append(number: UInt32(0))
        Self.append(option: 2, Array(interface.name.utf8), to: &body)
        Self.append(option: 3, Array("link \(interface.link), \(interface.frequency) MHz".utf8), to: &body)
        if let address = interface.address { Self.append(option: 6, (0..<6).map(address.octet), to: &body) }
        Self.append(option: 9, [9], to: &body)
        body.append(number: UInt32(0))
        append(RecordingFormat.Block.interfaceDescription, body)
    }

    private static func append(option code: UInt16, _ value: [UInt8], to body: inout [UInt8]) {
        body.append(number: code)
        body.append(number: UInt16(truncatingIfNeeded: value.count))
        body += value
        while body.count & 3 != 0 { body.append(0) }
    }

    private mutating func append(_ type: UInt32, _ body: [UInt8]) {
        buffer.append(type, length: body.count) { $0.put(body.span) }
    }

    /// An enhanced packet block with a radiotap header; `number` makes it one that was sent.
    private mutating func appendPacket(
        _ mpdu: Span<UInt8>, kept: Int, on link: LinkIdentifier, signal: Int8?, number: TransmissionNumber?,
        at instant: MonotonicInstant
    ) {
        let interface = interfaces[Int(link.rawValue)]
        guard interface >= 0 else { return }
        turnIsOpen = true
        let time = UInt64(bitPattern: instant.nanoseconds &+ clockOffset)
        let frequency = frequencies[interface]
        // Radiotap: channel (bit 3), and the signal (bit 5) or the TX flags (bit 15).
        let header = number != nil ? 14 : signal != nil ? 13 : 12
        // The flags, and the number of the transmission.
        let options = 8 + (number != nil ? 12 : 0) + 4
        let length = 20 + (header + kept + 3) & ~3 + options
        buffer.append(RecordingFormat.Block.enhancedPacket, length: length) { cursor in
            cursor.put(UInt32(interface))
            cursor.put(UInt32(truncatingIfNeeded: time >> 32))
            cursor.put(UInt32(truncatingIfNeeded: time))
            cursor.put(UInt32(header + kept))
            cursor.put(UInt32(header + mpdu.count))
            cursor.put(UInt16(0))
            cursor.put(UInt16(header))
            cursor.put(UInt32(number != nil ? 0x8008 : signal != nil ? 0x28 : 8))
            cursor.put(frequency)
            cursor.put(UInt16(frequency < 3000 ? 0x80 : 0x100))
            if number != nil {
                cursor.put(UInt16(0))
            } else if let signal {
                cursor.put(signal)
            }
            cursor.put(mpdu.extracting(0..<kept))
            cursor.align()
            cursor.put(UInt16(2))
            cursor.put(UInt16(4))
            let direction: RecordingFormat.Direction = number == nil ? .inbound : .outbound
            cursor.put(direction.rawValue)
            if let number {
                cursor.put(UInt16(5))
                cursor.put(UInt16(8))
                cursor.put(UInt64(number.rawValue))
            }
            cursor.put(UInt32(0))
        }
    }

    private mutating func append(
        _ payload: Span<UInt8>, _ peer: MACAddress, _ tid: TrafficIdentifier, as kind: RecordingFormat.Kind,
        at instant: MonotonicInstant
    ) {
        let kept = kept(of: payload.count, keptOctets)
        appendOwn(kind, length: 20 + kept, at: instant) { cursor in
            cursor.put(peer.rawValue)
            cursor.put(UInt32(tid.rawValue))
            cursor.put(UInt32(payload.count))
            cursor.put(UInt32(kept))
            cursor.put(payload.extracting(0..<kept))
        }
    }

    private mutating func appendOwn(_ kind: RecordingFormat.Kind, _ body: [UInt8], at instant: MonotonicInstant) {
        appendOwn(kind, length: body.count, at: instant) { $0.put(body.span) }
    }

    /// A block of this project's own, about a turn of the core.
    private mutating func appendOwn(
        _ kind: RecordingFormat.Kind, length: Int, at instant: MonotonicInstant, _ write: (inout BlockCursor) -> Void
    ) {
        turnIsOpen = true
        appendAside(kind, length: length, at: instant, write)
    }

    /// A block of this project's own that belongs to no turn.
    mutating func appendAside(
        _ kind: RecordingFormat.Kind, length: Int, at instant: MonotonicInstant, _ write: (inout BlockCursor) -> Void
    ) {
        buffer.append(RecordingFormat.blockType, length: 16 + length) { cursor in
            cursor.put(RecordingFormat.magicNumber)
            cursor.put(kind.rawValue)
            cursor.put(RecordingFormat.version)
            cursor.put(UInt16(0))
            cursor.put(instant.nanoseconds)
            write(&cursor)
        }
    }
}
