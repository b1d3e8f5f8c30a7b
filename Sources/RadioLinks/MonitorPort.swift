import Glibc
import IEEE80211
import SessionCore

/// A monitor interface in working order with libpcap open on it.
struct MonitorPort: ~Copyable {
    let interface: MonitorInterface
    let capture: Capture
    let address: MACAddress
    /// Octets of the longest packet, radiotap header included.
    let mtu: UInt32

    /// Makes everything, and leaves nothing behind when it throws.
    static func open(
        _ configuration: MonitorRadioConfiguration, on wiphy: Wiphy, active: Bool, control: RadioControl,
        notes: inout [String]
    ) throws(RadioError) -> MonitorPort {
        let interface = try MonitorInterface(configuration.interface, on: wiphy, active: active, control: control)
        let state = try interface.configure(configuration, notes: &notes)
        let capture = try Capture(interface: configuration.interface)
        try capture.restrict(to: state.address)
        return MonitorPort(interface: interface, capture: capture, address: state.address, mtu: state.mtu)
    }

    /// Hands a packet to the kernel.
    borrowing func send(_ packet: [UInt8]) throws(RadioError) -> SendResult {
        let name = interface.name
        switch capture.send(packet) {
        case 0: return .sent
        case ENOBUFS, EAGAIN: return .backPressure
        case ENETDOWN:
            // The kernel says this too while the driver has stopped the queue of an interface that is up, and once more after
            // it was down and is up again.
            guard try interface.control.linkState(interface.index, name: name).isUp else { throw .interfaceDown(interface: name) }
            return .backPressure
        case ENXIO, ENODEV: throw .interfaceGone(interface: name)
        case EMSGSIZE: throw .frameTooLong(interface: name, length: packet.count, mtu: mtu)
        case EPERM, EACCES: throw .permissionDenied(action: "send on \(name)")
        case let code: throw .refused(action: "send \(packet.count) octets on \(name)", code: code)
        }
    }
}
