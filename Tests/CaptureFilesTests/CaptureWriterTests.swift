import CaptureFiles
import Glibc
import Testing

/// A path that nobody uses, removed when the test is over.
private final class TemporaryFile {
    let path: String

    init() throws {
        var template = Array("/tmp/relink-capture-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        close(descriptor)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unlink(path) }

    /// All octets of the file.
    func contents() throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&octets, 1, octets.count, file)
        return Array(octets.prefix(count))
    }
}

@Suite struct CaptureWriterTests {
    @Test func pcapIsWrittenAsTheFormatSays() throws {
        let file = try TemporaryFile()
        var writer = try CaptureWriter(path: file.path, format: .pcap(.radiotap))
        try writer.append([1, 2, 3, 4, 5], originalLength: 300, timestamp: 1_700_000_000_000_123_456)
        #expect(
            try file.contents()
                == octets(
                    """
                    4d3cb2a1 0200 0400 00000000 00000000 00000400 7f000000
                    00f15365 40e20100 05000000 2c010000 0102030405
                    """))
        let (records, error) = readAll(try CaptureReader(path: file.path))
        #expect(error == nil)
        #expect(
            records == [
                CaptureRecord(
                    linkType: .radiotap, timestamp: 1_700_000_000_000_123_456, originalLength: 300,
                    octets: [1, 2, 3, 4, 5])
            ])
    }

    @Test func pcapngIsWrittenAsTheFormatSays() throws {
        let file = try TemporaryFile()
        let interfaces = [
            CaptureWriter.Interface(name: "relink1", linkType: .radiotap),
            CaptureWriter.Interface(name: "air", linkType: .ieee80211),
        ]
        var writer = try CaptureWriter(path: file.path, format: .pcapng(interfaces))
        try writer.append([1, 2, 3, 4, 5], timestamp: 1_700_000_000_000_123_456, interface: 1)
        try writer.append([], originalLength: 9, timestamp: 0)
        #expect(
            try file.contents()
                == octets(
                    """
                    0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
                    01000000 2c000000 7f00 0000 00000000 0200 0700 72656c696e6b3100 0900 0100 09000000 0000 0000 2c000000
                    01000000 28000000 6900 0000 00000000 0200 0300 61697200 0900 0100 09000000 0000 0000 28000000
                    06000000 28000000 01000000 fe9c9717 40e22b36 05000000 05000000 0102030405000000 28000000
                    06000000 20000000 00000000 00000000 00000000 00000000 09000000 20000000
                    """))
        let (records, error) = readAll(try CaptureReader(path: file.path))
        #expect(error == nil)
        #expect(records.map(\.interface) == [1, 0])
        #expect(records.map(\.linkType) == [.ieee80211, .radiotap])
        #expect(records.map(\.timestamp) == [1_700_000_000_000_123_456, 0])
        #expect(records.map(\.octets) == [[1, 2, 3, 4, 5], []])
        #expect(records.map(\.originalLength) == [5, 9])
    }

    /// More than the reader takes from the file at a time.
    @Test func aLongFileIsReadWhole() throws {
        let file = try TemporaryFile()
        var writer = try CaptureWriter(path: file.path, format: .pcap(.ieee80211))
        let lengths = (0..<300).map { $0 * 7 }
        for (number, length) in lengths.enumerated() {
            try writer.append(Array(repeating: UInt8(number & 255), count: length), timestamp: UInt64(number))
        }
        let (records, error) = readAll(try CaptureReader(path: file.path))
        #expect(error == nil)
        #expect(records.map(\.octets.count) == lengths)
        #expect(records.map(\.timestamp) == lengths.indices.map { UInt64($0) })
        #expect(records.map { Set($0.octets) } == lengths.indices.map { $0 == 0 ? [] : [UInt8($0 & 255)] })
    }

    @Test func anInterfaceThatWasNotDescribedIsRefused() throws {
        let file = try TemporaryFile()
        var pcap = try CaptureWriter(path: file.path, format: .pcap(.radiotap))
        #expect(throws: CaptureError(offset: 24, reason: .unknownInterface(1))) {
            try pcap.append([], timestamp: 0, interface: 1)
        }
        var pcapng = try CaptureWriter(path: file.path, format: .pcapng([]))
        #expect(throws: CaptureError(offset: 28, reason: .unknownInterface(0))) {
            try pcapng.append([], timestamp: 0)
        }
    }

    @Test func whatTheSystemSaysIsPassedOn() throws {
        #expect(throws: CaptureError(offset: 0, reason: .system(code: ENOENT))) {
            _ = try CaptureReader(path: "/nowhere/at/all")
        }
        #expect(throws: CaptureError(offset: 0, reason: .system(code: ENOENT))) {
            _ = try CaptureWriter(path: "/nowhere/at/all", format: .pcap(.radiotap))
        }
        var directory = try CaptureReader(path: "/")
        #expect(throws: CaptureError(offset: 0, reason: .system(code: EISDIR))) { try directory.next() }
    }
}
