import Glibc

/// The few steps that both ends of a unix stream socket have in common.
public enum UnixSocket {
    /// Makes a stream socket that no child process inherits.
    /// - Parameter isBlocking: Whether calls on it wait.
    /// - Throws: `ControlError.system`.
    public static func make(isBlocking: Bool, path: String) throws(ControlError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, isBlocking ? type : type | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .system(operation: "socket", path: path, code: errno) }
        return descriptor
    }

    /// Calls `body` with the socket address of `path`, and gives back what it gives back.
    /// - Throws: `ControlError.pathTooLong`.
    public static func withAddress(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(ControlError) -> CInt {
        guard path.utf8.count <= ControlLimits.pathLength else { throw .pathTooLong(path: path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}

/// What errno says, in words.
public enum SystemError {
    /// The text for an errno number, as strerror(3) has it.
    public static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
