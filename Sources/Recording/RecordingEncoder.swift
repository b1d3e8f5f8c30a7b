import IEEE80211
import SessionCore

/// Turns what the core is handed and says into the octets of a recording: a pcapng file whose packets are the frames, and
/// whose other blocks are what else happened.
///
/// The octets gather here until whoever writes the file takes them; a frame costs a copy, and no memory of its own once the
/// buffer has grown.
public struct RecordingEncoder {
    /// What waits to be written.
    public private(set) var octets: [UInt8] = []
    private let clockOffset: Int64
    /// The interface of each link, by link ID; -1 for those that are none of the file's.
    private var interfaces = [Int](repeating: -1, count: 16)
    private var frequencies: [UInt16] = []

    /// Begins a file.
    public init(_ start: RecordingStart, interfaces: [RecordedInterface], program: String) {
        clockOffset = start.clockOffset
        octets.reserveCapacity(1 << 18)
        appendSectionHeader(program: program)
        for (index, interface) in interfaces.enumerated() {
            self.interfaces[Int(interface.link.rawValue)] = index
            frequencies.append(interface.frequency)
            append(interface)
        }
        let position = begin(.start, at: MonotonicInstant(nanoseconds: 0))
        octets.append(number: start.seed)
        octets.append(number: start.clockOffset)
        octets.append(number: start.part)
        octets.append(number: UInt32(start.isMidway ? 1 : 0))
        octets.append(text: start.configuration)
        octets.append(number: UInt32(interfaces.count))
        for interface in interfaces { octets.append(interface.link.rawValue) }
        end(position)
    }

    /// Forgets what was written, and keeps its memory.
    public mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

    // MARK: Inputs

    /// See `Engine.handle`. Frames and payloads have doors of their own here, too.
    public mutating func append(_ input: Input, at instant: MonotonicInstant) {
        switch input {
        case .frameReceived(let link, let mpdu, let signal):
            appendFrame(mpdu.span, on: link, signal: signal, at: instant)
        case .payload(let payload, let peer, let tid): appendPayload(payload.span, for: peer, tid: tid, at: instant)
        case .transmissionReported(let link, let number, let acknowledged):
            let position = begin(.transmissionReported, at: instant)
            octets.append(number: number.rawValue)
            octets.append(link.rawValue)
            octets.append(acknowledged ? 1 : 0)
            end(position)
        case .linkUp(let link, let properties):
            let interface = interfaces[Int(link.rawValue)]
            if frequencies.indices.contains(interface) { frequencies[interface] = properties.frequency }
            let position = begin(.linkUp, at: instant)
            octets.append(number: properties.address.rawValue)
            octets.append(number: properties.frequency)
            octets.append(link.rawValue)
            octets.append(0)
            octets.append(text: properties.acknowledgment.rawValue)
            end(position)
        case .linkDown(let link, let cause):
            let position = begin(.linkDown, at: instant)
            octets.append(number: UInt32(link.rawValue))
            octets.append(text: cause.rawValue)
            end(position)
        case .command(let command): append(command, at: instant)
        case .deadlineReached: end(begin(.deadlineReached, at: instant))
        }
    }

    private mutating func append(_ command: Command, at instant: MonotonicInstant) {
        let position = begin(.command, at: instant)
        let (kind, number, tid, links): (RecordingFormat.CommandKind, UInt64, UInt8, UInt16) =
            switch command {
            case .connect(let peer, let tid): (.connect, peer.rawValue, tid.rawValue, 0)
            case .close(let session): (.close, session.rawValue, 0, 0)
            case .share(let session, let links): (.share, session.rawValue, 0, links.rawValue)
            case .shutDown: (.shutDown, 0, 0, 0)
            }
        octets.append(number: number)
        octets.append(number: links)
        octets.append(kind.rawValue)
        octets.append(tid)
        end(position)
    }

    /// See `Engine.frameReceived`.
    public mutating func appendFrame(
        _ mpdu: Span<UInt8>, on link: LinkIdentifier, signal: Int8?, at instant: MonotonicInstant
    ) {
        appendPacket(mpdu, on: link, signal: signal, number: nil, at: instant)
    }

    /// See `Engine.accept`.
    public mutating func appendPayload(
        _ payload: Span<UInt8>, for peer: MACAddress, tid: TrafficIdentifier, at instant: MonotonicInstant
    ) {
        let position = begin(.payload, at: instant)
        append(payload, peer, tid)
        end(position)
    }

    // MARK: Outputs

    /// See `OutputSink.transmit`.
    public mutating func appendTransmission(
        _ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier, at instant: MonotonicInstant
    ) {
        appendPacket(mpdu, on: link, signal: nil, number: number, at: instant)
    }

    /// See `OutputSink.deliver`.
    public mutating func appendDelivery(
        _ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier, at instant: MonotonicInstant
    ) {
        let position = begin(.deliver, at: instant)
        append(payload, peer, tid)
        end(position)
    }

    /// See `OutputSink.tell`.
    public mutating func append(_ event: RecordedEvent, at instant: MonotonicInstant) {
        let position = begin(.event, at: instant)
        var present: UInt16 = 0
        let numbers: [UInt64?] = [
            event.peer?.rawValue, event.link.map { UInt64($0.rawValue) }, event.session?.rawValue,
            event.tid.map { UInt64($0.rawValue) }, event.elapsed.map { UInt64(bitPattern: $0) },
            event.frames.map { UInt64(bitPattern: Int64($0)) }, event.framesLost.map { UInt64(bitPattern: Int64($0)) },
        ]
        for (bit, number) in numbers.enumerated() where number != nil { present |= 1 << UInt16(bit) }
        octets.append(number: present)
        octets.append(number: event.links.rawValue)
        for number in numbers { octets.append(number: number ?? 0) }
        octets.append(text: event.kind)
        octets.append(text: event.cause ?? "")
        octets.append(text: event.role ?? "")
        end(position)
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

    /// The core had no more to say.
    public mutating func appendTurnEnd(at instant: MonotonicInstant) { end(begin(.turnEnd, at: instant)) }
}

// MARK: - Blocks

extension RecordingEncoder {
    private mutating func appendSectionHeader(program: String) {
        let position = octets.count
        octets.append(number: RecordingFormat.Block.sectionHeader)
        octets.append(number: UInt32(0))
        octets.append(number: UInt32(0x1a2b_3c4d))
        octets.append(number: UInt16(1))
        octets.append(number: UInt16(0))
        octets.append(number: UInt64.max)
        appendOption(4, Array(program.utf8))
        octets.append(number: UInt32(0))
        end(position)
    }

    private mutating func append(_ interface: RecordedInterface) {
        let position = octets.count
        octets.append(number: RecordingFormat.Block.interfaceDescription)
        octets.append(number: UInt32(0))
        octets.append(number: UInt16(127))
        octets.append(number: UInt16(0))
        octets.append(number: UInt32(0))
        appendOption(2, Array(interface.name.utf8))
        appendOption(3, Array("link \(interface.link), \(interface.frequency) MHz".utf8))
        if let address = interface.address { appendOption(6, (0..<6).map(address.octet)) }
        appendOption(9, [9])
        octets.append(number: UInt32(0))
        end(position)
    }

    private mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
        octets.append(number: code)
        octets.append(number: UInt16(truncatingIfNeeded: value.count))
        octets += value
        pad()
    }

    /// An enhanced packet block with a radiotap header; `number` makes it one that was sent.
    private mutating func appendPacket(
        _ mpdu: Span<UInt8>, on link: LinkIdentifier, signal: Int8?, number: TransmissionNumber?,
        at instant: MonotonicInstant
    ) {
        let interface = interfaces[Int(link.rawValue)]
        guard interface >= 0 else { return }
        let position = octets.count
        octets.append(number: RecordingFormat.Block.enhancedPacket)
        octets.append(number: UInt32(0))
        octets.append(number: UInt32(interface))
        let time = UInt64(bitPattern: instant.nanoseconds &+ clockOffset)
        octets.append(number: UInt32(truncatingIfNeeded: time >> 32))
        octets.append(number: UInt32(truncatingIfNeeded: time))
        // Radiotap: channel (bit 3), and the signal (bit 5) or the TX flags (bit 15).
        let header = number != nil ? 14 : signal != nil ? 13 : 12
        octets.append(number: UInt32(header + mpdu.count))
        octets.append(number: UInt32(header + mpdu.count))
        octets.append(number: UInt16(0))
        octets.append(number: UInt16(header))
        octets.append(number: UInt32(number != nil ? 0x8008 : signal != nil ? 0x28 : 8))
        let frequency = frequencies[interface]
        octets.append(number: frequency)
        octets.append(number: UInt16(frequency < 3000 ? 0x80 : 0x100))
        if number != nil {
            octets.append(number: UInt16(0))
        } else if let signal {
            octets.append(UInt8(bitPattern: signal))
        }
        mpdu.withUnsafeBytes { octets.append(contentsOf: $0) }
        pad()
        octets.append(number: UInt16(2))
        octets.append(number: UInt16(4))
        octets.append(
            number: (number == nil ? RecordingFormat.Direction.inbound : RecordingFormat.Direction.outbound).rawValue)
        if let number {
            octets.append(number: UInt16(5))
            octets.append(number: UInt16(8))
            octets.append(number: UInt64(number.rawValue))
        }
        octets.append(number: UInt32(0))
        end(position)
    }

    private mutating func append(_ payload: Span<UInt8>, _ peer: MACAddress, _ tid: TrafficIdentifier) {
        octets.append(number: peer.rawValue)
        octets.append(number: UInt32(tid.rawValue))
        octets.append(number: UInt32(payload.count))
        payload.withUnsafeBytes { octets.append(contentsOf: $0) }
    }

    /// Begins a block of this project's own; returns where.
    private mutating func begin(_ kind: RecordingFormat.Kind, at instant: MonotonicInstant) -> Int {
        let position = octets.count
        octets.append(number: RecordingFormat.blockType)
        octets.append(number: UInt32(0))
        octets.append(contentsOf: RecordingFormat.magic)
        octets.append(kind.rawValue)
        octets.append(RecordingFormat.version)
        octets.append(number: UInt16(0))
        octets.append(number: instant.nanoseconds)
        return position
    }

    /// Fills up the block that began at `position`, and writes its length at both its ends.
    private mutating func end(_ position: Int) {
        pad()
        let length = UInt32(octets.count - position + 4)
        octets.append(number: length)
        for index in 0..<4 { octets[position + 4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    }

    private mutating func pad() { while octets.count & 3 != 0 { octets.append(0) } }
}

extension [UInt8] {
    /// Appends a number, least significant octet first.
    fileprivate mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a text with its length before it.
    fileprivate mutating func append(text: String) {
        append(number: UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
