import Glibc

/// Owns one file descriptor and closes it at the end of its life.
struct Descriptor: ~Copyable {
    /// The descriptor, for system calls; valid as long as the owner lives.
    let raw: CInt

    /// Takes ownership of what the system call `name` returned, which was -1 when it failed.
    init(_ raw: CInt, from name: StaticString) throws(EventLoopError) {
        guard raw >= 0 else { throw EventLoopError(call: name, code: errno) }
        self.raw = raw
    }

    deinit { close(raw) }
}

/// A system call under the loop failed: the process is out of descriptors or memory, or a descriptor can't be waited
/// for.
public struct EventLoopError: Error, CustomStringConvertible {
    /// The system call.
    public let call: String
    /// Its `errno`.
    public let code: CInt

    init(call: StaticString, code: CInt) {
        self.call = call.description
        self.code = code
    }

    /// What failed, why, and what to do about it.
    public var description: String {
        let remedy =
            switch code {
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
            case ENOSPC: "raise /proc/sys/fs/epoll/max_user_watches"
            case EPERM: "this kind of file can't be waited for; use a socket, pipe or device"
            default: "please report this with the output of `uname -a`"
            }
        return "\(call): \(String(cString: strerror(code))); \(remedy)"
    }
}
