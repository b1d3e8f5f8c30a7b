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
        var code = capture.send(packet)
        if code == ENETDOWN, try interface.control.linkState(interface.index, name: interface.name).isUp {
            // The socket still had to tell that the interface was down before it came up again; once told, that is over.
            code = capture.send(packet)
            // The kernel says this too while the driver has stopped the queue of an interface that is up.
            if code == ENETDOWN { return .backPressure }
        }
        return try Self.result(of: code, length: packet.count, mtu: mtu, interface: interface.name)
    }

    /// What the kernel's answer to a packet means.
    static func result(of code: CInt, length: Int, mtu: UInt32, interface: String) throws(RadioError) -> SendResult {
        switch code {
        case 0: return .sent
        case ENOBUFS, EAGAIN: return .backPressure
        case ENETDOWN: throw .interfaceDown(interface: interface)
        case ENXIO, ENODEV: throw .interfaceGone(interface: interface)
        case EMSGSIZE: throw .frameTooLong(interface: interface, length: length, mtu: mtu)
        case EPERM, EACCES: throw .permissionDenied(action: "send on \(interface)")
        default: throw .refused(action: "send \(length) octets on \(interface)", code: code)
        }
    }
}
