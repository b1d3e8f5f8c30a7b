/// What the kernel tells about the radios and interfaces of this network namespace.
///
/// An interface is named by its index, which stays when it is renamed and is not used again soon after it is removed.
public enum RadioEvent: Equatable, Sendable {
    /// The interface was set down, by somebody or by rfkill.
    case interfaceDown(index: UInt32, name: String)
    /// The interface is up, again or for the first time. It may be told when nothing changed.
    case interfaceUp(index: UInt32, name: String)
    /// The interface was removed, by somebody or with its radio.
    case interfaceRemoved(index: UInt32, name: String)
    /// The radio appeared: its driver was loaded, it was plugged in, or moved to this network namespace.
    case wiphyAdded(name: String)
    /// The radio disappeared: unplugged, its driver unloaded, or moved to another network namespace.
    case wiphyRemoved(name: String)
    /// The interface is on another channel now, in MHz.
    case channelChanged(index: UInt32, frequency: UInt16)
    /// The kernel stopped an access point, such as after a change of the regulatory domain.
    case accessPointStopped(index: UInt32)
    /// An interface that is up lost its carrier: its access point was stopped, or it left its IBSS. It is told with a delay of up
    /// to 1 s.
    case carrierLost(index: UInt32, name: String)
    /// A station of an access point was removed: with the access point, or by somebody, this process included.
    case stationRemoved(index: UInt32)
    /// What the regulatory domain allows changed: a channel may be forbidden now, or allowed.
    case regulatoryDomainChanged
    /// A radio was switched off or on by rfkill; which one is not told.
    case switchChanged
    /// The kernel had more to tell than this program read in time: events are missing, so look at everything again.
    case eventsLost
}

extension RadioEvent {
    /// The interface that the event is about; `nil` when it is about a radio or about everything.
    public var interfaceIndex: UInt32? {
        switch self {
        case .interfaceDown(let index, _), .interfaceUp(let index, _), .interfaceRemoved(let index, _),
            .channelChanged(let index, _), .accessPointStopped(let index), .carrierLost(let index, _),
            .stationRemoved(let index):
            index
        case .wiphyAdded, .wiphyRemoved, .regulatoryDomainChanged, .switchChanged, .eventsLost: nil
        }
    }
}
