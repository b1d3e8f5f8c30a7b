import CaptureFiles
import Foundation
import IEEE80211
import Testing

struct HeaderReplayTests {
    @Test(arguments: Captures.names)
    func headersAreDecodedAsTSharkDoes(name: String) throws {
        let comparison = try #require(Comparison.all[name]).get()
        for difference in comparison.unexplained.prefix(10) { Issue.record("\(name), \(difference)") }
        #expect(comparison.unexplained.isEmpty)
    }

    /// A rule that explains nothing hides the next mistake.
    @Test(
        .enabled(if: SharedCaptures.areThere, SharedCaptures.whySkipped), arguments: TSharkRule.allCases)
    func everyRuleIsNeeded(rule: TSharkRule) {
        #expect(Comparison.all.values.contains { (try? $0.get().rules.contains(rule)) == true })
    }

    @Test(.enabled(if: SharedCaptures.areThere, SharedCaptures.whySkipped))
    func thereIsSomethingToCompare() throws {
        let frames = try Comparison.all.values.map { try $0.get().frames }.reduce(0, +)
        #expect(frames > 10_000)
    }

    /// Number, length, time and interface of every record, whatever its link type.
    @Test(arguments: Captures.names)
    func recordsAreThoseOfTShark(name: String) throws {
        let file = try Captures.file(name)
        let rows = try ReferenceTable(beside: file).rows
        let (records, error) = readAll(try CaptureReader(path: file.path))
        #expect(records.count == rows.count)
        #expect((error != nil) == name.contains("truncated-file"), "\(String(describing: error))")
        for (record, row) in zip(records, rows) {
            #expect(record.octets.count == row["frame.cap_len"].flatMap { Int($0) })
            #expect(record.originalLength == row["frame.len"].flatMap { Int($0) })
            #expect(record.timestamp.map(seconds) == row["frame.time_epoch"])
            if let interface = row["frame.interface_id"] { #expect(record.interface == Int(interface)) }
        }
    }

    /// Nanoseconds as tshark prints them.
    private func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    }
}
