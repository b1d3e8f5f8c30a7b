/// The octets of what a capture file is made of, in little-endian order.
enum CaptureFormat {
    /// The head of a pcap file with nanoseconds.
    static func pcapHeader(_ linkType: LinkType) -> [UInt8] {
        number(UInt32(0xa1b2_3c4d)) + number(UInt16(2)) + number(UInt16(4)) + number(UInt64(0))
            + number(UInt32(PcapReader.maximumLength)) + number(UInt32(linkType.rawValue))
    }

    /// A pcap record.
    static func pcapRecord(_ octets: [UInt8], originalLength: Int, timestamp: UInt64) -> [UInt8] {
        number(UInt32(truncatingIfNeeded: timestamp / 1_000_000_000)) + number(UInt32(timestamp % 1_000_000_000))
            + number(UInt32(octets.count)) + number(UInt32(originalLength)) + octets
    }

    /// A pcapng section header, of a section whose length is not told.
    static func sectionHeader() -> [UInt8] {
        block(0x0a0d_0d0a, number(UInt32(0x1a2b_3c4d)) + number(UInt16(1)) + number(UInt16(0)) + number(UInt64.max))
    }

    /// A pcapng interface description with the options `if_name` and `if_tsresol` (nanoseconds).
    static func interfaceDescription(_ interface: CaptureWriter.Interface) -> [UInt8] {
        let name = Array(interface.name.utf8.prefix(Int(UInt16.max)))
        return block(
            1,
            number(interface.linkType.rawValue) + number(UInt16(0)) + number(UInt32(0)) + option(2, name)
                + option(9, [9]) + option(0, []))
    }

    /// A pcapng enhanced packet block.
    static func enhancedPacket(
        _ octets: [UInt8], originalLength: Int, timestamp: UInt64, interface: UInt32
    ) -> [UInt8] {
        let head = number(interface) + number(UInt32(timestamp >> 32)) + number(UInt32(truncatingIfNeeded: timestamp))
        return block(6, head + number(UInt32(octets.count)) + number(UInt32(originalLength)) + padded(octets))
    }

    /// A pcapng block: its type, its length, its content, its length.
    private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = number(UInt32(body.count + 12))
        return number(type) + length + body + length
    }

    /// A pcapng option.
    private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        number(code) + number(UInt16(value.count)) + padded(value)
    }

    /// Octets filled up to a multiple of four.
    private static func padded(_ octets: [UInt8]) -> [UInt8] {
        octets + Array(repeating: 0, count: (4 - octets.count % 4) % 4)
    }

    /// A number, least significant octet first.
    private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
