import Glibc
import IEEE80211
import SessionCore

/// Sends frames to addresses that nobody has through a monitor interface, and notes what comes back: a radio whose TX reports
/// can be believed reports every one of them, and as failed.
struct MonitorProbe {
    /// How long to listen to others afterwards, in milliseconds; 0 is not at all.
    var listeningTime: CInt = 0
    /// Readable when the user wants no more of it.
    var interruption: CInt?
    /// Where the addresses come from that nobody has.
    var random = SeededRandom(seed: .random(in: .min ... .max))

    /// One false report is enough to tell a radio that always says "acknowledged"; a few tries tell one that often
    /// does.
    private static let frames = 3
    /// In milliseconds. A report takes some 100 µs on an idle radio, a few milliseconds with all retries at the lowest
    /// rate; the rest is for a machine that is busy starting up.
    private static let reportTimeout: CInt = 1000

    /// What an interface shows of itself.
    mutating func observe(
        _ port: any MonitorPort, _ kind: MonitorKind, frequency: UInt16
    ) throws(RadioError) -> MonitorObservations {
        var seen = MonitorObservations(
            monitor: kind, frequency: frequency, frequencyReadBack: try port.frequencyReadBack())
        var traffic = RadioTraffic(acknowledgment: .mac)
        for index in 0..<Self.frames {
            let number = TransmissionNumber(rawValue: UInt32(index))
            let mpdu = Self.null(to: absentAddress(), from: port.address)
            var frame = FrameBatch()
            frame.append(number, mpdu.span)
            guard try port.send(traffic.header, frame) == 1 else { break }
            traffic.sent(number: number, mpdu: mpdu.span)
            seen.injected += 1
            guard let acknowledged = try report(on: number, &traffic, &seen, port) else { break }
            seen.echoes += 1
            if acknowledged { seen.falseEchoes += 1 }
        }
        if listeningTime > 0 { try listen(port, &seen) }
        seen.frequencyReadBack = try port.frequencyReadBack()
        return seen
    }

    /// Waits for the report on a frame; `nil` when none comes.
    private func report(
        on number: TransmissionNumber, _ traffic: inout RadioTraffic, _ seen: inout MonitorObservations,
        _ port: any MonitorPort
    ) throws(RadioError) -> Bool? {
        var result: Bool?
        let end = Self.milliseconds + Int(Self.reportTimeout)
        while result == nil {
            // What has come by the end is read, however long this program was kept from looking.
            let isLast = Self.milliseconds >= end
            guard try wait(for: port, until: end) else { return nil }
            _ = try port.receive(limit: isLast ? Capture.mostWaiting : 64) { packet in
                Self.noteFrequency(of: packet, in: &seen)
                traffic.read(packet) { indication, _ in
                    if case .transmitted(number, let acknowledged) = indication { result = acknowledged }
                }
            }
            if isLast { break }
        }
        return result
    }

    /// Hears which channel others' frames name.
    private func listen(_ port: any MonitorPort, _ seen: inout MonitorObservations) throws(RadioError) {
        let end = Self.milliseconds + Int(listeningTime)
        while Self.milliseconds < end, try wait(for: port, until: end) {
            _ = try port.receive(limit: 64) { Self.noteFrequency(of: $0, in: &seen) }
        }
    }

    /// Waits until packets can be read; returns whether any can.
    private func wait(for port: any MonitorPort, until end: Int) throws(RadioError) -> Bool {
        var waiting = [pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0)]
        if let interruption { waiting.append(pollfd(fd: interruption, events: Int16(POLLIN), revents: 0)) }
        while true {
            let count = poll(&waiting, nfds_t(waiting.count), CInt(clamping: max(0, end - Self.milliseconds)))
            if count < 0 && errno == EINTR { continue }
            if waiting.count > 1, waiting[1].revents != 0 { throw .interrupted }
            return count > 0
        }
    }

    private static func noteFrequency(of packet: Span<UInt8>, in seen: inout MonitorObservations) {
        guard let frequency = (try? Radiotap(parsing: packet))?.channel?.frequency,
            !seen.frequenciesHeard.contains(frequency)
        else { return }
        seen.frequenciesHeard.append(frequency)
        seen.frequenciesHeard.sort()
    }

    private static var milliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// A random individual address that is locally administered (IEEE Std 802-2014, 8.2): nobody has it.
    private mutating func absentAddress() -> MACAddress {
        MACAddress(rawValue: UInt64.random(in: 0...0xffff_ffff_ffff, using: &random) & ~(1 << 40) | 1 << 41)
    }

    /// A Null frame, a data frame without a body (IEEE Std 802.11-2020, 9.3.2.1), outside the context of a BSS.
    private static func null(to receiver: MACAddress, from transmitter: MACAddress) -> [UInt8] {
        let addresses = [receiver, transmitter, .broadcast].flatMap { address in (0..<6).map(address.octet) }
        return [0x48, 0x00, 0x00, 0x00] + addresses + [0x00, 0x00]
    }
}
