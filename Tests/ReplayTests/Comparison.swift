import CaptureFiles
import Foundation
import IEEE80211

/// One capture, held against tshark's decode of it.
struct Comparison {
    /// 802.11 frames that were compared.
    private(set) var frames = 0
    /// The rules that explained a difference.
    private(set) var rules: Set<TSharkRule> = []
    /// What no rule explains.
    private(set) var unexplained: [String] = []

    /// Compares every frame that stands in the capture with or without a header of the radio.
    init(_ capture: URL) throws {
        let rows = try ReferenceTable(beside: capture).rows
        let (records, _) = readAll(try CaptureReader(path: capture.path))
        for (index, record) in records.enumerated() {
            guard record.isFrame, index < rows.count else { continue }
            frames += 1
            compare(Decoded(record), rows[index], number: index + 1)
        }
    }

    private mutating func compare(_ decoded: Decoded, _ row: [String: String], number: Int) {
        let isBlockAck = row["wlan.fixed.category_code"] == "3"
        for field in Decoded.headerNames + (isBlockAck ? Decoded.blockAckNames : []) {
            // Of several occurrences the first one counts, here as in the table.
            let theirs = row[field]?.split(separator: ",").first.map(String.init)
            let ours = decoded.fields[field]
            guard ours != theirs else { continue }
            let difference = Difference(
                field: field, ours: ours, theirs: theirs, error: decoded.error, kind: decoded.kind)
            if let rule = TSharkRule.explaining(difference) {
                rules.insert(rule)
            } else {
                unexplained.append("frame \(number): \(difference)")
            }
        }
    }

    /// All captures, compared once.
    static let all = Dictionary(
        uniqueKeysWithValues: Captures.names.map { name in (name, Result { try Comparison(Captures.file(name)) }) })
}

extension CaptureRecord {
    /// Whether it is an 802.11 frame: PPI may have other packets behind it.
    fileprivate var isFrame: Bool {
        guard linkType == .ppi else { return [.radiotap, .ieee80211, .prism, .avs].contains(linkType) }
        return (try? PPI(parsing: octets))?.linkType == 105
    }
}

/// The records that stand before the end or the fault, and the fault.
func readAll(_ reader: consuming CaptureReader) -> (records: [CaptureRecord], error: CaptureError?) {
    var records: [CaptureRecord] = []
    do throws(CaptureError) {
        while let record = try reader.next() { records.append(record) }
        return (records, nil)
    } catch {
        return (records, error)
    }
}
