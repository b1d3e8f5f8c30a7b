import Glibc

/// Lines for whoever started this.
enum Lines {
    /// Writes a line.
    static func write(_ line: String, to descriptor: CInt) { write(Array("\(line)\n".utf8), to: descriptor) }

    /// Writes octets; a reader who is gone is none of our business.
    static func write(_ octets: [UInt8], to descriptor: CInt) {
        var done = 0
        while done < octets.count {
            let count = octets[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return }
            done += max(count, 0)
        }
    }
}
