import HostInterface
import IEEE80211
import Logging
import RadioLinks
import SessionCore

/// Everything an agent has to know before it starts, checked.
public struct AgentConfiguration: Equatable, Sendable {
    /// What the core has to know.
    public var engine: EngineConfiguration
    /// How to make this device's links, in the order of the file; at least one.
    public var links: [MonitorRadioConfiguration]
    /// How to make the interface for the host's traffic; none when `nil`.
    public var host: TAPConfiguration?
    /// How frames to and from the peers are protected; all of them have a key, or none.
    public var security: SecurityMode
    /// The names that the user gave to peers, by MLD address.
    public var peerNames: [MACAddress: String]
    /// Where the control socket listens.
    public var controlPath: String
    /// What is logged.
    public var logLevel: Logger.Level
}
