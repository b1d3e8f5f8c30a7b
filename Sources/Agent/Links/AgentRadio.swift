import RadioLinks

/// A link that the agent made and closes again.
protocol AgentRadio: RadioLink {
    /// The kernel's index of the interface, by which `RadioEvent` names it.
    var interfaceIndex: UInt32 { get }
    /// Whether the interface is an active monitor, so that the radio acknowledges frames to its address.
    var isActive: Bool { get }
    /// Removes what was made. The link is of no use after it.
    func close()
}

/// Where the agent hears what the kernel tells about radios.
protocol RadioEventSource: AnyObject {
    /// Readable while there is something to receive.
    var readinessDescriptor: CInt { get }
    /// Hands over all that there is, and never waits.
    func receive(_ handler: (RadioEvent) -> Void)
}

/// Makes the link that a configuration describes.
typealias RadioMaker = (MonitorRadioConfiguration) throws(RadioError) -> any AgentRadio
