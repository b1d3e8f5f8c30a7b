import ControlProtocol
import Glibc
import Synchronization

/// Writes files in a thread of its own, since a disk may be slow, a folder may be on a network, and a pipe may have no reader: the loop
/// that carries frames waits for none of them. What waits is bounded; beyond that the file is given up, as it would have a gap.
final class RecordingWriter: Sendable {
    /// The number of bytes that may wait.
    private static let limit = 32 << 20
    private let path: String
    private let queue: BackgroundQueue
    /// Locked by the thread alone, but for the beginning.
    private let file: Mutex<File>
    /// The `errno` of what went wrong, or 0.
    private let code = Atomic<Int32>(0)

    /// Makes the file, which must not be there.
    init(path: String) throws(RecorderError) {
        self.path = path
        queue = BackgroundQueue(limit: Self.limit)
        file = Mutex(try File(path))
    }

    /// Adds bytes to the file.
    ///
    /// - Throws: `RecorderError` when they can't be, or earlier ones could not be.
    func write(_ bytes: [UInt8]) throws(RecorderError) {
        try hand(over: bytes.count) { $0.write(bytes) }
    }

    /// Goes on in another file, which must not be there; removes a third one.
    func next(_ path: String, removing old: String?) throws(RecorderError) {
        try hand(over: 0) { file in
            do throws(RecorderError) { file = try File(path) } catch { return error.code }
            if let old { unlink(old) }
            return 0
        }
    }

    /// Waits until all is written.
    ///
    /// - Parameter milliseconds: the longest wait.
    /// - Returns: false if something is still to be written, which goes on.
    func finish(milliseconds: CInt) throws(RecorderError) -> Bool {
        let isDone = queue.wait(milliseconds: milliseconds)
        try check()
        return isDone
    }

    private func check() throws(RecorderError) {
        let code = code.load(ordering: .relaxed)
        if code != 0 { throw RecorderError(path: path, code: code) }
    }

    private func hand(
        over length: Int, _ work: @escaping @Sendable (inout File) -> Int32
    ) throws(RecorderError) {
        try check()
        let isTaken = queue.offer(length) { [self] in
            guard code.load(ordering: .relaxed) == 0 else { return }
            let result = file.withLock { work(&$0) }
            if result != 0 { code.store(result, ordering: .relaxed) }
        }
        if !isTaken { throw RecorderError(path: path, code: ENOBUFS) }
        // Where there is no thread, it is done.
        try check()
    }

    private final class File: Sendable {
        private let descriptor: CInt

        init(_ path: String) throws(RecorderError) {
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw RecorderError(path: path, code: errno) }
        }

        deinit { close(descriptor) }

        func write(_ bytes: [UInt8]) -> Int32 { BlockingWrite.all(bytes, to: descriptor) }
    }
}
