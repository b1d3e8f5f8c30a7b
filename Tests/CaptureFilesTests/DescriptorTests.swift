import CaptureFiles
import Glibc
import Testing

@Suite struct DescriptorTests {
    private static let header = "d4c3b2a1 0200 0400 00000000 00000000 00000400 69000000"
    private static let record = "01000000 00000000 0a000000 0a000000 d400 0000 02524c01000b"

    /// The writer waits for the reader: a record must be given before the next one is written.
    @Test func recordsFromAPipeAreGivenAtOnce() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        var reader = CaptureReader(descriptor: ends[0])
        for hex in [Self.header + Self.record, Self.record] {
            let octets = octets(hex)
            #expect(write(ends[1], octets, octets.count) == octets.count)
            #expect(try reader.next()?.octets.count == 10)
        }
        close(ends[1])
        #expect(try reader.next() == nil)
    }

    @Test func aDescriptorThatCanNotBeReadIsAnError() {
        var reader = CaptureReader(descriptor: open("/", O_RDONLY | O_CLOEXEC))
        #expect(throws: CaptureError(offset: 0, reason: .system(code: EISDIR))) { try reader.next() }
    }
}
