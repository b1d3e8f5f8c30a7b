import IEEE80211

/// How to make the interface through which the host's traffic comes.
public struct TAPConfiguration: Equatable, Sendable {
    /// Its name, `1 ... 15` octets.
    public var name: String
    /// The largest IP packet, in octets: `FrameSizes.smallestMTU ... FrameSizes.largestMTU`.
    public var mtu: UInt32
    /// Its IP addresses.
    public var addresses: [InterfaceAddress]

    /// The name when no other is wanted.
    public static let defaultName = "relink0"

    /// Makes a configuration.
    public init(
        name: String = defaultName, mtu: UInt32 = UInt32(FrameSizes.defaultMTU), addresses: [InterfaceAddress] = []
    ) {
        self.name = name
        self.mtu = mtu
        self.addresses = addresses
    }
}
