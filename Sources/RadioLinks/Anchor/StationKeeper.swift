import IEEE80211
import SessionCore

/// Holds a radio and has stations, for which the kernel or the card chooses the rates (`RAT-2`).
protocol StationKeeper: AnyObject {
    /// Has stations for these radios and no others. One for which the driver has no room is left out.
    func setPeers(_ radios: [PeerRadio]) throws(RadioError)
    /// Adds a peer's station anew: somebody let the kernel take it for asleep (`RAT-4`). After too many of these it has none for a while.
    func slept(_ address: MACAddress, at now: MonotonicInstant) throws(RadioError)
    /// Adds the stations again that had to go for a while, and for which that is over.
    func resume(at now: MonotonicInstant) throws(RadioError)
    /// The kernel's report of a station; `nil` when there is none.
    func report(of address: MACAddress) -> StationReport?
}
