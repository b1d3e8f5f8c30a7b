import CNetlink
import Glibc
import IEEE80211

/// Owns a monitor interface that this program made, and removes it at the end of its life.
struct MonitorInterface: ~Copyable {
    let control: RadioControl
    let wiphy: Wiphy
    let index: UInt32
    let name: String

    /// Makes the interface; it is down.
    init(_ name: String, on wiphy: Wiphy, active: Bool, control: RadioControl) throws(RadioError) {
        self.control = control
        self.wiphy = wiphy
        self.name = name
        index = try control.makeMonitor(name, on: wiphy, active: active).index
    }

    deinit {
        // Nobody is left to tell; the next agent removes what has our mark.
        try? control.remove(index, name: name)
    }

    /// Marks the interface as ours, sets address, MTU and channel and the interface up, and returns what it is then. An
    /// MTU that the driver refuses is left as it is; everything else must be as wanted.
    borrowing func configure(
        _ configuration: MonitorRadioConfiguration, notes: inout [String]
    ) throws(RadioError) -> LinkState {
        try control.setAlias(index, name: name, InterfaceMark.own)
        if let address = configuration.address {
            do { try control.setAddress(index, name: name, address) } catch {
                guard case .refused = error else { throw error }
                let found = try control.linkState(index, name: name).address
                throw .addressNotKept(interface: name, wanted: address, found: found)
            }
        }
        do { try control.setMTU(index, name: name, configuration.mtu) } catch {
            guard case .refused = error else { throw error }
            notes.append("\(error.cause); longer frames than its own MTU allows will be refused")
        }
        try setUp(frequency: configuration.frequency)
        try setChannel(configuration.frequency)
        let state = try control.linkState(index, name: name)
        if let address = configuration.address, address != state.address {
            throw .addressNotKept(interface: name, wanted: address, found: state.address)
        }
        try checkChannel(configuration.frequency)
        return state
    }

    /// Throws unless the interface is on this channel.
    borrowing func checkChannel(_ frequency: UInt16) throws(RadioError) {
        let found = try control.interface(index, name: name).frequency
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

    private borrowing func setUp(frequency: UInt16) throws(RadioError) {
        do { try control.setUp(index, name: name) } catch { throw try explained(error, frequency: frequency) }
    }

    /// The error that says more than the kernel's number does.
    private borrowing func explained(_ error: RadioError, frequency: UInt16) throws(RadioError) -> RadioError {
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
    /// Removes an interface of this name on this radio that an agent made and did not remove; tells whether there was
    /// one. One whose agent lives is left alone: `radioHeld`.
    func removeLeftOver(_ name: String, on wiphy: Wiphy) throws(RadioError) -> Bool {
        guard let interface = try interfaces().first(where: { $0.name == name }) else { return false }
        let state = try linkState(interface.index, name: name)
        guard interface.isMonitor, interface.wiphy == wiphy.index, InterfaceMark.isMark(state.alias) else {
            throw .interfaceNameTaken(interface: name)
        }
        guard !InterfaceMark.hasLivingOwner(state.alias) else {
            throw .radioHeld(wiphy: wiphy.name, holders: try interfaces(of: wiphy).filter { $0.name == name })
        }
        try remove(interface.index, name: name)
        return true
    }
}
