import ControlProtocol
import Glibc

/// Standard error, one line at a time.
enum StandardError {
    /// Writes a line.
    static func write(_ line: String) { _ = BlockingWrite.all(Array("\(line)\n".utf8), to: STDERR_FILENO) }
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
    static func write(_ octets: [UInt8], to descriptor: CInt) -> CInt { BlockingWrite.all(octets, to: descriptor) }

    /// Writes octets as they are.
    ///
    /// - Returns: the `errno` of what went wrong, or 0.
    static func write(checked octets: [UInt8]) -> CInt { BlockingWrite.all(octets, to: STDOUT_FILENO) }
}
