import CNetlink
import Glibc
import IEEE80211
import LabMedium

/// The kernel's side of the medium: frames come from all radios of mac80211_hwsim, deliveries and reports go to them.
final class HwsimPort {
    private let handle: OpaquePointer
    /// What came and was not taken yet.
    private var transmissions: [Transmission] = []

    /// Takes the place of hwsim's own medium until this is gone.
    init() throws(MediumError) {
        var opened: OpaquePointer?
        let result = rl_hwsim_open(&opened)
        guard result == 0, let opened else { throw .hwsim(code: -result) }
        handle = opened
    }

    deinit { rl_hwsim_close(handle) }

    /// Readable when there are frames.
    var descriptor: CInt { rl_hwsim_descriptor(handle) }

    /// Frames that wait in the kernel, and those that came while a frame was delivered, in the order in which they came.
    func take() -> [Transmission] {
        // Frames that there was no room for are lost like any other; their senders' hosts are never told.
        while withContext({ rl_hwsim_receive(handle, Self.keep, $0) }) == -ENOBUFS {}
        defer { transmissions.removeAll(keepingCapacity: true) }
        return transmissions
    }

    /// Whether frames came while others were delivered.
    var hasTransmissions: Bool { !transmissions.isEmpty }

    /// Hands a frame to a radio. Returns whether it took it.
    func deliver(_ delivery: Delivery) -> Bool {
        let radio = (0..<6).map(delivery.radio.octet)
        let result = withContext { context in
            delivery.octets.withUnsafeBufferPointer { octets in
                rl_hwsim_deliver(
                    handle, radio, delivery.frequency, UInt32(Self.rate(delivery.rateIndex)), octets.baseAddress,
                    octets.count, Self.keep, context)
            }
        }
        // An answer that there was no room for is none.
        return result == 0 || result == -EAGAIN
    }

    /// Tells a sender what became of its frame. Returns whether hwsim knows the frame.
    func report(_ report: TransmissionReport) -> Bool {
        let radio = (0..<6).map(report.radio.octet)
        var flags: UInt32 = 0
        if report.isAcknowledged { flags |= UInt32(RL_HWSIM_ACKNOWLEDGED) }
        if !report.wantsAcknowledgment { flags |= UInt32(RL_HWSIM_NO_ACK) }
        let tries = UInt8(clamping: report.tries)
        return withContext {
            rl_hwsim_report(handle, radio, report.cookie, flags, report.rateIndex, tries, Self.keep, $0)
        } != -EINVAL
    }

    /// Every band has at least eight legacy rates; a number beyond is that of an HT rate, which hwsim would not take.
    private static func rate(_ index: Int8) -> Int8 { (0..<8).contains(index) ? index : 0 }

    private func withContext(_ body: (UnsafeMutableRawPointer) -> CInt) -> CInt {
        withUnsafeMutablePointer(to: &transmissions) { body(UnsafeMutableRawPointer($0)) }
    }

    private static let keep: rl_hwsim_visit = { context, frame in
        guard let context, let frame = frame?.pointee, let octets = frame.octets else { return }
        let radio = withUnsafeBytes(of: frame.radio) { $0.reduce(0) { $0 << 8 | UInt64($1) } }
        let transmission = Transmission(
            radio: MACAddress(rawValue: radio), frequency: frame.frequency,
            octets: Array(UnsafeBufferPointer(start: octets, count: frame.length)), cookie: frame.cookie,
            wantsAcknowledgment: frame.flags & UInt32(RL_HWSIM_NO_ACK) == 0, rateIndex: frame.rate)
        context.assumingMemoryBound(to: [Transmission].self).pointee.append(transmission)
    }
}
