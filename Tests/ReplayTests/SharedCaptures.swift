import Foundation
import Testing

/// All captures that are replayed: the project's own and, where they are there, those of other people.
enum Captures {
    /// The captures that `tools/record-fixtures` made on kernel radios.
    static let own = files(in: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Captures"))

    /// The files by their names, which differ.
    private static let all = Dictionary(
        (own + SharedCaptures.files).map { ($0.lastPathComponent, $0) }, uniquingKeysWith: { first, _ in first })

    /// The names of all captures, in order.
    static let names = all.keys.sorted()

    /// Where a capture is.
    static func file(_ name: String) throws -> URL { try #require(all[name]) }

    /// The octets of a capture.
    static func octets(of name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: file(name))) }

    /// The captures in a folder.
    static func files(in folder: URL) -> [URL] {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { ["pcap", "pcapng"].contains($0.pathExtension) }
    }
}

/// The captures of other people that lie beside the checkout, in `shared/captures`, or where RELINK_SHARED says.
enum SharedCaptures {
    /// The folder, if it is there.
    static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["RELINK_SHARED"].map { URL(filePath: $0) }
        let shared = named ?? repository.deletingLastPathComponent().appending(path: "shared")
        let captures = shared.appending(path: "captures")
        return FileManager.default.fileExists(atPath: captures.appending(path: "index.tsv").path) ? captures : nil
    }()

    /// Why tests that need the captures are skipped without them.
    static let whySkipped: Comment = "needs other people's captures, in ../shared/captures or where RELINK_SHARED says"

    /// Whether there is anything to compare with.
    static var areThere: Bool { folder != nil }

    /// The captures.
    static let files = folder.map(Captures.files) ?? []

    /// Tests/ReplayTests/SharedCaptures.swift is three steps below the root.
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// What tshark decoded from a capture: a row for each frame.
struct ReferenceTable {
    /// The values of each frame by the name of the field; several occurrences of a field are joined by commas.
    let rows: [[String: String]]

    /// Reads the table beside the capture.
    init(beside capture: URL) throws {
        let text = try String(contentsOf: capture.appendingPathExtension("tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let table = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        rows = table.dropFirst().map { values in
            Dictionary(zip(table[0], values), uniquingKeysWith: { first, _ in first }).filter { !$0.value.isEmpty }
        }
    }
}
