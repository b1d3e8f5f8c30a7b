/// What `stat` says of a key file, as far as it decides whether the file may be used.
public struct KeyFilePermissions: Equatable, Sendable {
    /// `st_mode`: type and permission bits.
    public var mode: UInt32
    /// `st_uid`: the user who owns the file.
    public var owner: UInt32

    /// Takes over what `stat` said.
    public init(mode: UInt32, owner: UInt32) {
        self.mode = mode
        self.owner = owner
    }

    /// Fails unless this is a regular file that belongs to `user` (who runs the agent) or to root, and nobody else has
    /// any right to it.
    public func check(user: UInt32) throws(KeyFilePermissionError) {
        guard mode & 0o170000 == 0o100000 else { throw .notAFile }
        guard owner == user || owner == 0 else { throw .foreignOwner(owner) }
        guard mode & 0o077 == 0 else { throw .openToOthers(permissions: mode & 0o7777) }
    }
}

/// Why a key file is not safe to use.
public enum KeyFilePermissionError: Error, Equatable, Sendable {
    /// A directory, a device, or what else is no regular file.
    case notAFile
    /// It belongs to a user who is neither root nor the one who runs the agent.
    case foreignOwner(UInt32)
    /// Its group or everybody may read, write or execute it.
    case openToOthers(permissions: UInt32)

    /// For people: what is wrong with the file at `path`, and what to do.
    public func explanation(path: String) -> String {
        switch self {
        case .notAFile: "\(path) is not a file; name the key file itself"
        case .foreignOwner(let owner):
            "\(path) belongs to user \(owner), who could change it; run: chown root \(path)"
        case .openToOthers(let permissions):
            "\(path) is open to others (mode \(String(permissions, radix: 8))); run: chmod 600 \(path), and make a new key if anybody else may have read it"
        }
    }
}
