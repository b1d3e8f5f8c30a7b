import Glibc
import IEEE80211
import SessionCore

/// A radio that is held on its channel, in working order: packets, radiotap header included, go in and come out. One is the kernel's;
/// decorators stand around it.
protocol MonitorPort: AnyObject {
    /// The kernel's number of the monitor interface.
    var interfaceIndex: UInt32 { get }
    /// The kernel's number of the interface that keeps the radio on its channel, where that is another one.
    var companionIndex: UInt32? { get }
    /// The address of the link.
    var address: MACAddress { get }
    /// The keeper of the stations for which rates are chosen; `nil` where there are none.
    var stationKeeper: (any StationKeeper)? { get }
    /// Readable while packets wait.
    var descriptor: CInt { get }
    /// Packets that the kernel dropped for want of room.
    var dropped: UInt64 { get }
    /// The channel that the kernel says the radio is on, in MHz.
    func frequencyReadBack() throws(RadioError) -> UInt16?
    /// Throws unless the radio is held as it was made.
    func check() throws(RadioError)
    /// Brings the radio back in order, by interfaces that are up again or that somebody changed; sets them up first when that is
    /// asked for.
    func restore(settingUp: Bool) throws(RadioError)
    /// Hands the first `count` frames to the kernel, each behind the radiotap header, and returns how many of the first ones it took: 0
    /// when it has no room now. Throws what is wrong with the first.
    func send(_ header: [UInt8], _ frames: FrameBatch, count: Int) throws(RadioError) -> Int
    /// Hands over at most `limit` packets and returns how many there were.
    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int
}

/// The order to hold a radio in one way.
struct HoldOrder {
    let configuration: MonitorRadioConfiguration
    let wiphy: Wiphy
    let way: RadioWay
    /// An address that nobody has.
    let absentAddress: MACAddress
    let control: RadioControl
}

/// Holds a radio and adds what the user should know of it. Leaves nothing behind when it throws.
typealias MonitorPortMaker = (HoldOrder, inout [String]) throws(RadioError) -> any MonitorPort

/// A radio of the kernel with libpcap open on its monitor; all goes with this.
final class KernelPort: MonitorPort {
    private let hold: any RadioHold
    private let capture: Capture
    private let interface: String

    private init(_ hold: any RadioHold, capture: consuming Capture, interface: String) {
        self.hold = hold
        self.capture = capture
        self.interface = interface
    }

    /// Makes everything, and leaves nothing behind when it throws.
    static func open(_ order: HoldOrder, notes: inout [String]) throws(RadioError) -> any MonitorPort {
        let hold: any RadioHold =
            switch order.way {
            case .accessPoint: try AnchoredHold.make(.accessPoint, order, notes: &notes)
            case .ibss: try AnchoredHold.make(.ibss, order, notes: &notes)
            case .active: try ActiveHold.make(order, notes: &notes)
            case .plain: try PlainHold.make(order, notes: &notes)
            }
        let interface = order.configuration.interface
        let capture = try Capture(interface: interface)
        try capture.restrict(to: hold.address)
        return KernelPort(hold, capture: capture, interface: interface)
    }

    var interfaceIndex: UInt32 { hold.monitorIndex }
    var companionIndex: UInt32? { hold.companionIndex }
    var address: MACAddress { hold.address }
    var stationKeeper: (any StationKeeper)? { hold.stationKeeper }
    var descriptor: CInt { capture.descriptor }
    var dropped: UInt64 { capture.dropped }

    func frequencyReadBack() throws(RadioError) -> UInt16? { try hold.frequencyReadBack() }

    func check() throws(RadioError) { try hold.check() }

    func restore(settingUp: Bool) throws(RadioError) { try hold.restore(settingUp: settingUp) }

    func send(_ header: [UInt8], _ frames: FrameBatch, count: Int) throws(RadioError) -> Int {
        guard !frames.isEmpty else { return 0 }
        var taken = capture.send(header, frames, count: count)
        if taken == -ENETDOWN, try hold.isMonitorUp() {
            // The socket still had to tell that the interface was down before it came up again; once told, that is
            // over.
            taken = capture.send(header, frames, count: count)
            // The kernel says this too while the driver has stopped the queue of an interface that is up.
            if taken == -ENETDOWN { return 0 }
        }
        guard taken < 0 else { return Int(taken) }
        let length = header.count + frames.firstLength
        try Self.check(-taken, length: length, mtu: hold.mtu, interface: interface)
        return 0
    }

    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        do { return try capture.receive(limit: limit, body) } catch {
            // libpcap has but one error for an interface that is gone and for everything else; the kernel tells which.
            _ = try hold.isMonitorUp()
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
