import CNetlink
import Glibc
import IEEE80211

/// An Ethernet interface of the host that this program made: what the host sends on it is read here, what is written here the
/// host receives. It goes with this object, and with the process, however that ends.
public final class TAPInterface {
    /// What became of a frame for the host.
    public enum Delivery: Equatable, Sendable {
        /// The host has it.
        case delivered
        /// The host had no room just then, or somebody set the interface down.
        case busy
    }

    /// The interface's name.
    public let name: String
    private let descriptor: CInt
    private var isOpen = true
    /// More than the largest frame: one that fills the buffer is too long, whatever its length.
    private static let bufferLength = 4096

    /// Makes the interface, gives it its addresses and sets it up; it has no carrier yet. Leaves nothing behind when it throws.
    public init(_ configuration: TAPConfiguration, address: MACAddress) throws(TAPError) {
        name = configuration.name
        // An interface of another kind would bring EINVAL, which says nothing.
        guard if_nametoindex(name) == 0 else { throw .nameTaken(interface: name) }
        var opened: CInt = -1
        let result = rl_tap_open(name, &opened)
        switch -result {
        case EBUSY, EEXIST: throw .nameTaken(interface: name)
        case ENOENT, ENODEV, ENXIO: throw .driverMissing
        default: try Self.check(result, "make the interface \(name)")
        }
        descriptor = opened
        do throws(TAPError) {
            try Self.setUp(configuration, address: address)
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    private static func setUp(_ configuration: TAPConfiguration, address: MACAddress) throws(TAPError) {
        let name = configuration.name
        var handle: OpaquePointer?
        try check(rl_link_open(&handle), "open an rtnetlink socket")
        defer { rl_link_close(handle) }
        let index = if_nametoindex(name)
        try check(
            rl_link_set_address(handle, index, (0..<6).map(address.octet)), "give \(name) the address \(address)")
        try check(rl_link_set_mtu(handle, index, configuration.mtu), "give \(name) an MTU of \(configuration.mtu)")
        for address in configuration.addresses {
            let result = rl_link_add_ip_address(
                handle, index, address.family.number, address.octets, address.prefixLength)
            // EACCES is not about rights here: IPv6 is switched off for the interface.
            guard result != -EACCES else {
                throw .version6Disabled(interface: name, address: address.description)
            }
            try check(result, "give \(name) the address \(address)")
        }
        try check(rl_link_set_up(handle, index, true), "set \(name) up")
    }

    /// Readable while the host has frames to send.
    public var readinessDescriptor: CInt { descriptor }

    /// Takes at most `limit` frames that the host sends, without waiting; the octets are lent for the time of the call. A frame
    /// longer than any payload comes cut short, yet too long.
    /// - Returns: how many there were.
    /// - Throws: `interfaceGone` when somebody removed the interface.
    @discardableResult
    public func receive(limit: Int, _ handler: (Span<UInt8>) -> Void) throws(TAPError) -> Int {
        var taken = 0
        let problem = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.bufferLength) { buffer in
            while taken < limit, isOpen {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return count == 0 || errno == EAGAIN || errno == EINTR ? 0 : errno }
                handler(UnsafeBufferPointer(start: buffer.baseAddress, count: count).span)
                taken += 1
            }
            return 0
        }
        guard problem == 0 else { throw error(problem, "read from \(name)") }
        return taken
    }

    /// Hands a frame to the host, without waiting.
    /// - Throws: `interfaceGone` when somebody removed the interface.
    public func deliver(_ frame: Span<UInt8>) throws(TAPError) -> Delivery {
        guard isOpen else { return .busy }
        if frame.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) >= 0 { return .delivered }
        switch errno {
        // EIO: the interface is down (drivers/net/tun.c, tun_get_user).
        case EAGAIN, EINTR, ENOBUFS, ENOMEM, EIO: return .busy
        default: throw error(errno, "write to \(name)")
        }
    }

    /// Says whether anybody can be reached through the interface. Before Linux 5.0 it always has a carrier.
    public func setCarrier(_ carrier: Bool) {
        if isOpen { _ = rl_tap_set_carrier(descriptor, carrier) }
    }

    /// Removes the interface. The object is of no use afterwards.
    public func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    private func error(_ code: CInt, _ action: String) -> TAPError {
        code == EBADFD ? .interfaceGone(interface: name) : .refused(action: action, code: code)
    }

    private static func check(_ result: CInt, _ action: String) throws(TAPError) {
        switch -result {
        case 0: return
        case EPERM, EACCES: throw .permissionDenied(action: action)
        default: throw .refused(action: action, code: -result)
        }
    }
}
