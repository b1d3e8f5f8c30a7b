import HostInterface
import IEEE80211

@testable import Agent

/// A TAP interface without a kernel: it hands over what the test lets the host send, and notes what it is given.
final class FakeHostPort: HostPort {
    var readinessDescriptor: CInt { signal.readable }
    /// What the host received.
    private(set) var delivered: [[UInt8]] = []
    /// What the carrier was set to, one after the other.
    private(set) var carriers: [Bool] = []
    /// The most frames that were asked for at once.
    private(set) var limit = 0
    private(set) var isClosed = false
    /// Whether there is room for what is delivered.
    var isBusy = false
    /// What `receive` and `deliver` throw from now on.
    var problem: TAPError? { didSet { if problem != nil { signal.raise() } } }
    private var frames: [[UInt8]] = []
    private let signal = ReadinessSignal()

    /// Lets the host send a frame.
    func send(_ frame: [UInt8]) {
        frames.append(frame)
        signal.raise()
    }

    func receive(limit: Int, _ handler: (Span<UInt8>) -> Void) throws(TAPError) -> Int {
        if let problem { throw problem }
        self.limit = max(self.limit, limit)
        let batch = frames.prefix(limit)
        frames.removeFirst(batch.count)
        if frames.isEmpty { signal.lower() }
        for frame in batch { handler(frame.span) }
        return batch.count
    }

    func deliver(_ frame: Span<UInt8>) throws(TAPError) -> TAPInterface.Delivery {
        if let problem { throw problem }
        if isBusy { return .busy }
        delivered.append(frame.withUnsafeBytes { [UInt8]($0) })
        return .delivered
    }

    func setCarrier(_ carrier: Bool) { carriers.append(carrier) }
    func close() { isClosed = true }
}

/// An Ethernet frame with an IPv4 packet of this DSCP, 60 octets long.
func ethernetFrame(to destination: UInt64, from source: UInt64, dscp: UInt8 = 0, mark: UInt8 = 0) -> [UInt8] {
    let addresses = [destination, source].map(MACAddress.init(rawValue:)).map { address in (0..<6).map(address.octet) }
    let frame: [UInt8] = Array(addresses.joined()) + [0x08, 0x00, 0x45, dscp << 2, mark]
    return frame + [UInt8](repeating: 0, count: 60 - frame.count)
}
