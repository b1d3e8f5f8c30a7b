import Glibc

/// Writes to descriptors, however long that takes.
public enum BlockingWrite {
    /// Writes all of some bytes.
    ///
    /// - Returns: the `errno` of what went wrong, or 0.
    public static func all(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Another program that has it open made it non-blocking.
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
