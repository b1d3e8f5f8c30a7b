import ControlProtocol
import Glibc
import LinkSecurity

/// Writes the keys of frames to a file that only its owner may read, each as soon as it is there.
struct KeyLogWriter: ~Copyable {
    let path: String
    private let descriptor: CInt

    /// Makes the file, which must not be there.
    init(path: String) throws(RecorderError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw RecorderError(path: path, code: errno) }
        do throws(RecorderError) { try write(KeyLog.head) } catch {
            unlink(path)
            throw error
        }
    }

    deinit { close(descriptor) }

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

    private func write(_ text: String) throws(RecorderError) {
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw RecorderError(path: path, code: errno) }
            octets = octets.dropFirst(count)
        }
    }
}
