import CNetlink
import Glibc
import IEEE80211

/// Holds a radio beside a plain monitor: an interface with the link's address that is an access point, or in an IBSS, and
/// serves nobody. Its radio acknowledges what is sent to that address; and the kernel sends what is injected with that transmitter
/// address through this interface, on its channel (net/mac80211/tx.c, `ieee80211_monitor_start_xmit`).
struct Anchor: ~Copyable {
    /// The kind of interface.
    enum Kind: Equatable {
        case accessPoint
        case ibss
    }

    private let interface: OwnedInterface
    private let kind: Kind
    private let beacon: AnchorBeacon
    /// The radio's capabilities in the band.
    let band: WiphyBand

    /// Below the least MTU of IPv6 (RFC 8200, 5), so that the kernel has no IPv6 here; frames that are injected do not mind.
    private static let mtu: UInt32 = 256
    /// In milliseconds: joining an IBSS may take a scan.
    private static let joiningTime = 3000

    /// Makes the interface, down, on which the host sends nothing.
    init(
        _ kind: Kind, _ order: HoldOrder, address: MACAddress, notes: inout [String]
    ) throws(RadioError) {
        let type = kind == .accessPoint ? NL80211_IFTYPE_AP : NL80211_IFTYPE_ADHOC
        let (name, control) = (order.configuration.companion, order.control)
        let interface = try OwnedInterface(name, type: type, on: order.wiphy, control: control)
        try interface.mark()
        try interface.setAddress(address)
        try control.keepFromHost(interface.index, name: name, mtu: Self.mtu, notes: &notes)
        let frequency = order.configuration.frequency
        let band = order.wiphy.band(at: frequency) ?? WiphyBand(at: frequency)
        beacon = AnchorBeacon(address: address, frequency: frequency, band: band)
        self.band = band
        self.kind = kind
        self.interface = interface
    }

    /// The kernel's number of the interface.
    var index: UInt32 { interface.index }
    /// True if it can have stations.
    var hasStations: Bool { kind == .accessPoint }
    private var control: RadioControl { interface.control }

    /// Sets the interface up and lets it beacon, with these stations where it can have any. The driver must have room for the first.
    borrowing func start(_ stations: [AnchorStation]) throws(RadioError) {
        try interface.setUp(frequency: beacon.frequency)
        do throws(RadioError) {
            switch kind {
            case .accessPoint:
                try control.startAccessPoint(index, name: interface.name, beacon)
                if let first = stations.first { try control.addStation(index, name: interface.name, first) }
                for station in stations.dropFirst() { try add(station) }
            case .ibss:
                try control.joinIBSS(index, name: interface.name, beacon)
                try waitUntilJoined()
            }
        } catch {
            throw try interface.explained(error, frequency: beacon.frequency)
        }
        try check()
    }

    /// Sets the interface down: the access point stops, with its stations, or leaves the IBSS.
    borrowing func stop() throws(RadioError) { try interface.setDown() }

    /// Adds a station, if the driver has room for it.
    borrowing func add(_ station: AnchorStation) throws(RadioError) {
        do { try control.addStation(index, name: interface.name, station) } catch {
            guard case .refused = error else { throw error }
        }
    }

    /// Removes a station.
    borrowing func remove(_ address: MACAddress) throws(RadioError) {
        try control.removeStation(index, name: interface.name, address)
    }

    /// The kernel's report of a station; `nil` when there is none.
    borrowing func report(of address: MACAddress) -> StationReport? { control.station(index, address) }

    /// The channel that it is on, in MHz; `nil` when it does not run.
    borrowing func frequency() throws(RadioError) -> UInt16? { try interface.frequency() }

    /// Throws unless the interface is up.
    borrowing func checkUp() throws(RadioError) { try interface.checkUp(nil) }

    /// Throws unless it runs, with the link's address, on the link's channel.
    borrowing func check() throws(RadioError) {
        try interface.checkUp(beacon.address)
        guard try frequency() != nil else { throw .anchorStopped(interface: interface.name) }
        try interface.checkChannel(beacon.frequency)
    }

    private borrowing func waitUntilJoined() throws(RadioError) {
        for _ in 0..<Self.joiningTime / 10 {
            if try frequency() != nil { return }
            usleep(10_000)
        }
        throw .refused(action: "join an IBSS on \(interface.name)", code: ETIMEDOUT)
    }
}

extension RadioControl {
    /// Keeps the host from using an interface: without IPv6, and dormant, which for programs that look for addresses is without a
    /// carrier (Documentation/networking/operstates.rst).
    fileprivate func keepFromHost(
        _ index: UInt32, name: String, mtu: UInt32, notes: inout [String]
    ) throws(RadioError) {
        do throws(RadioError) {
            try setDormant(index, name: name)
            try setMTU(index, name: name, mtu)
        } catch {
            guard case .refused = error else { throw error }
            notes.append("\(error.cause); the host may send through it")
        }
    }
}
