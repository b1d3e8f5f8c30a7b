import Glibc

/// Why there is no interface for the host's traffic, with what to do about it.
public enum TAPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An interface of that name is there already.
    case nameTaken(interface: String)
    /// The kernel has no TUN/TAP driver, or its device file is missing.
    case driverMissing
    /// The process lacks CAP_NET_ADMIN.
    case permissionDenied(action: String)
    /// The interface was removed while it was in use.
    case interfaceGone(interface: String)
    /// The kernel does not let the interface have an IPv6 address.
    case version6Disabled(interface: String, address: String)
    /// The kernel refused something, with its `errno`.
    case refused(action: String, code: Int32)

    /// The cause, a semicolon, and the remedy.
    public var description: String { "\(cause); \(remedy)" }

    /// What is wrong.
    public var cause: String {
        switch self {
        case .nameTaken(let interface): "an interface \(interface) exists already"
        case .driverMissing: "this kernel has no TUN/TAP driver, or there is no /dev/net/tun"
        case .permissionDenied(let action): "this process may not \(action)"
        case .interfaceGone(let interface): "the interface \(interface) was removed"
        case .version6Disabled(let interface, let address):
            "can't give \(interface) the address \(address): IPv6 is switched off"
        case .refused(let action, let code): "can't \(action): \(String(cString: strerror(code)))"
        }
    }

    /// What the user can do about it.
    public var remedy: String {
        switch self {
        case .nameTaken(let interface):
            "choose another `name` in [interface], or remove it: ip link del \(interface)"
        case .driverMissing: "load it: modprobe tun; in a container, pass /dev/net/tun in"
        case .permissionDenied: "run relink as root, or give it CAP_NET_ADMIN and CAP_NET_RAW"
        case .interfaceGone: "start the agent again; it removes the interface itself when it ends"
        case .version6Disabled:
            "switch it on: sysctl net.ipv6.conf.default.disable_ipv6=0; or leave the address out of `addresses`"
        case .refused: "look at `ip address` for what is in the way, and at dmesg | tail"
        }
    }
}
