/// The numbers that both ends of the control socket keep to.
public enum ControlLimits {
    /// The version of what travels over the control socket. It grows when an older reader would misunderstand.
    public static let version = 1
    /// The longest request line in octets, the line feed included. A client that sends more is dropped.
    public static let requestLength = 4096
    /// The longest line in octets that an agent sends. A reader that meets a longer one gives up.
    public static let messageLength = 1 << 20
    /// The longest path of a control socket in octets (`sun_path` of unix(7), without the final NUL).
    public static let pathLength = 107
    /// Where the agent listens when nothing else is said.
    public static let defaultPath = "/run/relink/relink.sock"
}
