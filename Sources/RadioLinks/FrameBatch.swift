import CNetlink
import SessionCore

/// Frames for a radio in their order, one behind the other in one piece of memory, which is kept when they are gone: they go to the
/// kernel together, with one system call.
public struct FrameBatch {
    private struct Frame {
        let number: TransmissionNumber
        let range: Range<Int>
    }

    /// How many frames the kernel takes with one system call.
    public static let mostAtOnce = Int(RL_CAPTURE_SEND_LIMIT)

    private var octets: [UInt8] = []
    private var frames: [Frame] = []

    /// Makes an empty batch.
    public init() {}

    /// How many frames there are.
    public var count: Int { frames.count }
    /// Whether there are none.
    public var isEmpty: Bool { frames.isEmpty }

    /// Appends a frame.
    ///
    /// - Parameter mpdu: from the frame control field on, without radiotap and FCS; it is copied.
    public mutating func append(_ number: TransmissionNumber, _ mpdu: Span<UInt8>) {
        let start = octets.count
        mpdu.withUnsafeBufferPointer { octets.append(contentsOf: $0) }
        frames.append(Frame(number: number, range: start..<octets.count))
    }

    /// Takes the first `count` frames out.
    public mutating func removeFirst(_ count: Int) {
        guard count > 0 else { return }
        guard count < frames.count else { return removeAll() }
        let removed = frames[count].range.lowerBound
        octets.removeSubrange(..<removed)
        frames = frames[count...].map {
            Frame(number: $0.number, range: $0.range.lowerBound - removed..<$0.range.upperBound - removed)
        }
    }

    /// Takes all frames out.
    public mutating func removeAll() {
        octets.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
    }

    /// Lends the first `count` frames, one after the other.
    public func visitFirst(_ count: Int, _ body: (TransmissionNumber, _ mpdu: Span<UInt8>) -> Void) {
        let octets = octets.span
        for frame in frames.prefix(count) { body(frame.number, octets.extracting(frame.range)) }
    }

    /// Octets of the first frame; 0 when there is none.
    var firstLength: Int { frames.first?.range.count ?? 0 }

    /// Lends the first frames, `limit` at most, as the pieces of memory that system calls take.
    func withPieces<Result>(limit: Int = Self.mostAtOnce, _ body: (UnsafeBufferPointer<iovec>) -> Result) -> Result {
        let count = min(limit, frames.count)
        return octets.withUnsafeBytes { octets in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { pieces in
                for (index, frame) in frames.prefix(count).enumerated() {
                    let piece = UnsafeRawBufferPointer(rebasing: octets[frame.range])
                    pieces.initializeElement(
                        at: index,
                        to: iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count))
                }
                return body(UnsafeBufferPointer(pieces))
            }
        }
    }
}
