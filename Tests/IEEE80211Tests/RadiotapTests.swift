import IEEE80211
import Testing

@Suite struct RadiotapTests {
    /// Every defined field is there; those without a name here are filled with `ee`.
    @Test func fieldsStandInTheOrderOfTheirBitsEachAligned() throws {
        let radiotap = try Radiotap(
            parsing: octets(
                """
                00 00 8000 ffffff0f 8877665544332211 12 04 9e09a000 eeee d6 a1 eeee eeee eeee 14 01 ee ee 0200 0100 08 07
                0000 eeeeeeeeeeeeeeee 271005 00 7856341209005a00 eeeeeeeeeeeeeeeeeeeeeeee 00000000 eeeeeeeeeeeeeeeeeeeeeeee
                eeeeeeeeeeeeeeeeeeeeeeee eeeeeeeeeeeeeeeeeeeeeeee eeeeeeeeeeee ee 00 eeeeeeee
                """))
        #expect(radiotap.length == 128)
        #expect(radiotap.tsft == 0x1122_3344_5566_7788)
        #expect(radiotap.flags == [.shortPreamble, .fcsAtEnd])
        #expect(radiotap.rate == 4)
        #expect(radiotap.channel?.frequency == 2462 && radiotap.channel?.flags == 0x00a0)
        #expect(radiotap.antennaSignal == -42 && radiotap.antennaNoise == -95 && radiotap.transmitPower == 20)
        #expect(radiotap.antenna == 1)
        #expect(radiotap.receiveFlags == 2)
        #expect(radiotap.transmitFlags == .failed && radiotap.isTransmitEcho)
        #expect(radiotap.dataRetries == 7)
        #expect(radiotap.mcs == RadiotapMCS(known: 0x27, flags: 0x10, index: 5))
        #expect(radiotap.aMPDUStatus?.reference == 0x1234_5678)
        #expect(radiotap.aMPDUStatus?.flags == 9 && radiotap.aMPDUStatus?.delimiterCRC == 0x5a)
    }

    /// Alignment and length of every field, from radiotap.org; an antenna in a later present word shows where it ends.
    @Test(arguments: [
        (0, 8, 8), (1, 1, 1), (2, 1, 1), (3, 2, 4), (4, 2, 2), (5, 1, 1), (6, 1, 1), (7, 2, 2), (8, 2, 2), (9, 2, 2),
        (10, 1, 1), (12, 1, 1), (13, 1, 1), (14, 2, 2), (15, 2, 2), (16, 1, 1), (17, 1, 1), (18, 4, 8), (19, 1, 3),
        (20, 4, 8), (21, 2, 12), (22, 8, 12), (23, 2, 12), (24, 2, 12), (25, 2, 6), (26, 1, 1), (27, 2, 4),
    ])
    func everyFieldHasItsMeasure(bit: Int, alignment: Int, length: Int) throws {
        // It begins in octet 17, behind three present words and a one-octet Flags field, unless it stands before that or is
        // Flags itself: there each alignment leads elsewhere.
        let flagsBefore = bit > 1
        let first: UInt32 = 0xa000_0000 | 1 << UInt32(bit) | (flagsBefore ? 2 : 0)
        var header = octets("00 00 0000 00000000 000000a0 00080000") + (flagsBefore ? [0] : [])
        for index in 0..<4 { header[4 + index] = UInt8(truncatingIfNeeded: first >> (8 * index)) }
        while !header.count.isMultiple(of: alignment) { header.append(0) }
        header += Array(repeating: 0xee, count: length) + [0x5a]
        header[2] = UInt8(header.count)
        #expect(try Radiotap(parsing: header).antenna == 0x5a)
    }

    @Test(arguments: [
        ("nothing present", "00 00 0800 00000000", Int8?.none),
        ("one antenna", "00 00 0900 20000000 d6", -42),
        ("three antennas: the first counts", "00 00 1500 200000a0 200800a0 20080000 d6 c0 00 bf 01", -42),
        ("signal only for the antennas", "00 00 1100 000000a0 20080000 c0 00 0000 00", -64),
        ("padding octet set, room left at the end", "00 ff 0c00 20000000 d6 000000", -42),
        (
            "a vendor's fields before the signal",
            "00 00 1e00 000000c0 ffffff9f 000000a0 20000000 0050f2 01 0300 010203 d6", -42
        ),
        ("a bit of unknown size ends it", "00 00 0c00 00000010 d6000000", nil),
        ("the next word goes on where no field is known", "00 00 0e00 00000080 20000000 d6 c0", nil),
    ])
    func presentWordsAreFollowed(name: String, hex: String, signal: Int8?) throws {
        #expect(try Radiotap(parsing: octets(hex)).antennaSignal == signal)
    }

    @Test(arguments: [
        ("no header", "", 0, FrameError.Reason.truncated(needed: 1, available: 0)),
        ("version 1", "01 00 0800 00000000", 0, .unsupportedVersion(1)),
        ("nothing but a version", "00", 1, .truncated(needed: 1, available: 0)),
        ("no length", "00 00 08", 2, .truncated(needed: 2, available: 1)),
        ("shorter than the shortest", "00 00 0700 00000000", 2, .impossibleLength(7)),
        ("longer than the packet", "00 00 0a00 20000000 d6", 0, .truncated(needed: 10, available: 9)),
        ("a field beyond the length", "00 00 0800 20000000 d6", 8, .truncated(needed: 1, available: 0)),
        (
            "a field partly beyond the length", "00 00 0c00 01000000 00000000 00000000", 8,
            .truncated(needed: 8, available: 4)
        ),
        ("a present word beyond the length", "00 00 0800 00000080 00000000", 8, .truncated(needed: 4, available: 0)),
        ("present words without end", "00 00 1000 00000080 00000080 00000080", 16, .truncated(needed: 4, available: 0)),
        ("vendor namespace cut", "00 00 0c00 00000040 0050f201", 12, .truncated(needed: 2, available: 0)),
        ("vendor skips too far", "00 00 1000 00000040 0050f2 01 0300 0102", 8, .truncated(needed: 9, available: 8)),
    ])
    func aMalformedHeaderIsRefused(name: String, hex: String, offset: Int, reason: FrameError.Reason) {
        #expect(throws: FrameError(offset: offset, reason: reason)) { try Radiotap(parsing: octets(hex)) }
    }

    @Test(arguments: [
        ("no flags", "00 00 0800 00000000", 100, 8..<100),
        ("flags without FCS", "00 00 0900 02000000 02", 100, 9..<100),
        ("FCS", "00 00 0900 02000000 10", 100, 9..<96),
        ("FCS, but no room for it", "00 00 0900 02000000 10", 12, 9..<9),
    ])
    func theFrameIsFoundWithoutItsFCS(name: String, hex: String, count: Int, range: Range<Int>) throws {
        #expect(try Radiotap(parsing: octets(hex)).mpduRange(ofPacketWithCount: count) == range)
    }
}

@Suite struct RadiotapTransmitHeaderTests {
    @Test(arguments: [
        (RadiotapTransmitHeader(), "00 00 0800 00000000"),
        (
            RadiotapTransmitHeader(transmitFlags: [.noAck, .keepSequenceNumber, .keepOrder]),
            "00 00 0a00 00800000 3800"
        ),
        (
            RadiotapTransmitHeader(rate: 12, transmitFlags: .keepSequenceNumber, dataRetries: 3),
            "00 00 0d00 04800200 0c 00 1000 03"
        ),
        (
            RadiotapTransmitHeader(
                flags: .shortPreamble, rate: 4, transmitFlags: [], dataRetries: 0,
                mcs: RadiotapMCS(known: 7, flags: 0, index: 15)),
            "00 00 1000 06800a00 02 04 0000 00 07000f"
        ),
    ])
    func theHeaderIsWrittenAndReadAsItStands(header: RadiotapTransmitHeader, hex: String) throws {
        #expect(header.serialized() == octets(hex))
        let read = try Radiotap(parsing: octets(hex))
        #expect(read.length == octets(hex).count)
        #expect(
            RadiotapTransmitHeader(
                flags: read.flags, rate: read.rate, transmitFlags: read.transmitFlags, dataRetries: read.dataRetries,
                mcs: read.mcs) == header)
    }
}

@Suite struct FrameCheckSequenceTests {
    /// The check value of this CRC in the catalogues: that of the digits 1 to 9.
    @Test func theCheckValueIsThatOfTheCatalogues() {
        #expect(FrameCheckSequence.value(of: Array("123456789".utf8)) == 0xcbf4_3926)
    }

    @Test func aFrameThatEndsInItsFCSIsToldApart() {
        let acknowledgment = octets("d400 0000 02524c01000b")
        var withFCS = acknowledgment
        let value = FrameCheckSequence.value(of: acknowledgment)
        for index in 0..<4 { withFCS.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        #expect(FrameCheckSequence.isAtEnd(of: withFCS))
        #expect(!FrameCheckSequence.isAtEnd(of: acknowledgment))
        withFCS[3] ^= 1
        #expect(!FrameCheckSequence.isAtEnd(of: withFCS))
        #expect(!FrameCheckSequence.isAtEnd(of: [1, 2, 3]))
    }
}
