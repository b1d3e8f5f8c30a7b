import ControlProtocol
import Glibc

/// Standard error, one line at a time.
enum StandardError {
    /// Writes a line.
    static func write(_ line: String) { writeAll(Array("\(line)\n".utf8), to: STDERR_FILENO) }
}

/// Standard output, unbuffered: what is written can be read at once. A reader that goes away is its own affair; but what can't be
/// written, since a disk is full, ends the program with status 1: nobody must take half of it for all.
enum StandardOutput {
    /// Writes a line.
    static func write(_ line: String) { write(Array("\(line)\n".utf8)) }

    /// Writes octets as they are.
    static func write(_ octets: [UInt8]) {
        let code = write(checked: octets)
        guard code != 0, code != EPIPE else { return }
        StandardError.write("relink: standard output: \(SystemError.text(code))")
        exit(EXIT_FAILURE)
    }

    /// Writes octets to another file.
    ///
    /// - Returns: the `errno` of what went wrong, or 0.
    static func write(_ octets: [UInt8], to descriptor: CInt) -> CInt { writeAll(octets, to: descriptor) }

    /// Writes octets as they are.
    ///
    /// - Returns: the `errno` of what went wrong, or 0.
    static func write(checked octets: [UInt8]) -> CInt { writeAll(octets, to: STDOUT_FILENO) }
}

@discardableResult
private func writeAll(_ octets: [UInt8], to descriptor: CInt) -> CInt {
    var written = 0
    while written < octets.count {
        let count = octets[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count >= 0 {
            written += count
        } else if errno == EAGAIN {
            // Whoever shares it has made it non-blocking.
            var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&waited, 1, -1)
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}
