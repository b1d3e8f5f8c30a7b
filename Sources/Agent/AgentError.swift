import ControlProtocol
import EventLoop
import HostInterface
import RadioLinks

/// Why an agent can't start or go on. Radios that are missing or vanish are no such reason.
public enum AgentError: Error, CustomStringConvertible {
    /// The control socket can't be made.
    case control(ControlError)
    /// The loop can't wait.
    case loop(EventLoopError)
    /// Radios can't be used at all by this process, or the kernel does not tell about them.
    case radio(RadioError)
    /// The interface for the host's traffic can't be made.
    case host(TAPError)

    /// The cause and the remedy.
    public var description: String {
        switch self {
        case .control(let error): error.description
        case .loop(let error): error.description
        case .radio(let error): error.description
        case .host(let error): error.description
        }
    }
}
