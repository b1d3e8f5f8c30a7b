/// Why talking to an agent fails. The description says it to a person, with the remedy.
public enum ControlError: Error, Equatable, Sendable {
    /// Nothing listens at the path.
    case notRunning(path: String)
    /// The socket belongs to somebody else (root, mostly).
    case permissionDenied(path: String)
    /// An agent that lives listens at the path already.
    case alreadyRunning(path: String)
    /// A file that is no socket is in the way.
    case notASocket(path: String)
    /// The path does not fit a socket address (`ControlLimits.pathLength`).
    case pathTooLong(path: String)
    /// The agent speaks another version.
    case versionNotSupported(Int)
    /// The agent refuses, with its reason.
    case refused(String)
    /// What came is no message.
    case malformed
    /// Nothing greets for seconds.
    case silent(path: String)
    /// The agent ends.
    case stopping
    /// The connection was cut without a farewell.
    case cut
    /// A system call failed otherwise; the number is errno's.
    case system(operation: String, path: String, code: Int32)
}

extension ControlError: CustomStringConvertible {
    /// What is wrong; what to do.
    public var description: String {
        switch self {
        case .notRunning(let path):
            "no agent listens at \(path); start one with \"relink run CONFIG\", or name its socket with --control PATH"
        case .permissionDenied(let path):
            "permission to use \(path) denied; run this as root, or as the user that runs the agent"
        case .alreadyRunning(let path):
            "an agent listens at \(path) already; stop it, or give this one another path with the key \"control\""
        case .notASocket(let path):
            "\(path) is in the way and is no socket; remove it, or use another path with the key \"control\""
        case .pathTooLong(let path):
            "\(path) is too long for a socket; use a path of at most \(ControlLimits.pathLength) octets"
        case .versionNotSupported(let version):
            "the agent speaks version \(version) of the control protocol, this program version \(ControlLimits.version); "
                + "use the same release of relink for both"
        case .refused(let reason): "the agent refuses: \(reason)"
        case .malformed: "what listens there does not speak relink's control protocol; check the path"
        case .silent(let path):
            "what listens at \(path) says nothing: it is no agent, or one that still makes its radios; try again, or check the path"
        case .stopping: "the agent ends; ask again when it runs"
        case .cut:
            "the connection was cut: the agent was killed, or it dropped this reader because it read too slowly; "
                + "see the agent's log"
        case .system(let operation, let path, let code):
            "\(operation) of \(path) failed: \(SystemError.text(code)); make its folder, or use another path with the key \"control\""
        }
    }
}
