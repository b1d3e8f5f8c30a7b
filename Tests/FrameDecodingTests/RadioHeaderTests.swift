import CaptureFiles
import FrameDecoding
import Testing

@Suite struct RadioHeaderTests {
    private static let acknowledgment = "d400 0000 02524c01000b"
    private static let ppi = "0000 2000 69000000 0200 1400 0000000000000000 0000 0400 8509 a000 0000 ac9c"
    private static let prism =
        "44000000 24000000 77000000000000000000000000000000 44000300 0000 0400 07000000"
    private static let avs =
        "80211001 00000040 0000000000000000 0000000000000000 00000000 0000000a 00000014 00000000 00000000 00000002 ffffffaf"
        + "00000000 00000002 00000001"

    @Test(arguments: [
        (LinkType.ppi, ppi, #""signal":-84,"frequency":2437"#), (.prism, prism, #""frequency":2442"#),
        (.prism, avs, #""signal":-81,"frequency":2457"#), (.avs, avs, #""signal":-81,"frequency":2457"#),
    ])
    func aFrameBehindAnyHeaderIsRead(linkType: LinkType, header: String, radio: String) {
        let line = Frames.json(Frames.record(header + Self.acknowledgment, linkType: linkType))
        let length = octets(header).count + 10
        #expect(
            line == #"{"number":1,"interface":0,"length":\#(length),"type":1,"subtype":13,"ra":"02:52:4c:01:00:0b","#
                + radio + #","malformed":null}"# + "\n")
    }

    @Test func anAnnouncedFCSBehindPPIIsTakenOff() {
        let announced = Self.ppi.replacing("0000 0400", with: "0100 0400")
        let report = FrameReport(
            number: 1, Frames.record(announced + Self.acknowledgment + "00000000", linkType: .ppi))
        #expect(report.fcs == .bad && report.fault == nil)
    }

    @Test func anotherPacketBehindPPIIsNotRead() {
        let line = Frames.json(Frames.record("0000 0800 93000000 0102", linkType: .ppi))
        #expect(line == #"{"number":1,"interface":0,"length":10,"linkType":147,"malformed":null}"# + "\n")
    }

    @Test func aHeaderCutShortIsMalformed() {
        for linkType in [LinkType.ppi, .prism, .avs, .radiotap] {
            let line = Frames.json(Frames.record("000000", linkType: linkType))
            #expect(line.contains(#""length":3,"malformed":"octet "#), "\(line)")
        }
    }
}
