/// Reads the packets of a pcapng file (draft-ietf-opsawg-pcapng): sections, each with a byte order and interfaces of its
/// own, made of blocks. Blocks that carry no packet are skipped.
struct PcapngReader {
    private var order: ByteOrder
    /// The interfaces that the section has described.
    private var interfaces: [Interface] = []
    /// Interfaces that the sections before have described.
    private var earlierInterfaces = 0

    private struct Interface {
        let linkType: LinkType
        /// Octets of a packet that were kept; 0 for all.
        let snapLength: Int
        let clock: PcapngClock
        /// Octets of frame check sequence at the end of its packets, where it says so.
        let fcsLength: Int?
    }

    /// The type of the section header block, the same in both byte orders.
    static let magic: [UInt8] = [0x0a, 0x0d, 0x0d, 0x0a]
    /// The longest block that is taken for real.
    static let maximumBlockLength = 1 << 24
    /// The most interfaces that are held over all sections.
    static let maximumInterfaces = 65_536

    private enum OptionCode {
        /// `if_fcslen`
        static let interfaceFCSLength: UInt16 = 13
        /// `epb_flags`, whose bits 5 to 8 are the length of the FCS, if it is known.
        static let packetFlags: UInt16 = 2
    }

    private enum BlockType {
        static let sectionHeader: UInt32 = 0x0a0d_0d0a
        static let interfaceDescription: UInt32 = 1
        static let packet: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let enhancedPacket: UInt32 = 6
    }

    /// Reads the first section header, whose type has been taken already.
    init(_ input: inout OctetInput) throws(CaptureError) {
        order = .little
        try beginSection(&input)
    }

    /// The next packet; `nil` at the end of the file.
    mutating func next(_ input: inout OctetInput) throws(CaptureError) -> CaptureRecord? {
        while try !input.isAtEnd() {
            let start = input.offset
            let type: UInt32 = order.number(try input.take(4), at: 0)
            if type == BlockType.sectionHeader {
                try beginSection(&input)
                continue
            }
            let length = try checkedLength(order.number(try input.take(4), at: 0), atLeast: 12, at: start + 4)
            switch type {
            case BlockType.interfaceDescription:
                try describeInterface(try takeBody(&input, of: length, atLeast: 8), at: start)
            case BlockType.packet, BlockType.enhancedPacket:
                let body = try takeBody(&input, of: length, atLeast: 20)
                return try packet(body, isEnhanced: type == BlockType.enhancedPacket, at: start)
            case BlockType.simplePacket:
                return try simplePacket(try takeBody(&input, of: length, atLeast: 4), at: start)
            default:
                try input.skip(length - 12)
                try checkTrailer(&input, length)
            }
        }
        return nil
    }
}

// MARK: - Blocks

extension PcapngReader {
    /// Reads a section header after its type, and forgets the section before.
    private mutating func beginSection(_ input: inout OctetInput) throws(CaptureError) {
        let start = input.offset - 4
        let head = try input.take(8)
        switch Array(head[4...]) {
        case [0x4d, 0x3c, 0x2b, 0x1a]: order = .little
        case [0x1a, 0x2b, 0x3c, 0x4d]: order = .big
        default: throw CaptureError(offset: start + 8, reason: .unknownFormat)
        }
        let length = try checkedLength(order.number(head, at: 0), atLeast: 28, at: start + 4)
        let version = try input.take(4)
        let major: UInt16 = order.number(version, at: 0)
        guard major == 1 else {
            let minor: UInt16 = order.number(version, at: 2)
            throw CaptureError(offset: start + 12, reason: .unsupportedVersion(major: major, minor: minor))
        }
        try input.skip(length - 20)
        try checkTrailer(&input, length)
        earlierInterfaces += interfaces.count
        interfaces = []
    }

    /// A block's length field, if it can be.
    private func checkedLength(_ field: UInt32, atLeast minimum: Int, at offset: Int) throws(CaptureError) -> Int {
        let length = Int(field)
        guard length >= minimum, length <= Self.maximumBlockLength, length.isMultiple(of: 4) else {
            throw CaptureError(offset: offset, reason: .impossibleLength(length))
        }
        return length
    }

    /// Takes what stands between a block's two length fields, and the second one.
    private func takeBody(
        _ input: inout OctetInput, of length: Int, atLeast minimum: Int
    ) throws(CaptureError) -> [UInt8] {
        guard length >= minimum + 12 else {
            throw CaptureError(offset: input.offset - 4, reason: .impossibleLength(length))
        }
        let body = try input.take(length - 12)
        try checkTrailer(&input, length)
        return body
    }

    /// Takes the length field at the end of a block, which repeats the first one.
    private func checkTrailer(_ input: inout OctetInput, _ length: Int) throws(CaptureError) {
        let offset = input.offset
        let trailer = Int(order.number(try input.take(4), at: 0, as: UInt32.self))
        guard trailer == length else { throw CaptureError(offset: offset, reason: .impossibleLength(trailer)) }
    }

    /// Takes an interface description to heart.
    private mutating func describeInterface(_ body: [UInt8], at start: Int) throws(CaptureError) {
        guard earlierInterfaces + interfaces.count < Self.maximumInterfaces else {
            throw CaptureError(offset: start, reason: .tooManyInterfaces)
        }
        let options = PcapngOptions(octets: body, start: 8, order: order)
        interfaces.append(
            Interface(
                linkType: LinkType(rawValue: order.number(body, at: 0)),
                snapLength: Int(order.number(body, at: 4, as: UInt32.self)), clock: PcapngClock(options: options),
                fcsLength: options.place(of: OptionCode.interfaceFCSLength, length: 1).map { Int(body[$0]) }))
    }

    /// The record of an enhanced packet block, or of the packet block that came before it.
    private func packet(_ body: [UInt8], isEnhanced: Bool, at start: Int) throws(CaptureError) -> CaptureRecord {
        let index =
            isEnhanced
            ? Int(order.number(body, at: 0, as: UInt32.self)) : Int(order.number(body, at: 0, as: UInt16.self))
        guard index < interfaces.count else {
            throw CaptureError(offset: start + 8, reason: .unknownInterface(index))
        }
        let length = Int(order.number(body, at: 12, as: UInt32.self))
        guard length <= body.count - 20 else {
            throw CaptureError(offset: start + 20, reason: .impossibleLength(length))
        }
        let high = UInt64(order.number(body, at: 4, as: UInt32.self))
        let low = UInt64(order.number(body, at: 8, as: UInt32.self))
        let options = PcapngOptions(octets: body, start: 20 + (length + 3) / 4 * 4, order: order)
        let flags = options.place(of: OptionCode.packetFlags, length: 4).map {
            order.number(body, at: $0, as: UInt32.self)
        }
        let ownFCSLength = flags.map { Int($0 >> 5 & 15) }.flatMap { $0 > 0 ? $0 : nil }
        return CaptureRecord(
            interface: earlierInterfaces + index, linkType: interfaces[index].linkType,
            fcsLength: ownFCSLength ?? interfaces[index].fcsLength,
            timestamp: interfaces[index].clock.nanoseconds(high << 32 | low),
            originalLength: Int(order.number(body, at: 16, as: UInt32.self)), octets: Array(body[20..<20 + length]))
    }

    /// The record of a simple packet block: interface 0, no time, and as many octets as the interface keeps.
    private func simplePacket(_ body: [UInt8], at start: Int) throws(CaptureError) -> CaptureRecord {
        guard let interface = interfaces.first else {
            throw CaptureError(offset: start, reason: .unknownInterface(0))
        }
        let original = Int(order.number(body, at: 0, as: UInt32.self))
        let length = interface.snapLength == 0 ? original : min(original, interface.snapLength)
        guard length <= body.count - 4 else {
            throw CaptureError(offset: start + 8, reason: .impossibleLength(length))
        }
        return CaptureRecord(
            interface: earlierInterfaces, linkType: interface.linkType, fcsLength: interface.fcsLength, timestamp: nil,
            originalLength: original,
            octets: Array(body[4..<4 + length]))
    }
}
