/// Reads the records of a pcap file (draft-ietf-opsawg-pcap), with micro- or nanoseconds; also the form of Kuznetzov's libpcap,
/// whose records have eight octets more in front (interface, protocol, kind of packet), which are left out.
struct PcapReader {
    private let order: ByteOrder
    /// Nanoseconds in a unit of the second timestamp word.
    private let unit: UInt64
    private let linkType: LinkType
    private let fcsLength: Int?
    /// Octets of a record's head.
    private let headLength: Int

    /// The longest packet that is taken for real; capture programs keep to it too.
    static let maximumLength = 262_144

    /// Reads the rest of the file header; `nil` when the magic number is not that of a pcap file.
    init?(magic: [UInt8], _ input: inout OctetInput) throws(CaptureError) {
        switch magic {
        case [0xd4, 0xc3, 0xb2, 0xa1]: (order, unit, headLength) = (.little, 1000, 16)
        case [0xa1, 0xb2, 0xc3, 0xd4]: (order, unit, headLength) = (.big, 1000, 16)
        case [0x4d, 0x3c, 0xb2, 0xa1]: (order, unit, headLength) = (.little, 1, 16)
        case [0xa1, 0xb2, 0x3c, 0x4d]: (order, unit, headLength) = (.big, 1, 16)
        case [0x34, 0xcd, 0xb2, 0xa1]: (order, unit, headLength) = (.little, 1000, 24)
        case [0xa1, 0xb2, 0xcd, 0x34]: (order, unit, headLength) = (.big, 1000, 24)
        default: return nil
        }
        let header = try input.take(20)
        let major: UInt16 = order.number(header, at: 0)
        let minor: UInt16 = order.number(header, at: 2)
        guard major == 2 else {
            throw CaptureError(offset: 4, reason: .unsupportedVersion(major: major, minor: minor))
        }
        // The upper half of the link type word says how long the FCS is: bit 26 that it does, bits 28 to 31 in units of
        // two octets.
        let word: UInt32 = order.number(header, at: 16)
        linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: word))
        fcsLength = word & 0x0400_0000 == 0 ? nil : Int(word >> 28) * 2
    }

    /// The next record; `nil` at the end of the file.
    func next(_ input: inout OctetInput) throws(CaptureError) -> CaptureRecord? {
        guard try !input.isAtEnd() else { return nil }
        let start = input.offset
        let header = try input.take(headLength)
        let length = Int(order.number(header, at: 8, as: UInt32.self))
        guard length <= Self.maximumLength else {
            throw CaptureError(offset: start + 8, reason: .impossibleLength(length))
        }
        let seconds = UInt64(order.number(header, at: 0, as: UInt32.self))
        let fraction = UInt64(order.number(header, at: 4, as: UInt32.self))
        return CaptureRecord(
            linkType: linkType, fcsLength: fcsLength, timestamp: seconds * 1_000_000_000 + fraction * unit,
            originalLength: Int(order.number(header, at: 12, as: UInt32.self)), octets: try input.take(length))
    }
}
