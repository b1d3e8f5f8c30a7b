import IEEE80211
import Testing

@Suite struct CaptureHeaderTests {
    /// 802.11-Common: TSF, flags, rate, channel 2437 MHz with flags, FHSS, signal -84 dBm, noise -100 dBm.
    private static let common = "0200 1400 0000000000000000 0100 0400 8509 a000 0000 ac9c"

    @Test func aPPIHeaderIsRead() throws {
        let header = try PPI(parsing: octets("0000 2000 69000000" + Self.common + "d400"))
        #expect(header.length == 32 && header.linkType == 105)
        #expect(header.hasFCS == true && header.frequency == 2437 && header.antennaSignal == -84)
        let empty = try PPI(parsing: octets("0000 0800 93000000"))
        #expect(empty.length == 8 && empty.linkType == 147 && empty.hasFCS == nil && empty.frequency == nil)
    }

    /// Another field of three octets first; a second 802.11-Common does not count; 0 and -128 are no signal.
    @Test func fieldsOfPPIAreFoundBehindOthers() throws {
        let other = "3075 0300 010203"
        let second = Self.common.replacing("ac9c", with: "b09c")
        #expect(try PPI(parsing: octets("0000 2700 69000000" + other + Self.common)).antennaSignal == -84)
        #expect(try PPI(parsing: octets("0001 2800 69000000" + other + "00" + Self.common)).antennaSignal == -84)
        #expect(try PPI(parsing: octets("0000 3800 69000000" + Self.common + second)).antennaSignal == -84)
        for none in ["009c", "809c"] {
            let field = Self.common.replacing("ac9c", with: none).replacing("8509", with: "0000")
            let header = try PPI(parsing: octets("0000 2000 69000000" + field))
            #expect(header.antennaSignal == nil && header.frequency == nil)
        }
    }

    @Test(arguments: [
        ("0100 0800 69000000", FrameError(offset: 0, reason: .unsupportedVersion(1))),
        ("0000 0700 69000000", FrameError(offset: 2, reason: .impossibleLength(7))),
        ("0000 0900 69000000", FrameError(offset: 0, reason: .truncated(needed: 9, available: 8))),
        ("0000 0a00 69000000 0200", FrameError(offset: 10, reason: .truncated(needed: 2, available: 0))),
        ("0000 0d00 69000000 0900 0200 00", FrameError(offset: 12, reason: .truncated(needed: 2, available: 1))),
        ("0000 0d00 69000000 0200 0100 00", FrameError(offset: 10, reason: .impossibleLength(1))),
    ])
    func aBadPPIHeaderIsRefused(hex: String, error: FrameError) {
        #expect(throws: error) { try PPI(parsing: octets(hex)) }
    }

    private static let device = "77 6c 61 6e 30 00 00 00 00 00 00 00 00 00 00 00"

    /// Host time, then channel 7; in either byte order, with the identifiers of Prism cards and the others.
    @Test(arguments: [
        "44000000 30000000" + device + "44000100 0000 0400 d5366400 44000300 0000 0400 07000000",
        "00000044 00000030" + device + "00010044 0000 0004 006436d5 00030044 0000 0004 00000007",
        "41000000 30000000" + device + "41100000 0000 0400 d5366400 41300000 0000 0400 07000000",
    ])
    func aPrismHeaderIsReadInEitherOrder(hex: String) throws {
        let header = try Prism(parsing: octets(hex + "d400"))
        #expect(header.length == 48 && header.channel == 7 && header.frequency == 2442)
    }

    @Test(arguments: [(14, 2484), (36, 5180), (177, 5885), (0, nil), (31, nil), (255, nil)])
    func channelsHaveFrequencies(channel: UInt8, frequency: UInt16?) throws {
        let hex = "00000044 00000024" + Self.device + "00030044 0000 0004 000000"
        #expect(try Prism(parsing: octets(hex) + [channel]).frequency == frequency)
    }

    @Test func aPrismItemWithoutValueIsNoChannel() throws {
        let hex = "00000044 00000024" + Self.device + "00030044 0001 0004 00000007"
        #expect(try Prism(parsing: octets(hex)).channel == nil)
    }

    @Test(arguments: [
        ("45000000 18000000", FrameError(offset: 0, reason: .otherKind)),
        ("44000000 17000000", FrameError(offset: 4, reason: .impossibleLength(23))),
        ("44000000 18000000", FrameError(offset: 0, reason: .truncated(needed: 24, available: 8))),
        ("44000000 ffffffff", FrameError(offset: 0, reason: .truncated(needed: 0xffff_ffff, available: 8))),
        ("440000", FrameError(offset: 0, reason: .truncated(needed: 4, available: 3))),
    ])
    func aBadPrismHeaderIsRefused(hex: String, error: FrameError) {
        #expect(throws: error) { try Prism(parsing: octets(hex)) }
    }

    /// An AVS header: its begin, its length, times, PHY, channel, rate, antenna, priority, SSI type and signal, the rest.
    private static func avs(
        begin: String = "80211001", length: String = "00000040", channel: String = "0000000a",
        type: String = "00000002", rest: String = "00000000 00000002 00000001"
    ) -> [UInt8] {
        octets(
            begin + length + "f340000000000000 0000000000000000 00000000" + channel + "00000014 00000000 00000000"
                + type + "ffffffaf" + rest)
    }

    @Test func anAVSHeaderIsRead() throws {
        let header = try AVS(parsing: Self.avs())
        #expect(header.length == 64 && header.frequency == 2457 && header.antennaSignal == -81)
        let second = Self.avs(
            begin: "80211002", length: "00000050",
            rest: "00000000 00000002 00000001 00000000 00000000 0000000000000000")
        #expect(try AVS(parsing: second).length == 80)
        #expect(try AVS(parsing: Self.avs(channel: "0000143c")).frequency == 5180)
        #expect(try AVS(parsing: Self.avs(channel: "004f0ae0")).frequency == 5180)
        #expect(try AVS(parsing: Self.avs(channel: "ffffffff")).frequency == nil)
        #expect(try AVS(parsing: Self.avs(type: "00000001")).antennaSignal == nil)
    }

    @Test func aBadAVSHeaderIsRefused() {
        let errors = [
            (Self.avs(begin: "80211003"), FrameError(offset: 3, reason: .unsupportedVersion(3))),
            (Self.avs(begin: "80212001"), FrameError(offset: 0, reason: .otherKind)),
            (Self.avs(length: "0000003f"), FrameError(offset: 4, reason: .impossibleLength(63))),
            (Self.avs(length: "00000041"), FrameError(offset: 0, reason: .truncated(needed: 65, available: 64))),
        ]
        for (octets, error) in errors {
            #expect(throws: error) { try AVS(parsing: octets) }
        }
    }
}
