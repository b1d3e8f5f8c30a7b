import CNetlink
import SessionCore
import Testing

@testable import RadioLinks

@Suite("Frames that go to a radio together")
struct FrameBatchTests {
    private static func batch(_ frames: [[UInt8]]) -> FrameBatch {
        var batch = FrameBatch()
        for (index, frame) in frames.enumerated() {
            batch.append(TransmissionNumber(rawValue: UInt32(index)), frame.span)
        }
        return batch
    }

    private static func frames(of batch: FrameBatch, first count: Int = .max) -> [UInt32: [UInt8]] {
        var frames: [UInt32: [UInt8]] = [:]
        batch.visitFirst(count) { frames[$0.rawValue] = $1.withUnsafeBytes { [UInt8]($0) } }
        return frames
    }

    @Test("the first frames are taken out, and the others stay what they were", arguments: 0...5)
    func removal(count: Int) {
        let frames: [[UInt8]] = [[1, 2, 3], [], [4], [5, 6]]
        var batch = Self.batch(frames)
        batch.removeFirst(count)
        #expect(batch.count == max(0, 4 - count))
        #expect(batch.isEmpty == (count >= 4))
        #expect(batch.firstLength == frames.dropFirst(count).first?.count ?? 0)
        let left = frames.enumerated().dropFirst(count).map { (UInt32($0.offset), $0.element) }
        #expect(Self.frames(of: batch) == Dictionary(uniqueKeysWithValues: left))
        batch.append(TransmissionNumber(rawValue: 9), [7, 8].span)
        #expect(Self.frames(of: batch)[9] == [7, 8])
        #expect(Self.frames(of: batch, first: 1).count == 1)
    }

    @Test("the kernel is shown each frame where it lies, and not more than it takes", arguments: [1, 2, 16])
    func pieces(limit: Int) {
        let frames: [[UInt8]] = [[1, 2, 3], [4], [5, 6]]
        let shown = Self.batch(frames).withPieces(limit: limit) { pieces in
            pieces.map { [UInt8](UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len)) }
        }
        #expect(shown == Array(frames.prefix(limit)))
    }
}
