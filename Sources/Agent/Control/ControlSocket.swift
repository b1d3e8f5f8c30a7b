import ControlProtocol
import Glibc

/// The file system's side of a control socket: makes it so that only its owner can use it, and removes it at the end.
struct ControlSocket: ~Copyable {
    /// The listening socket, non-blocking.
    let descriptor: CInt
    private let path: String
    private let identity: FileIdentity?
    private let madeDirectory: String?

    private struct FileIdentity: Equatable {
        var device: dev_t
        var file: ino_t
        init?(_ path: String) {
            var information = stat()
            guard lstat(path, &information) == 0 else { return nil }
            device = information.st_dev
            file = information.st_ino
        }
    }

    /// Makes the directory if it is missing (one level), takes the place of a dead agent's socket, and listens.
    /// - Throws: `ControlError.alreadyRunning` when an agent listens there, `.notASocket`, `.permissionDenied`, `.system`.
    init(path: String) throws(ControlError) {
        guard path.utf8.count <= ControlLimits.pathLength else { throw .pathTooLong(path: path) }
        let directory = Self.directory(of: path)
        let isNew = mkdir(directory, 0o755) == 0
        // Two agents that start at once must not take each other for dead: one at a time looks and binds.
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw Self.error("open", directory, errno) }
        defer { close(lock) }
        flock(lock, LOCK_EX)
        try Self.removeDeadSocket(at: path)
        let descriptor = try UnixSocket.make(isBlocking: false, path: path)
        do throws(ControlError) {
            try Self.listen(on: descriptor, at: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        identity = FileIdentity(path)
        madeDirectory = isNew ? directory : nil
    }

    /// Removes the socket, unless somebody put another in its place, and the directory if it was made here and is empty.
    deinit {
        close(descriptor)
        if identity != nil, identity == FileIdentity(path) { unlink(path) }
        if let madeDirectory { rmdir(madeDirectory) }
    }

    /// The connection of the next client, non-blocking; -1, with errno set, when there is none.
    func accept() -> CInt {
        let client = Glibc.accept(descriptor, nil, nil)
        guard client >= 0 else { return client }
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        return client
    }

    private static func listen(on descriptor: CInt, at path: String) throws(ControlError) {
        // The mode of the socket becomes that of the file, so that there is no moment when others could connect.
        guard fchmod(descriptor, 0o600) == 0 else { throw error("fchmod", path, errno) }
        let bound = try UnixSocket.withAddress(of: path) { bind(descriptor, $0, $1) }
        guard bound == 0 else { throw error("bind", path, errno) }
        guard Glibc.listen(descriptor, 16) == 0 else { throw error("listen", path, errno) }
    }

    private static func removeDeadSocket(at path: String) throws(ControlError) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = try UnixSocket.make(isBlocking: false, path: path)
        defer { close(probe) }
        let connected = try UnixSocket.withAddress(of: path) { connect(probe, $0, $1) }
        switch (connected, errno) {
        case (0, _), (_, EAGAIN): throw .alreadyRunning(path: path)
        case (_, ECONNREFUSED): break
        case (_, let code): throw error("connect", path, code)
        }
        guard unlink(path) == 0 else { throw error("unlink", path, errno) }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func error(_ operation: String, _ path: String, _ code: Int32) -> ControlError {
        switch code {
        case EACCES, EPERM, EROFS: .permissionDenied(path: path)
        default: .system(operation: operation, path: path, code: code)
        }
    }
}
