import ControlProtocol
import Glibc
import LinkSecurity

/// Writes the keys of frames to a file that only its owner may read, each as soon as it is there.
struct KeyLogWriter {
    let path: String
    private let writer: RecordingWriter

    /// Makes the file, which must not be there.
    init(path: String) throws(RecorderError) {
        self.path = path
        writer = try RecordingWriter(path: path)
        do throws(RecorderError) {
            try write(KeyLog.head)
            _ = try writer.finish(milliseconds: Agent.patience)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Waits until all is written, or until the agent has waited for long enough.
    ///
    /// - Returns: false if something is still to be written.
    func finish() throws(RecorderError) -> Bool { try writer.finish(milliseconds: Agent.patience) }

    /// Adds keys.
    func write(_ keys: [LoggedKey]) throws(RecorderError) {
        guard !keys.isEmpty else { return }
        try write(keys.map { $0.line + "\n" }.joined())
    }

    /// Adds what a recording is replayed with.
    func write(_ secrets: ReplaySecrets) throws(RecorderError) {
        try write("# What the recording is replayed with. Whoever has it can be this device:\n")
        try write(secrets.lines.map { $0 + "\n" }.joined())
    }

    private func write(_ text: String) throws(RecorderError) { try writer.write(Array(text.utf8)) }
}
