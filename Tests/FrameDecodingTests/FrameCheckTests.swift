import CaptureFiles
import FrameDecoding
import IEEE80211
import Testing

@Suite struct FrameCheckTests {
    private static let delete = octets(Frames.action + "0302 0058 2500")

    private static func withFCS(_ mpdu: [UInt8], wrong: Bool = false) -> [UInt8] {
        let value = FrameCheckSequence.value(of: mpdu) ^ (wrong ? 1 : 0)
        return mpdu + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func report(
        _ frame: [UInt8], radiotap flags: String? = nil, fcsLength: Int? = nil, kept: Int? = nil
    ) -> FrameReport {
        let packet = (flags.map { octets(Frames.radiotap(flags: $0)) } ?? []) + frame
        return FrameReport(
            number: 1,
            CaptureRecord(
                linkType: flags == nil ? .ieee80211 : .radiotap, fcsLength: fcsLength, timestamp: nil,
                originalLength: packet.count, octets: Array(packet.prefix(kept ?? packet.count))))
    }

    /// A DELBA's elements reach to the end: four octets too many would be a malformed element.
    @Test func anFCSThatFitsIsTakenOffWhoeverAnnouncesIt() {
        for report in [
            Self.report(Self.withFCS(Self.delete)), Self.report(Self.withFCS(Self.delete), radiotap: "00"),
            Self.report(Self.withFCS(Self.delete), radiotap: "10"),
            Self.report(Self.withFCS(Self.delete), fcsLength: 4),
        ] {
            #expect(report.fcs == .good && report.fault == nil)
        }
    }

    @Test func anAnnouncedFCSIsTakenOffEvenIfItIsWrong() {
        let frame = Self.withFCS(Self.delete, wrong: true)
        #expect(Self.report(frame, radiotap: "10").fcs == .bad)
        #expect(Self.report(frame, radiotap: "10").fault == nil)
        #expect(Self.report(frame, fcsLength: 4).fcs == .bad)
        #expect(Self.report(frame).fcs == .absent)
        #expect(Self.report(frame).fault != nil)
    }

    @Test func noFCSIsTakenOffWhereNoneIs() {
        #expect(Self.report(Self.delete).fcs == .absent && Self.report(Self.delete).fault == nil)
        #expect(Self.report(Self.delete, radiotap: "00").fault == nil)
    }

    /// The capture cut the FCS, or a part of it, off: nothing else may be taken away for it.
    @Test(arguments: 0...4)
    func whatTheCaptureCutOffIsNotTakenOffAgain(missing: Int) {
        let frame = Self.withFCS(Self.delete)
        let report = Self.report(frame, radiotap: "10", kept: 15 + frame.count - missing)
        #expect(report.fault == nil)
        guard case .action(_, .deleteBlockAck(let delete)?) = report.body else {
            Issue.record("\(report.body)")
            return
        }
        #expect(delete.reason == .endBlockAck && delete.elements.isEmpty)
    }

    @Test func aPacketShorterThanItsFCSIsMalformed() {
        #expect(Self.report([1, 2], radiotap: "10").fault?.offset == 15)
        #expect(Self.report([1, 2], fcsLength: 30).fault?.offset == 0)
    }
}
