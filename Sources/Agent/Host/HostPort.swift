import HostInterface
import IEEE80211

/// Where the host's Ethernet frames come from and go to.
protocol HostPort: AnyObject {
    /// Readable while there is something to receive.
    var readinessDescriptor: CInt { get }
    /// Takes at most `limit` frames that the host sends, without waiting.
    /// - Returns: how many there were.
    func receive(limit: Int, _ handler: (Span<UInt8>) -> Void) throws(TAPError) -> Int
    /// Hands a frame to the host, without waiting.
    func deliver(_ frame: Span<UInt8>) throws(TAPError) -> TAPInterface.Delivery
    /// Says whether anybody can be reached.
    func setCarrier(_ carrier: Bool)
    /// Removes what was made. The port is of no use after it.
    func close()
}

extension TAPInterface: HostPort {}

/// Makes the interface that a configuration describes, with this device's MLD MAC address.
typealias HostPortMaker = (TAPConfiguration, MACAddress) throws(TAPError) -> any HostPort
