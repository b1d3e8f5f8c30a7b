import Glibc

/// An IP address of the interface with the prefix length of its network, as `ip address add` takes it: "10.0.0.1/24".
public struct InterfaceAddress: Hashable, Sendable, LosslessStringConvertible {
    /// The version of IP.
    public enum Family: Hashable, Sendable {
        /// 4 octets.
        case ipv4
        /// 16 octets.
        case ipv6
    }

    /// The version of IP.
    public let family: Family
    /// The address, first octet first.
    public let octets: [UInt8]
    /// How many leading bits name the network: `0 ... 32` or `0 ... 128`.
    public let prefixLength: UInt8
    /// The text it was made of.
    public let description: String

    /// Parses an IPv4 or IPv6 address, a slash and the prefix length; `nil` for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].allSatisfy(\.isNumber), let length = UInt8(parts[1]) else { return nil }
        let family: Family = parts[0].contains(":") ? .ipv6 : .ipv4
        guard length <= (family == .ipv4 ? 32 : 128) else { return nil }
        var octets = [UInt8](repeating: 0, count: family == .ipv4 ? 4 : 16)
        guard inet_pton(family.number, String(parts[0]), &octets) == 1 else { return nil }
        self.family = family
        self.octets = octets
        prefixLength = length
        self.description = description
    }
}

extension InterfaceAddress.Family {
    /// What the kernel calls it.
    var number: CInt { self == .ipv4 ? AF_INET : AF_INET6 }
}
