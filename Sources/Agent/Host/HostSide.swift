import EventLoop
import HostInterface
import IEEE80211

/// The host's side of the agent: the interface while there is one, the rules of forwarding, and what was counted.
final class HostSide {
    let configuration: TAPConfiguration
    // Every frame comes by here. No access to these can overlap another, so it need not be looked for at run time: they are used by
    // one thread, and neither the rules nor the counters call anybody.
    @exclusivity(unchecked) var forwarding: EthernetForwarding
    @exclusivity(unchecked) var counters = HostCounters()
    @exclusivity(unchecked) var port: (any HostPort)?
    var token: EventLoop.Token?
    /// What became of the interface, once it is gone.
    var problem: TAPError?
    /// Whether the host has to wait: sessions hold as much as they may.
    var isPaused = false
    /// What the interface was told last.
    var carrier = false

    init(configuration: TAPConfiguration, forwarding: EthernetForwarding) {
        self.configuration = configuration
        self.forwarding = forwarding
    }
}
