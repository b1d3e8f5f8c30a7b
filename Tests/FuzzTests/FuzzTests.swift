import Foundation
import Fuzzing
import Testing

/// A few inputs of `tools/fuzz`, the same each time: they are read, decided about or refused; nothing crashes or hangs.
@Suite("Inputs that nobody would make", .timeLimit(.minutes(5)))
struct FuzzTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ReplayTests")
    private static let seed: UInt64 = 1

    /// Short files of a folder, so that much is tried in little time; not the shortest, in which nothing happens.
    private static func files(_ name: String, _ count: Int) throws -> [[UInt8]] {
        let all = try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: name), includingPropertiesForKeys: nil)
        let files = try all.filter { ["pcap", "pcapng"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
            .map { [UInt8](try Data(contentsOf: $0)) }
        return Array(files.sorted { $0.count < $1.count }.dropFirst(files.count / 8).prefix(count))
    }

    private static func fuzzer(_ target: FuzzTarget) throws -> Fuzzer {
        let recordings = try files("Recordings", 8)
        return Fuzzer(
            target, files: target.takesRecordings ? recordings : try files("Captures", 5) + recordings.prefix(3),
            seed: seed)
    }

    @Test("changed at random, drawn from seed 1", arguments: FuzzTarget.allCases)
    func random(target: FuzzTarget) throws {
        let fuzzer = try Self.fuzzer(target)
        var found = 0
        let count: UInt64 = target == .configuration ? 400 : 60
        for number in 0..<count { found += target.run(fuzzer.input(number)) }
        // They are near enough to what they were that much of them is read; few configurations are.
        #expect(found > (target == .configuration ? 0 : 600), "\(found)")
    }

    @Test("recordings that are cut anywhere, or have 1% of their octets changed, are replayed as far as they go")
    func sweep() throws {
        let fuzzer = Fuzzer(.recording, files: try Self.files("Recordings", 2), seed: Self.seed)
        var found = 0
        for number in 0..<fuzzer.sweepCount { found += FuzzTarget.recording.run(fuzzer.sweep(number)) }
        #expect(found > fuzzer.sweepCount * 20, "\(found)")
    }

    @Test("the same seed and number give the same input, others give others")
    func deterministic() throws {
        for target in FuzzTarget.allCases {
            let (one, same) = (try Self.fuzzer(target), try Self.fuzzer(target))
            for number in 0..<UInt64(5) { #expect(one.input(number) == same.input(number)) }
            #expect(Set((0..<UInt64(5)).map(one.input)).count == 5)
        }
    }
}
