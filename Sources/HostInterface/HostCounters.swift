/// What happened to Ethernet frames between the host and the peers.
public struct HostCounters: Equatable, Sendable {
    /// Frames that the host sent.
    public var fromHost: UInt64 = 0
    /// Frames handed to the host.
    public var toHost: UInt64 = 0
    /// From the host: too short for a header, or too long for a payload.
    public var malformed: UInt64 = 0
    /// From the host: sent under an address other than this device's.
    public var foreignSource: UInt64 = 0
    /// From the host: for an address that no peer has.
    public var noSuchPeer: UInt64 = 0
    /// From a peer: not an Ethernet frame.
    public var malformedFromPeer: UInt64 = 0
    /// From a peer: sent under an address other than the peer's.
    public var spoofed: UInt64 = 0
    /// From a peer: for an address other than this device's.
    public var misdirected: UInt64 = 0
    /// To the host: the interface had no room just then, or was down.
    public var hostBusy: UInt64 = 0

    /// All zero.
    public init() {}
}
