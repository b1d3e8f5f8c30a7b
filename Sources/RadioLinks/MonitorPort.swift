import Glibc
import IEEE80211
import SessionCore

/// A monitor interface in working order: packets, radiotap header included, go in and come out. One is the kernel's; decorators
/// stand around it.
protocol MonitorPort: AnyObject {
    /// The kernel's number of the interface.
    var interfaceIndex: UInt32 { get }
    /// The address of the interface.
    var address: MACAddress { get }
    /// Readable while packets wait.
    var descriptor: CInt { get }
    /// Packets that the kernel dropped for want of room.
    var dropped: UInt64 { get }
    /// The channel that the kernel says the interface is on, in MHz.
    func frequencyReadBack() throws(RadioError) -> UInt16?
    /// Puts the interface on a channel.
    func setChannel(_ frequency: UInt16) throws(RadioError)
    /// Throws unless the interface is on this channel.
    func checkChannel(_ frequency: UInt16) throws(RadioError)
    /// Hands frames to the kernel, each behind the radiotap header, and returns how many of the first ones it took: 0 when it has no
    /// room now. Throws what is wrong with the first.
    func send(_ header: [UInt8], _ frames: FrameBatch) throws(RadioError) -> Int
    /// Hands over at most `limit` packets and returns how many there were.
    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int
}

/// Makes a monitor interface as configured, of one kind, and adds what the user should know of it. Leaves nothing behind when it
/// throws.
typealias MonitorPortMaker = (
    MonitorRadioConfiguration, Wiphy, MonitorKind, RadioControl, inout [String]
) throws(RadioError) -> any MonitorPort

/// A monitor interface of the kernel with libpcap open on it; both go with this.
final class KernelPort: MonitorPort {
    let address: MACAddress
    private let interface: MonitorInterface
    private let capture: Capture
    /// Octets of the longest packet, radiotap header included.
    private let mtu: UInt32

    private init(interface: consuming MonitorInterface, capture: consuming Capture, state: LinkState) {
        self.interface = interface
        self.capture = capture
        address = state.address
        mtu = state.mtu
    }

    /// Makes everything, and leaves nothing behind when it throws.
    static func open(
        _ configuration: MonitorRadioConfiguration, on wiphy: Wiphy, kind: MonitorKind, control: RadioControl,
        notes: inout [String]
    ) throws(RadioError) -> any MonitorPort {
        let interface = try MonitorInterface(
            configuration.interface, on: wiphy, active: kind == .active, control: control)
        let state = try interface.configure(configuration, notes: &notes)
        let capture = try Capture(interface: configuration.interface)
        try capture.restrict(to: state.address)
        return KernelPort(interface: interface, capture: capture, state: state)
    }

    var interfaceIndex: UInt32 { interface.index }
    var descriptor: CInt { capture.descriptor }
    var dropped: UInt64 { capture.dropped }

    func frequencyReadBack() throws(RadioError) -> UInt16? {
        try interface.control.interface(interface.index, name: interface.name).frequency
    }

    func setChannel(_ frequency: UInt16) throws(RadioError) { try interface.setChannel(frequency) }

    func checkChannel(_ frequency: UInt16) throws(RadioError) { try interface.checkChannel(frequency) }

    func send(_ header: [UInt8], _ frames: FrameBatch) throws(RadioError) -> Int {
        guard !frames.isEmpty else { return 0 }
        var taken = capture.send(header, frames)
        if taken == -ENETDOWN, try interface.control.linkState(interface.index, name: interface.name).isUp {
            // The socket still had to tell that the interface was down before it came up again; once told, that is
            // over.
            taken = capture.send(header, frames)
            // The kernel says this too while the driver has stopped the queue of an interface that is up.
            if taken == -ENETDOWN { return 0 }
        }
        guard taken < 0 else { return Int(taken) }
        let length = header.count + frames.firstLength
        try Self.check(-taken, length: length, mtu: mtu, interface: interface.name)
        return 0
    }

    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        do { return try capture.receive(limit: limit, body) } catch {
            // libpcap has but one error for an interface that is gone and for everything else; the kernel tells which.
            _ = try interface.control.linkState(interface.index, name: interface.name)
            throw error
        }
    }

    /// Throws what the kernel's refusal of a packet means, unless that is want of room.
    static func check(_ code: CInt, length: Int, mtu: UInt32, interface: String) throws(RadioError) {
        switch code {
        case ENOBUFS, EAGAIN: return
        case ENETDOWN: throw .interfaceDown(interface: interface)
        case ENXIO, ENODEV: throw .interfaceGone(interface: interface)
        case EMSGSIZE: throw .frameTooLong(interface: interface, length: length, mtu: mtu)
        case EPERM, EACCES: throw .permissionDenied(action: "send on \(interface)")
        default: throw .refused(action: "send \(length) octets on \(interface)", code: code)
        }
    }
}
