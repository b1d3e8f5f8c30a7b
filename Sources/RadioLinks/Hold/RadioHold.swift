import IEEE80211
import SessionCore

/// A radio that is held on the channel of its link by interfaces that this made; they go with it.
protocol RadioHold: AnyObject {
    /// The monitor interface, through which frames go out and come in.
    var monitorIndex: UInt32 { get }
    /// The interface beside the monitor that keeps the radio on its channel, where there is one.
    var companionIndex: UInt32? { get }
    /// The link's address, as the monitor has it.
    var address: MACAddress { get }
    /// The monitor's MTU; it counts the radiotap header.
    var mtu: UInt32 { get }
    /// The keeper of its stations; `nil` where it has none.
    var stationKeeper: (any StationKeeper)? { get }
    /// The channel that the kernel says the radio is on, in MHz.
    func frequencyReadBack() throws(RadioError) -> UInt16?
    /// True if the monitor is up.
    func isMonitorUp() throws(RadioError) -> Bool
    /// Throws unless all interfaces are there, up, with the link's address, and the radio is on its channel.
    func check() throws(RadioError)
    /// Brings the radio back to its channel, by interfaces that are up again or that somebody changed.
    ///
    /// - Parameter settingUp: sets the interfaces up first.
    func restore(settingUp: Bool) throws(RadioError)
}

extension RadioHold {
    var stationKeeper: (any StationKeeper)? { nil }
}

/// Holds a radio by a plain monitor alone.
final class PlainHold: RadioHold {
    private let monitor: OwnedInterface
    private let frequency: UInt16
    let address: MACAddress
    let mtu: UInt32

    private init(_ monitor: consuming OwnedInterface, _ state: LinkState, frequency: UInt16) {
        self.monitor = monitor
        self.frequency = frequency
        (address, mtu) = (state.address, state.mtu)
    }

    static func make(_ order: HoldOrder, notes: inout [String]) throws(RadioError) -> PlainHold {
        let monitor = try OwnedInterface(monitorFor: order, active: false)
        let state = try monitor.configure(order.configuration, notes: &notes)
        return PlainHold(monitor, state, frequency: order.configuration.frequency)
    }

    var monitorIndex: UInt32 { monitor.index }
    var companionIndex: UInt32? { nil }
    func frequencyReadBack() throws(RadioError) -> UInt16? { try monitor.frequency() }
    func isMonitorUp() throws(RadioError) -> Bool { try monitor.state().isUp }

    func check() throws(RadioError) {
        try monitor.checkUp(address)
        try monitor.checkChannel(frequency)
    }

    func restore(settingUp: Bool) throws(RadioError) {
        if settingUp { try monitor.setUp(frequency: frequency) }
        try monitor.checkUp(address)
        try monitor.setChannel(frequency)
        try monitor.checkChannel(frequency)
    }
}

/// Holds a radio by an active monitor beside a plain one, the *tuner*.
///
/// From Linux 6.9 on, setting the channel of an active monitor tunes nothing, and reads back all the same (net/mac80211/cfg.c,
/// `ieee80211_set_monitor_channel`); what is tuned is the virtual monitor behind a plain one that was set up before.
final class ActiveHold: RadioHold {
    // The monitor goes before the tuner.
    private let monitor: OwnedInterface
    private let tuner: OwnedInterface
    private let frequency: UInt16
    let address: MACAddress
    let mtu: UInt32

    private init(
        _ monitor: consuming OwnedInterface, tuner: consuming OwnedInterface, _ state: LinkState, frequency: UInt16
    ) {
        self.monitor = monitor
        self.tuner = tuner
        self.frequency = frequency
        (address, mtu) = (state.address, state.mtu)
    }

    static func make(_ order: HoldOrder, notes: inout [String]) throws(RadioError) -> ActiveHold {
        let configuration = order.configuration
        let tuner = try OwnedInterface(
            monitor: configuration.companion, on: order.wiphy, active: false, control: order.control)
        try tuner.mark()
        try tuner.setUp(frequency: configuration.frequency)
        try tuner.setChannel(configuration.frequency)
        // Before Linux 6.9 the virtual monitor of a driver without channel contexts stays on the channel on which it was made.
        try tuner.setDown()
        try tuner.setUp(frequency: configuration.frequency)
        let monitor = try OwnedInterface(monitorFor: order, active: true)
        let state = try monitor.configure(configuration, notes: &notes)
        return ActiveHold(monitor, tuner: tuner, state, frequency: configuration.frequency)
    }

    var monitorIndex: UInt32 { monitor.index }
    var companionIndex: UInt32? { tuner.index }
    func frequencyReadBack() throws(RadioError) -> UInt16? { try tuner.frequency() }
    func isMonitorUp() throws(RadioError) -> Bool { try monitor.state().isUp }

    func check() throws(RadioError) {
        try tuner.checkUp(nil)
        try monitor.checkUp(address)
        try tuner.checkChannel(frequency)
    }

    func restore(settingUp: Bool) throws(RadioError) {
        if settingUp {
            try tuner.setUp(frequency: frequency)
            try monitor.setUp(frequency: frequency)
        }
        try tuner.checkUp(nil)
        try monitor.checkUp(address)
        try tuner.setChannel(frequency)
        try check()
    }
}

/// Holds a radio by an anchor beside a plain monitor.
final class AnchoredHold: RadioHold {
    // The anchor goes before the monitor.
    private let anchor: Anchor
    private let monitor: OwnedInterface
    private let frequency: UInt16
    let address: MACAddress
    let mtu: UInt32

    /// The stations to have. The address that nobody has is one of them, since the kernel reports at once that a station is removed, as
    /// when somebody stops the access point, which it does not report itself.
    private var stations: StationTable

    private init(
        _ monitor: consuming OwnedInterface, anchor: consuming Anchor, _ state: LinkState, _ order: HoldOrder
    ) {
        stations = StationTable(band: anchor.band, absentAddress: order.absentAddress)
        self.monitor = monitor
        self.anchor = anchor
        frequency = order.configuration.frequency
        (address, mtu) = (state.address, state.mtu)
    }

    /// The monitor is up and tuned first: then the radio stays on the channel when the anchor goes down.
    static func make(
        _ kind: Anchor.Kind, _ order: HoldOrder, notes: inout [String]
    ) throws(RadioError) -> AnchoredHold {
        let monitor = try OwnedInterface(monitorFor: order, active: false)
        let state = try monitor.configure(order.configuration, notes: &notes)
        let anchor = try Anchor(kind, order, address: state.address, notes: &notes)
        let hold = AnchoredHold(monitor, anchor: anchor, state, order)
        try hold.anchor.start(hold.stations.stations)
        return hold
    }

    var stationKeeper: (any StationKeeper)? { anchor.hasStations ? self : nil }

    var monitorIndex: UInt32 { monitor.index }
    var companionIndex: UInt32? { anchor.index }
    func frequencyReadBack() throws(RadioError) -> UInt16? { try anchor.frequency() }
    func isMonitorUp() throws(RadioError) -> Bool { try monitor.state().isUp }

    func check() throws(RadioError) {
        try monitor.checkUp(address)
        try anchor.check()
        guard anchor.hasStations else { return }
        // Somebody may have removed one.
        for station in stations.stations where anchor.report(of: station.address) == nil { try anchor.add(station) }
    }

    func restore(settingUp: Bool) throws(RadioError) {
        if settingUp { try monitor.setUp(frequency: frequency) } else { try anchor.checkUp() }
        try monitor.checkUp(address)
        // While an anchor runs, a monitor can't be tuned; and one that runs elsewhere has to start again.
        try anchor.stop()
        try monitor.setChannel(frequency)
        try anchor.start(stations.stations)
    }
}

extension AnchoredHold: StationKeeper {
    func setPeers(_ radios: [PeerRadio]) throws(RadioError) { try apply(stations.replace(by: radios)) }

    func slept(_ address: MACAddress, at now: MonotonicInstant) throws(RadioError) {
        try apply(stations.slept(address, at: now))
    }

    func resume(at now: MonotonicInstant) throws(RadioError) { try apply(stations.pauseEnded(at: now)) }

    func report(of address: MACAddress) -> StationReport? { anchor.report(of: address) }

    private func apply(_ change: StationTable.Change) throws(RadioError) {
        for address in change.removed { try anchor.remove(address) }
        for station in change.added { try anchor.add(station) }
    }
}
