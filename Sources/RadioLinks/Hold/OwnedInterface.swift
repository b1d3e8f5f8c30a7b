import CNetlink
import Glibc
import IEEE80211

/// Owns an interface that this program made, and removes it at the end of its life.
///
/// The kernel does so when the process ends in another way: it closes the socket by which the interface was made, its owner.
struct OwnedInterface: ~Copyable {
    let control: RadioControl
    let wiphy: Wiphy
    let index: UInt32
    let name: String

    /// Makes a monitor; it is down.
    init(monitor name: String, on wiphy: Wiphy, active: Bool, control: RadioControl) throws(RadioError) {
        self.control = control
        self.wiphy = wiphy
        self.name = name
        index = try control.makeMonitor(name, on: wiphy, active: active).index
    }

    /// Makes the monitor through which the frames of a link go.
    init(monitorFor order: HoldOrder, active: Bool) throws(RadioError) {
        try self.init(
            monitor: order.configuration.interface, on: order.wiphy, active: active, control: order.control)
    }

    /// Makes an interface of another type; it is down.
    init(_ name: String, type: nl80211_iftype, on wiphy: Wiphy, control: RadioControl) throws(RadioError) {
        self.control = control
        self.wiphy = wiphy
        self.name = name
        index = try control.makeInterface(name, on: wiphy, type: type).index
    }

    deinit {
        // Nobody is left to tell; the next agent removes what has our mark.
        try? control.remove(index, name: name)
    }

    /// Marks the monitor as ours, sets address, MTU and channel and the interface up, and returns what it is then. An
    /// MTU that the driver refuses is left as it is; everything else must be as wanted.
    borrowing func configure(
        _ configuration: MonitorRadioConfiguration, notes: inout [String]
    ) throws(RadioError) -> LinkState {
        try mark()
        if let address = configuration.address { try setAddress(address) }
        do { try control.setMTU(index, name: name, configuration.mtu) } catch {
            guard case .refused = error else { throw error }
            notes.append("\(error.cause); longer frames than its own MTU allows will be refused")
        }
        try setUp(frequency: configuration.frequency)
        try setChannel(configuration.frequency)
        let state = try state()
        if let address = configuration.address, address != state.address {
            throw .addressNotKept(interface: name, wanted: address, found: state.address)
        }
        try checkChannel(configuration.frequency)
        return state
    }

    /// Marks the interface as ours.
    borrowing func mark() throws(RadioError) { try control.setAlias(index, name: name, InterfaceMark.own) }

    /// Gives the interface, which is down, an address.
    borrowing func setAddress(_ address: MACAddress) throws(RadioError) {
        do { try control.setAddress(index, name: name, address) } catch {
            guard case .refused = error else { throw error }
            throw .addressNotKept(interface: name, wanted: address, found: try state().address)
        }
    }

    borrowing func state() throws(RadioError) -> LinkState { try control.linkState(index, name: name) }

    /// The channel that the kernel says the interface is on, in MHz.
    borrowing func frequency() throws(RadioError) -> UInt16? { try control.interface(index, name: name).frequency }

    /// Throws unless the interface is up and has this address, where it has to have one.
    borrowing func checkUp(_ address: MACAddress?) throws(RadioError) {
        let state = try state()
        guard state.isUp else { throw .interfaceDown(interface: name) }
        guard let address, address != state.address else { return }
        throw .addressNotKept(interface: name, wanted: address, found: state.address)
    }

    /// Throws unless the interface is on this channel.
    borrowing func checkChannel(_ frequency: UInt16) throws(RadioError) {
        let found = try self.frequency()
        guard found == frequency else {
            throw .channelNotKept(interface: name, wanted: frequency, found: found ?? 0)
        }
    }

    /// Puts the interface on a channel.
    borrowing func setChannel(_ frequency: UInt16) throws(RadioError) {
        do { try control.setChannel(index, name: name, frequency: frequency) } catch {
            throw try explained(error, frequency: frequency)
        }
    }

    /// Sets the interface up, which is to be on a channel.
    borrowing func setUp(frequency: UInt16) throws(RadioError) {
        do { try control.setUp(index, name: name) } catch { throw try explained(error, frequency: frequency) }
    }

    /// Sets the interface down.
    borrowing func setDown() throws(RadioError) { try control.setDown(index, name: name) }

    /// The error that says more than the kernel's number does.
    borrowing func explained(_ error: RadioError, frequency: UInt16) throws(RadioError) -> RadioError {
        switch error {
        case .refused(_, ERFKILL): .radioBlocked(wiphy: wiphy.name)
        case .refused(_, EBUSY):
            .channelBusy(wiphy: wiphy.name, frequency: frequency, interfaces: try otherInterfacesUp())
        default: error
        }
    }

    private borrowing func otherInterfacesUp() throws(RadioError) -> [String] {
        var names: [String] = []
        for interface in try control.interfaces() where interface.wiphy == wiphy.index && interface.index != index {
            if try control.linkState(interface.index, name: interface.name).isUp { names.append(interface.name) }
        }
        return names
    }
}

extension RadioControl {
    /// Removes the interfaces on a radio that agents made and did not remove, and returns their names. One of an agent that lives
    /// is left alone; under a name that is wanted it is an obstacle: `radioHeld`.
    func removeLeftOvers(on wiphy: Wiphy, wanting names: [String]) throws(RadioError) -> [String] {
        var removed: [String] = []
        for interface in try interfaces() where interface.wiphy == wiphy.index || names.contains(interface.name) {
            // It may be on its way out, with the process that owned it.
            guard let state = try? linkState(interface.index, name: interface.name) else { continue }
            let isWanted = names.contains(interface.name)
            guard interface.wiphy == wiphy.index, InterfaceMark.isMark(state.alias) else {
                if isWanted { throw .interfaceNameTaken(interface: interface.name) }
                continue
            }
            guard !InterfaceMark.hasLivingOwner(state.alias) else {
                guard isWanted else { continue }
                throw .radioHeld(
                    wiphy: wiphy.name, holders: try interfaces(of: wiphy).filter { $0.name == interface.name })
            }
            try remove(interface.index, name: interface.name)
            removed.append(interface.name)
        }
        return removed
    }
}
