import CaptureFiles
import Testing

@Suite struct PcapTests {
    /// One packet of five octets, kept of 300, at 1,700,000,000 s and 123,456 µs (or ns).
    @Test(arguments: [
        (
            "little-endian, microseconds",
            "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 7f000000 00f15365 40e20100 05000000 2c010000 0102030405",
            1_700_000_000_123_456_000
        ),
        (
            "big-endian, microseconds",
            "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 0000007f 6553f100 0001e240 00000005 0000012c 0102030405",
            1_700_000_000_123_456_000
        ),
        (
            "little-endian, nanoseconds",
            "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 7f000000 00f15365 40e20100 05000000 2c010000 0102030405",
            1_700_000_000_000_123_456
        ),
        (
            "big-endian, nanoseconds",
            "a1b23c4d 0002 0004 00000000 00000000 0000ffff 0000007f 6553f100 0001e240 00000005 0000012c 0102030405",
            1_700_000_000_000_123_456
        ),
        (
            "little-endian, of Kuznetzov's libpcap",
            "34cdb2a1 0200 0400 00000000 00000000 ffff0000 7f000000 00f15365 40e20100 05000000 2c010000 02000000 0003 04 00 "
                + "0102030405",
            1_700_000_000_123_456_000
        ),
        (
            "big-endian, of Kuznetzov's libpcap",
            "a1b2cd34 0002 0004 00000000 00000000 0000ffff 0000007f 6553f100 0001e240 00000005 0000012c 00000002 0300 04 00 "
                + "0102030405",
            1_700_000_000_123_456_000
        ),
    ])
    func recordsAreReadInEitherOrderAndUnit(name: String, hex: String, timestamp: UInt64) {
        let (records, error) = readAll(hex)
        #expect(error == nil)
        let expected = CaptureRecord(
            linkType: .radiotap, timestamp: timestamp, originalLength: 300, octets: [1, 2, 3, 4, 5])
        #expect(records == [expected])
    }

    @Test(arguments: [
        ("000000", nil), ("000004", 0), ("000024", 4), ("000020", nil),
    ])
    func theFCSBitsOfTheLinkTypeWordAreHeeded(upper: String, length: Int?) {
        let (records, _) = readAll(
            "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 6900" + upper.dropFirst(2)
                + "00000000 00000000 00000000 00000000")
        #expect(records.first?.linkType == .ieee80211)
        #expect(records.first?.fcsLength == length)
    }

    private static let head = "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 69000000"
    private static let record = "01000000 02000000 02000000 02000000 abcd"

    @Test(arguments: [
        ("no octet", "", 0, CaptureError(offset: 0, reason: .truncated(needed: 4, available: 0))),
        ("another format", "1f8b0800 00000000", 0, CaptureError(offset: 0, reason: .unknownFormat)),
        ("head cut", "d4c3b2a1 0200 04", 0, CaptureError(offset: 4, reason: .truncated(needed: 20, available: 3))),
        (
            "version 3", "d4c3b2a1 0300 0000 00000000 00000000 ffff0000 69000000", 0,
            CaptureError(offset: 4, reason: .unsupportedVersion(major: 3, minor: 0))
        ),
        (
            "record header cut", head + record + "010000", 1,
            CaptureError(offset: 42, reason: .truncated(needed: 16, available: 3))
        ),
        (
            "packet cut", head + record + record.dropLast(2), 1,
            CaptureError(offset: 58, reason: .truncated(needed: 2, available: 1))
        ),
        (
            "absurd length", head + record + "01000000 02000000 01000400 02000000" + record, 1,
            CaptureError(offset: 50, reason: .impossibleLength(262_145))
        ),
    ])
    func aFaultIsToldAfterWhatStandsBeforeIt(name: String, hex: String, readable: Int, error: CaptureError) {
        let result = readAll(hex)
        #expect(result.records.count == readable)
        #expect(result.error == error)
    }

    @Test func afterAFaultThereIsNothing() throws {
        let absurd = "01000000 02000000 ffffffff 02000000"
        var reader = CaptureReader(octets: octets(Self.head + absurd + Self.record))
        #expect(throws: CaptureError.self) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    @Test func aFileWithoutRecordsHasNone() {
        let (records, error) = readAll(Self.head)
        #expect(records.isEmpty && error == nil)
    }
}
