import IEEE80211
import RadioLinks
import SessionCore

/// A link that the agent made and closes again.
protocol AgentRadio: RadioLink {
    /// The radio's name in the kernel.
    var wiphy: String { get }
    /// The radio's permanent address; `nil` where the kernel does not tell.
    var permanentAddress: MACAddress? { get }
    /// The kernel's index of the interface, by which `RadioEvent` names it.
    var interfaceIndex: UInt32 { get }
    /// The kernel's index of the interface that keeps the radio on its channel, where that is another one.
    var companionIndex: UInt32? { get }
    /// The way in which the radio is held.
    var way: RadioWay { get }
    /// What the user should know about how the link was made.
    var notes: [String] { get }
    /// Throws unless the link is still as it was made.
    func check() throws(RadioError)
    /// Whether rfkill switches the radio off now.
    var isSwitchedOff: Bool { get }
    /// Puts interfaces that are up again, or that somebody moved or stopped, back in order, or says why it can't; sets them up
    /// first when that is asked for.
    func restore(settingUp: Bool) throws(RadioError)
    /// Takes these radios for the peers' from now on.
    func setPeers(_ radios: [PeerRadio]) throws(RadioError)
    /// The kernel's report of a peer; `nil` where rates are not chosen for it.
    func report(of address: MACAddress) -> StationReport?
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

extension MonitorRadio: AgentRadio {}
extension RadioEvents: RadioEventSource {}
