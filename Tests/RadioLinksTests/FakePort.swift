import Glibc
import IEEE80211

@testable import RadioLinks

/// A monitor interface without a kernel: frames to nobody come back as failed, or not at all.
final class FakePort: MonitorPort {
    let interfaceIndex: UInt32 = 7
    let companionIndex: UInt32? = nil
    let stationKeeper: (any StationKeeper)? = nil
    let address = Packets.own
    let dropped: UInt64 = 0
    var descriptor: CInt { ends[0] }
    /// Whether TX reports come.
    let isSilent: Bool
    /// The largest number of frames that are reported.
    private var mostReports: Int
    /// What the kernel says of the channel.
    var frequency: UInt16?
    /// What is received besides.
    var received: [[UInt8]] = [] { didSet { if !received.isEmpty { raise() } } }
    /// The addresses that frames were sent to.
    private(set) var receivers: [MACAddress?] = []
    private var ends: [CInt] = [-1, -1]

    init(isSilent: Bool = false, mostReports: Int = .max, frequency: UInt16? = 2412) {
        self.isSilent = isSilent
        self.mostReports = mostReports
        self.frequency = frequency
        pipe(&ends)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    }

    deinit { for end in ends { close(end) } }

    func frequencyReadBack() -> UInt16? { frequency }
    func check() {}
    func restore(settingUp: Bool) {}

    func send(_ header: [UInt8], _ frames: FrameBatch, count: Int) -> Int {
        guard !isSilent else { return frames.count }
        // What the kernel puts before a frame is no part of it.
        frames.visitFirst(min(frames.count, mostReports)) { _, mpdu in
            mostReports -= 1
            receivers.append((try? MACHeader(parsing: mpdu))?.receiver)
            received.append(Packets.report(on: mpdu.withUnsafeBytes { [UInt8]($0) }, failed: true))
        }
        return frames.count
    }

    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) -> Int {
        var octet: UInt8 = 0
        while read(ends[0], &octet, 1) == 1 {}
        let packets = received
        received = []
        for packet in packets { body(packet.span) }
        return packets.count
    }

    private func raise() {
        var octet: UInt8 = 0
        write(ends[1], &octet, 1)
    }
}
