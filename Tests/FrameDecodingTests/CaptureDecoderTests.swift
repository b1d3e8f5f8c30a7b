import CaptureFiles
import FrameDecoding
import Testing

@Suite struct CaptureDecoderTests {
    /// A pcap file with one ACK for each of the link types, and the octets behind it.
    private static func file(linkType: String = "69000000", acknowledgments: Int, then rest: String = "") -> [UInt8] {
        let record = "01000000 00000000 0a000000 0a000000 d400 0000 02524c01000b"
        return octets(
            "d4c3b2a1 0200 0400 00000000 00000000 00000400" + linkType
                + String(repeating: record, count: acknowledgments) + rest)
    }

    private func decode(_ file: [UInt8], _ form: CaptureDecoder.Form) -> (
        lines: [String], undecoded: Int, error: CaptureError?
    ) {
        var decoder = CaptureDecoder(CaptureReader(octets: file), form: form)
        var octets: [UInt8] = []
        var error: CaptureError?
        do throws(CaptureError) {
            while try decoder.appendNext(to: &octets) {}
        } catch let fault {
            error = fault
        }
        let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.count == decoder.count)
        return (lines, decoder.undecodedCount, error)
    }

    @Test func everyPacketHasANumberedLine() {
        let (lines, undecoded, error) = decode(Self.file(acknowledgments: 3), .json)
        #expect(lines.map { String($0.prefix(12)) } == [#"{"number":1,"#, #"{"number":2,"#, #"{"number":3,"#])
        #expect(undecoded == 0 && error == nil)
        #expect(
            decode(Self.file(acknowledgments: 2), .text).lines.map { $0.prefix(11) } == ["1  0.000000", "2  0.000000"])
    }

    @Test func whatStandsBeforeAFaultIsDecodedFirst() {
        let (lines, _, error) = decode(Self.file(acknowledgments: 2, then: "01000000 00"), .json)
        #expect(lines.count == 2)
        #expect(error == CaptureError(offset: 76, reason: .truncated(needed: 16, available: 5)))
    }

    @Test func packetsOfOtherLinkTypesAreCounted() {
        let (lines, undecoded, _) = decode(Self.file(linkType: "01000000", acknowledgments: 2), .text)
        #expect(lines.allSatisfy { $0.contains("link type 1 is not read here") })
        #expect(undecoded == 2)
    }

    @Test(arguments: [
        (CaptureError(offset: 0, reason: .truncated(needed: 4, available: 0)), "empty"),
        (CaptureError(offset: 76, reason: .truncated(needed: 16, available: 0)), "cut off"),
        (CaptureError(offset: 0, reason: .unknownFormat), "pcap or pcapng"),
        (CaptureError(offset: 4, reason: .unsupportedVersion(major: 9, minor: 0)), "editcap"),
        (CaptureError(offset: 9, reason: .impossibleLength(7)), "damaged"),
        (CaptureError(offset: 9, reason: .unknownInterface(7)), "damaged"),
        (CaptureError(offset: 9, reason: .tooManyInterfaces), "Split"),
        (CaptureError(offset: 0, reason: .system(code: 2)), "standard input"),
    ])
    func everyErrorHasARemedy(error: CaptureError, words: String) {
        #expect(error.remedy.contains(words))
    }
}
