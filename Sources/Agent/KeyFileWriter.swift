import ControlProtocol
import Glibc

/// Writes key files.
public enum KeyFileWriter {
    /// Writes a new file that only its owner may read.
    ///
    /// - Returns: what is wrong; `nil` when all is written.
    public static func write(_ text: String, to path: String) -> String? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return errno == EEXIST
                ? "it is there already; name another file, or remove it first" : SystemError.text(errno)
        }
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let problem = SystemError.text(errno)
                close(descriptor)
                unlink(path)
                return problem
            }
            octets = octets.dropFirst(count)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            close(descriptor)
            return SystemError.text(errno)
        }
        close(descriptor)
        return nil
    }
}
