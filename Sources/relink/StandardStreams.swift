import Glibc

/// Standard error, one line at a time.
enum StandardError {
    /// Writes a line.
    static func write(_ line: String) { writeAll(Array("\(line)\n".utf8), to: STDERR_FILENO) }
}

/// Standard output, unbuffered: what is written can be read at once.
enum StandardOutput {
    /// Writes a line.
    static func write(_ line: String) { write(Array("\(line)\n".utf8)) }

    /// Writes octets as they are.
    static func write(_ octets: [UInt8]) { writeAll(octets, to: STDOUT_FILENO) }

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
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}
