import CNetlink
import Glibc
import IEEE80211

/// Owns a libpcap handle on one monitor interface: packets with radiotap headers in both directions, never waiting.
struct Capture: ~Copyable {
    private let handle: OpaquePointer
    private let interface: String

    /// Longer than any frame of ours with its radiotap header, since a monitor sends 2,304 octets at most, and short enough for the
    /// kernel to keep each packet with its own headers in one page. What is longer is cut, and left aside.
    private static let snapshotLength: CInt = 3840
    /// Room for about 500 packets while the program is busy elsewhere: a page each.
    private static let bufferSize: CInt = 2 << 20
    /// More packets than ever wait.
    static let mostWaiting = 1024

    /// Opens an interface that is up.
    init(interface: String) throws(RadioError) {
        var handle: OpaquePointer?
        var text = ErrorText()
        let result = text.fill { rl_capture_open(interface, Self.snapshotLength, Self.bufferSize, &handle, $0) }
        guard let handle else { throw Self.error(result, "open libpcap", text, interface) }
        self.handle = handle
        self.interface = interface
    }

    deinit { rl_capture_close(handle) }

    /// What the kernel lets through, so that other stations' traffic does not wake this program: frames to `address`, frames
    /// from it with TX flags (bit 15 of radiotap's first word), which are the radio's TX reports and not somebody else's frames
    /// under this address, frames to groups (`wlan[4]` is the first octet of address 1), and frames with the Power Management bit
    /// (`wlan[1] & 0x10`) to anybody in the BSS of an access point with this address, or in any: that one takes them for its own.
    static func filter(for address: MACAddress) -> String {
        "wlan addr1 \(address) or (wlan addr2 \(address) and radio[5] & 0x80 != 0) or wlan[4] & 1 = 1"
            + " or (wlan[1] & 0x10 != 0 and (wlan addr3 \(address) or wlan addr3 \(MACAddress.broadcast)))"
    }

    /// Throws unless packets begin with a radiotap header, and lets only through what concerns `address` from now on.
    borrowing func restrict(to address: MACAddress) throws(RadioError) {
        let linkType = rl_capture_link_type(handle)
        guard linkType == RL_CAPTURE_RADIOTAP else {
            throw .linkTypeUnexpected(interface: interface, linkType: linkType)
        }
        var text = ErrorText()
        let result = text.fill { rl_capture_set_filter(handle, Self.filter(for: address), $0) }
        guard result == 0 else { throw Self.error(result, "set the filter", text, interface) }
    }

    /// Readable while packets wait.
    var descriptor: CInt { rl_capture_descriptor(handle) }

    /// Packets that the kernel dropped for want of room.
    var dropped: UInt64 {
        var dropped: UInt32 = 0
        return rl_capture_get_dropped(handle, &dropped) == 0 ? UInt64(dropped) : 0
    }

    /// Hands over at most `limit` packets and returns how many there were. `body` must not close the capture.
    borrowing func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        var text = ErrorText()
        let result = withoutActuallyEscaping(body) { body in
            var body = body
            return withUnsafeMutablePointer(to: &body) { body in
                text.fill { text in
                    rl_capture_receive(
                        handle, CInt(clamping: limit),
                        { context, packet, length in
                            let octets = UnsafeBufferPointer(start: packet, count: length)
                            context?.withMemoryRebound(to: ((Span<UInt8>) -> Void).self, capacity: 1) {
                                $0.pointee(octets.span)
                            }
                        }, body, text)
                }
            }
        }
        guard result >= 0 else { throw Self.error(result, "receive", text, interface) }
        return Int(result)
    }

    /// Injects the first frames, `count` at most, each behind the radiotap header, and returns how many the kernel took, or, negative,
    /// the `errno` that it had for the first.
    borrowing func send(_ header: [UInt8], _ frames: FrameBatch, count: Int) -> CInt {
        frames.withPieces(limit: min(count, FrameBatch.mostAtOnce)) {
            rl_capture_send(handle, header, header.count, $0.baseAddress, $0.count)
        }
    }

    private static func error(_ result: CInt, _ action: String, _ text: ErrorText, _ interface: String) -> RadioError {
        switch -result {
        case ENODEV: .interfaceGone(interface: interface)
        case ENETDOWN: .interfaceDown(interface: interface)
        case EPERM: .permissionDenied(action: "capture on \(interface)")
        default: .captureFailed(interface: interface, action: action, message: text.string)
        }
    }
}

/// Where libpcap writes what went wrong.
private struct ErrorText {
    private var characters: [CChar] = []

    var string: String { String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) }

    mutating func fill(_ body: (UnsafeMutablePointer<CChar>?) -> CInt) -> CInt {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(RL_CAPTURE_ERROR_SIZE)) { buffer in
            buffer.initialize(repeating: 0)
            let result = body(buffer.baseAddress)
            if result < 0 { characters = Array(buffer) }
            return result
        }
    }
}
