import CaptureFiles
import FrameDecoding
import Foundation
import IEEE80211
import Testing

/// Whole capture files, cut and changed, on the path of `relink decode`: lines come out and perhaps an error, nothing traps
/// and nothing hangs. RELINK_SEED repeats the changes of a run that printed it.
struct DecoderRobustnessTests {
    private static let cutsPerCapture = 200
    /// Of long captures only the start is cut: every cut decodes all that stands before it.
    private static let longest = 32_768

    /// A cut file gives the lines of the whole one as far as it goes, then an error, unless it was cut between two records.
    @Test(arguments: Captures.names)
    func filesCutAnywhereAreDecodedAsFarAsTheyGo(name: String) throws {
        let octets = Array(try Captures.octets(of: name).prefix(Self.longest))
        let whole = Lines(of: octets, .json)
        for cut in 0..<Self.cutsPerCapture {
            let length = octets.count * cut / Self.cutsPerCapture
            let lines = Lines(of: Array(octets.prefix(length)), .json)
            let isStart = lines.text.count <= whole.text.count && memcmp(lines.text, whole.text, lines.text.count) == 0
            let isCut = if case .truncated? = lines.error?.reason { true } else { lines.error == nil }
            guard isStart, isCut || lines.error == whole.error else {
                Issue.record("cut at \(length): \(String(describing: lines.error)), lines as of the whole: \(isStart)")
                continue
            }
        }
    }

    @Test(arguments: Captures.names)
    func filesWithOnePercentChangedAreDecodedAsFarAsTheyGo(name: String) throws {
        var octets = try Captures.octets(of: name)
        var random = SeededRandom(of: name)
        for _ in 0..<(octets.isEmpty ? 0 : max(1, octets.count / 100)) {
            octets[Int.random(in: octets.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        for form in [CaptureDecoder.Form.json, .text] {
            let lines = Lines(of: octets, form)
            #expect(lines.text.count { $0 == UInt8(ascii: "\n") } == lines.count)
        }
    }

    /// A change in the file header, or in the first record's, makes the rest unreadable: so the frames alone are changed too.
    @Test(arguments: Captures.names)
    func framesWithOnePercentChangedAreReported(name: String) throws {
        var random = SeededRandom(of: name)
        var lines: [UInt8] = []
        for (index, original) in readAll(CaptureReader(octets: try Captures.octets(of: name))).records
            .enumerated()
        {
            var record = original
            for place in record.octets.indices where Int.random(in: 0..<100, using: &random) == 0 {
                record.octets[place] = UInt8.random(in: 0...255, using: &random)
            }
            let report = FrameReport(number: index + 1, record)
            report.appendText(to: &lines, origin: nil)
            lines.removeAll(keepingCapacity: true)
            report.appendJSON(to: &lines)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(lines)) }
            #expect((report.fault?.offset ?? 0) <= record.octets.count)
            lines.removeAll(keepingCapacity: true)
        }
    }
}

/// What `relink decode` writes of a file.
private struct Lines {
    private(set) var text: [UInt8] = []
    private(set) var count = 0
    private(set) var error: CaptureError?

    init(of octets: [UInt8], _ form: CaptureDecoder.Form) {
        var decoder = CaptureDecoder(CaptureReader(octets: octets), form: form)
        do throws(CaptureError) {
            // Every packet takes octets: more packets than octets would be a loop without end.
            while try decoder.appendNext(to: &text), decoder.count <= octets.count {}
        } catch {
            self.error = error
        }
        count = decoder.count
    }
}
