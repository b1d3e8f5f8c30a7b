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
        let code = BlockingWrite.all(Array(text.utf8), to: descriptor)
        guard code == 0 else {
            close(descriptor)
            unlink(path)
            return SystemError.text(code)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            close(descriptor)
            return SystemError.text(errno)
        }
        close(descriptor)
        return nil
    }
}
