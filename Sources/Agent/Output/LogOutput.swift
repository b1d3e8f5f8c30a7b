import ControlProtocol
import Glibc
import Synchronization

/// Where log lines go: a descriptor, standard error as a rule, that nobody may be reading. A full pipe, Ctrl-S, a stalled
/// journal, or a terminal that itself runs over `relink0` must not stop the loop that carries frames: a thread of its own writes the
/// lines, a bounded number waits, and those beyond are dropped and counted. The next line that is written says how many.
public final class LogOutput: Sendable {
    private let descriptor: CInt
    private let queue: BackgroundQueue
    private let lost = Mutex(0)

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - descriptor: where lines go; it must stay open.
    ///   - limit: how many bytes of lines may wait.
    public init(descriptor: CInt = STDERR_FILENO, limit: Int = 256 << 10) {
        self.descriptor = descriptor
        queue = BackgroundQueue(limit: limit)
    }

    /// The number of lines that were dropped since the last one that was taken.
    public var dropped: Int { lost.withLock { $0 } }

    /// Writes a line; its end is added. Never waits.
    public func write(_ line: String) {
        lost.withLock { lost in
            let note = lost == 0 ? "" : "\(WallClock.text) warning relink: \(lost) lines of the log were dropped: nobody read it\n"
            let bytes = Array("\(note)\(line)\n".utf8)
            let descriptor = descriptor
            lost = queue.offer(bytes.count, { _ = BlockingWrite.all(bytes, to: descriptor) }) ? 0 : lost + 1
        }
    }

    /// Waits until all lines are written, but not for somebody who does not read.
    ///
    /// - Parameter milliseconds: the longest wait.
    /// - Returns: false if lines are left.
    @discardableResult
    public func finish(milliseconds: Int32 = 500) -> Bool { queue.wait(milliseconds: milliseconds) }
}
