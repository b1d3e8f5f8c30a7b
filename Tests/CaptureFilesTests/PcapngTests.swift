import CaptureFiles
import Testing

/// Section header and one radiotap interface, in both byte orders.
private let littleSection = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
private let bigSection = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
private let littleInterface = "01000000 14000000 7f00 0000 00000000 14000000"
private let bigInterface = "00000001 00000014 007f 0000 00000000 00000014"
/// One packet of five octets, kept of 300, at 1,700,000,000.123456 s.
private let littlePacket =
    "06000000 28000000 00000000 240a0600 40222018 05000000 2c010000 0102030405000000 28000000"
private let bigPacket = "00000006 00000028 00000000 00060a24 18202240 00000005 0000012c 0102030405000000 00000028"

@Suite struct PcapngTests {
    private static func expected(
        interface: Int = 0, linkType: LinkType = .radiotap, timestamp: UInt64? = 1_700_000_000_123_456_000
    ) -> CaptureRecord {
        CaptureRecord(
            interface: interface, linkType: linkType, timestamp: timestamp, originalLength: 300,
            octets: [1, 2, 3, 4, 5])
    }

    @Test(arguments: [
        ("little-endian", littleSection + littleInterface + littlePacket),
        ("big-endian", bigSection + bigInterface + bigPacket),
        (
            "unknown blocks and options around it",
            littleSection + "0500adde 10000000 12345678 10000000" + littleInterface
                + "bb0b0000 0c000000 0c000000" + littlePacket + "04000000 10000000 00000000 10000000"
        ),
        (
            "an option on the packet",
            littleSection + littleInterface
                + """
                06000000 34000000 00000000 240a0600 40222018 05000000 2c010000 0102030405000000
                0200 0400 00000000 00000000 34000000
                """
        ),
    ])
    func aPacketIsFound(name: String, hex: String) {
        let (records, error) = readAll(hex)
        #expect(error == nil)
        #expect(records == [Self.expected()])
    }

    @Test func interfacesAreCountedOverSectionsOfEitherOrder() {
        let bare = "01000000 14000000 6900 0000 00000000 14000000"
        let second = littlePacket.replacing("28000000 00000000", with: "28000000 01000000")
        let (records, error) = readAll(
            littleSection + littleInterface + bare + second + littlePacket + bigSection + bigInterface + bigPacket)
        #expect(error == nil)
        #expect(
            records == [
                Self.expected(interface: 1, linkType: .ieee80211), Self.expected(), Self.expected(interface: 2),
            ])
    }

    /// The interface's `if_fcslen` (none where empty), the FCS bits of the packet's `epb_flags`, and what holds.
    @Test(arguments: [("", "00000000", nil), ("04", "00000000", 4), ("00", "00000000", 0), ("04", "40000000", 2)])
    func theLengthOfTheFCSIsHeeded(interface: String, flags: String, length: Int?) {
        let described = "01000000 20000000 7f00 0000 00000000 0d00 0100 \(interface) 000000 0000 0000 20000000"
        let packet = """
            06000000 34000000 00000000 240a0600 40222018 05000000 2c010000 0102030405000000
            0200 0400 \(flags) 00000000 34000000
            """
        let (records, error) = readAll(littleSection + (interface.isEmpty ? littleInterface : described) + packet)
        #expect(error == nil)
        #expect(records.map(\.fcsLength) == [length])
    }

    @Test func theObsoletePacketBlockIsRead() {
        let (records, error) = readAll(
            littleSection + littleInterface
                + "02000000 28000000 0000 0700 240a0600 40222018 05000000 2c010000 0102030405000000 28000000")
        #expect(error == nil)
        #expect(records == [Self.expected()])
    }

    @Test(arguments: [
        ("cut by the snap length", "05000000", "03000000 18000000 2c010000 0102030405000000 18000000", 300, 5),
        ("not cut", "00000000", "03000000 18000000 06000000 0102030405060000 18000000", 6, 6),
    ])
    func aSimplePacketHasNoTime(name: String, snapLength: String, block: String, original: Int, kept: Int) {
        let interface = "01000000 14000000 7f00 0000" + snapLength + "14000000"
        let (records, error) = readAll(littleSection + interface + block)
        #expect(error == nil)
        #expect(records.map(\.originalLength) == [original])
        #expect(records.map(\.octets) == [Array([1, 2, 3, 4, 5, 6].prefix(kept))])
        #expect(records.first?.timestamp == nil && records.count == 1)
    }

    /// if_tsresol and if_tsoffset; the timestamp's number is 0x00060a24_18202240.
    @Test(arguments: [
        ("microseconds", "0900 0100 06000000", 1_700_000_000_123_456_000),
        ("nanoseconds", "0900 0100 09000000", 1_700_000_000_123_456),
        ("picoseconds", "0900 0100 0c000000", 1_700_000_000_123),
        ("powers of two", "0900 0100 94000000", 1_621_246_338_008_361_816),
        ("a second more", "0e00 0800 0100000000000000", 1_700_000_001_123_456_000),
        ("an hour less", "0e00 0800 f0f1ffffffffffff 0900 0100 06000000", 1_699_996_400_123_456_000),
        ("another option first", "0200 0300 61626300 0900 0100 09000000", 1_700_000_000_123_456),
        ("before 1970", "0e00 0800 0000000000000080", nil),
        ("seconds: beyond what is held", "0900 0100 00000000", nil),
        ("a unit that can't be held", "0900 0100 7f000000", nil),
        ("an option that is cut short", "0900 ff00 09000000", 1_700_000_000_123_456_000),
    ])
    func timestampsAreCountedAsTheInterfaceSays(name: String, options: String, expected: UInt64?) {
        let length = String(octets(options).count + 20, radix: 16) + "000000"
        let (records, error) = readAll(
            littleSection + "01000000" + length + "7f00 0000 00000000" + options + length + littlePacket)
        #expect(error == nil)
        #expect(records.first?.timestamp == expected)
        #expect(records.count == 1)
    }

    private static let head = littleSection + littleInterface + littlePacket

    @Test(arguments: [
        ("block cut after its type", "06000000", CaptureError(offset: 92, reason: .truncated(needed: 4, available: 0))),
        (
            "cut within a packet", "06000000 28000000 00000000",
            CaptureError(offset: 96, reason: .truncated(needed: 28, available: 4))
        ),
        (
            "unknown block cut", "99000000 28000000 00",
            CaptureError(offset: 96, reason: .truncated(needed: 28, available: 1))
        ),
        ("a block too short", "99000000 08000000", CaptureError(offset: 92, reason: .impossibleLength(8))),
        ("not a multiple of four", "99000000 0e000000", CaptureError(offset: 92, reason: .impossibleLength(14))),
        ("absurdly long", "99000000 04000001", CaptureError(offset: 92, reason: .impossibleLength(0x0100_0004))),
        ("longer than any file", "06000000 fcffffff", CaptureError(offset: 92, reason: .impossibleLength(0xffff_fffc))),
        ("a packet block without room", "06000000 1c000000", CaptureError(offset: 92, reason: .impossibleLength(28))),
        (
            "lengths that differ", "99000000 10000000 00000000 14000000",
            CaptureError(offset: 100, reason: .impossibleLength(20))
        ),
        (
            "packet longer than its block",
            "06000000 20000000 00000000 00000000 00000000 01000000 01000000 20000000",
            CaptureError(offset: 108, reason: .impossibleLength(1))
        ),
        (
            "an interface not described",
            "06000000 20000000 01000000 00000000 00000000 00000000 00000000 20000000",
            CaptureError(offset: 96, reason: .unknownInterface(1))
        ),
        (
            "simple packet cut", "03000000 10000000 01000000 10000000",
            CaptureError(offset: 96, reason: .impossibleLength(1))
        ),
        ("no byte order", "0a0d0d0a 1c000000 00000000", CaptureError(offset: 96, reason: .unknownFormat)),
        (
            "version 2", "0a0d0d0a 1c000000 4d3c2b1a 0200 0000",
            CaptureError(offset: 100, reason: .unsupportedVersion(major: 2, minor: 0))
        ),
        (
            "the new section has no interface", littleSection + littlePacket,
            CaptureError(offset: 124, reason: .unknownInterface(0))
        ),
    ])
    func aFaultIsToldAfterWhatStandsBeforeIt(name: String, hex: String, error: CaptureError) {
        let result = readAll(Self.head + hex)
        #expect(result.records.count == 1)
        #expect(result.error == error)
    }

    @Test func interfacesAreNotHeldWithoutLimit() {
        let file = octets(littleSection) + Array(repeating: octets(littleInterface), count: 65_537).joined()
        let (_, error) = readAll(CaptureReader(octets: file))
        #expect(error == CaptureError(offset: 28 + 65_536 * 20, reason: .tooManyInterfaces))
    }
}
