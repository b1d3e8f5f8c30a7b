import Glibc
import IEEE80211
import SessionCore

/// The truth test: sends frames to an address that nobody has, and notes what comes back. A radio whose TX reports can be believed
/// reports every one of them, and as failed. The last of them is one as payloads are, whose report must have the octets that were sent. Then many are sent at once, which some drivers can't all report.
struct WayProbe {
    /// Time to receive frames of others afterwards, in milliseconds; 0 is none.
    var listeningTime: CInt = 0
    /// Frames that are sent at once afterwards: for an agent as many as may wait for their reports at the most.
    var burst = LinkProperties.defaultOutstanding
    /// Time to wait for the next report on them, in milliseconds: an agent has other links to serve meanwhile.
    var burstPatience = 200
    /// Readable when the user wants no more of it.
    var interruption: CInt?

    /// One false report is enough to tell a radio that always says "acknowledged"; a few tries tell one that often
    /// does.
    private static let frames = 3
    /// In milliseconds. A report takes some 100 µs on an idle radio, a few milliseconds with all retries at the lowest
    /// rate; the rest is for a machine that is busy starting up.
    static let reportTimeout = 1000
    /// Of each frame of the burst: at 24 Mb/s and once, where the radio heeds that, so that it takes little of the air.
    private static let burstHeader = RadiotapTransmitHeader(rate: 48, transmitFlags: .keepOrder, dataRetries: 0)
        .serialized()

    /// Notes what a radio that is held shows of itself when frames go to an address that nobody has.
    func observe(
        _ port: any MonitorPort, absentAddress: MACAddress, _ report: inout WayReport
    ) throws(RadioError) {
        report.frequencyReadBack = try port.frequencyReadBack()
        let null = Self.null(to: absentAddress, from: port.address)
        let payload = Self.payload(to: absentAddress, from: port.address)
        var traffic = RadioTraffic(acknowledgment: .mac)
        while report.injected < Self.frames {
            let mpdu = report.injected == Self.frames - 1 ? payload : null
            guard try inject(mpdu, 1, traffic.header, port, &traffic) == 1 else { break }
            report.injected += 1
            guard try awaitReports(report.injected, Self.reportTimeout, &traffic, &report, port) else { break }
        }
        report.echoes = traffic.reports
        report.falseEchoes = Int(traffic.counters.acknowledged)
        if burst > 0, report.way.acknowledges, report.obstacle == nil { report.burst = try sendBurst(null, &report, port) }
        if listeningTime > 0 { try listen(port, &report) }
        report.frequencyReadBack = try port.frequencyReadBack()
    }

    private func sendBurst(
        _ mpdu: [UInt8], _ report: inout WayReport, _ port: any MonitorPort
    ) throws(RadioError) -> WayReport.Burst {
        var traffic = RadioTraffic(acknowledgment: .mac)
        var sent = WayReport.Burst()
        let end = Self.milliseconds + burstPatience
        while sent.injected < burst, Self.milliseconds < end {
            let count = min(FrameBatch.mostAtOnce, burst - sent.injected)
            let taken = try inject(mpdu, count, Self.burstHeader, port, &traffic)
            sent.injected += taken
            // While the kernel has no room, reports make some.
            if taken == 0 { _ = try receive(&traffic, &report, port, until: min(end, Self.milliseconds + 10)) }
        }
        _ = try awaitReports(sent.injected, burstPatience, &traffic, &report, port)
        sent.echoes = traffic.reports
        return sent
    }

    /// - Returns: how many frames the kernel took.
    private func inject(
        _ mpdu: [UInt8], _ count: Int, _ header: [UInt8], _ port: any MonitorPort, _ traffic: inout RadioTraffic
    ) throws(RadioError) -> Int {
        var frames = FrameBatch()
        for index in 0..<count { frames.append(TransmissionNumber(rawValue: UInt32(index)), mpdu.span) }
        let taken = try port.send(header, frames, count: count)
        frames.visitFirst(taken) { traffic.sent(number: $0, mpdu: $1) }
        return taken
    }

    /// Waits for so many TX reports in all, until none has come for `patience` milliseconds; returns whether they came.
    private func awaitReports(
        _ count: Int, _ patience: Int, _ traffic: inout RadioTraffic, _ report: inout WayReport,
        _ port: any MonitorPort
    ) throws(RadioError) -> Bool {
        var end = Self.milliseconds + patience
        while traffic.reports < count {
            // All that has arrived by the end is read, however late this program runs.
            let isLast = Self.milliseconds >= end
            let before = traffic.reports
            guard try receive(&traffic, &report, port, until: end) else { break }
            if traffic.reports > before { end = Self.milliseconds + patience } else if isLast { break }
        }
        return traffic.reports >= count
    }

    /// Takes in what has come, or comes before the end; returns whether anything has.
    private func receive(
        _ traffic: inout RadioTraffic, _ report: inout WayReport, _ port: any MonitorPort, until end: Int
    ) throws(RadioError) -> Bool {
        guard try wait(for: port, until: end) else { return false }
        _ = try port.receive(limit: Capture.mostWaiting) { packet in
            Self.note(packet, from: port.address, in: &report)
            traffic.read(packet) { _, _ in }
        }
        return true
    }

    /// Notes which channel others' frames name.
    private func listen(_ port: any MonitorPort, _ report: inout WayReport) throws(RadioError) {
        let end = Self.milliseconds + Int(listeningTime)
        while Self.milliseconds < end, try wait(for: port, until: end) {
            _ = try port.receive(limit: 64) { Self.note($0, from: port.address, in: &report) }
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

    private static func note(_ packet: Span<UInt8>, from address: MACAddress, in report: inout WayReport) {
        guard let header = try? Radiotap(parsing: packet) else { return }
        if header.isTransmitEcho {
            let mpdu = packet.extracting(header.mpduRange(ofPacketWithCount: packet.count))
            report.payload = report.payload ?? echo(mpdu, from: address)
            report.reportsRetries = report.reportsRetries || header.dataRetries != nil
            report.reportsRate = report.reportsRate || header.rate != nil || header.mcs != nil
        }
        guard let frequency = header.channel?.frequency, !report.frequenciesHeard.contains(frequency) else { return }
        report.frequenciesHeard.append(frequency)
        report.frequenciesHeard.sort()
    }

    private static var milliseconds: Int { Int(RadioClock.now.nanoseconds / 1_000_000) }

    /// The form in which the radio sent the payload frame; `nil` when this is no report on it, but on another frame or somebody else's.
    private static func echo(_ mpdu: Span<UInt8>, from address: MACAddress) -> PayloadEcho? {
        // Data frames but for those without a body.
        guard let found = try? MACHeader(parsing: mpdu), mpdu[0] & 0x4c == 0x08, found.transmitter == address, let receiver = found.receiver
        else { return nil }
        return PayloadEcho(sent: payload(to: receiver, from: address).span, echoed: mpdu)
    }

    /// A QoS Data frame as payloads are, with a TID that nobody sets by himself and octets of all kinds in its body.
    private static func payload(to receiver: MACAddress, from transmitter: MACAddress) -> [UInt8] {
        let body = PayloadHeader.prefix + (0..<64).map { UInt8($0) &* 37 }
        return QoSDataFrame(receiver: receiver, transmitter: transmitter, tid: 5, body: body).serialized()
    }

    /// A Null frame, a data frame without a body (IEEE Std 802.11-2020, 9.3.2.1), outside the context of a BSS.
    private static func null(to receiver: MACAddress, from transmitter: MACAddress) -> [UInt8] {
        let addresses = [receiver, transmitter, .broadcast].flatMap { address in (0..<6).map(address.octet) }
        return [0x48, 0x00, 0x00, 0x00] + addresses + [0x00, 0x00]
    }
}

extension RadioTraffic {
    /// TX reports that came.
    fileprivate var reports: Int { Int(counters.acknowledged + counters.notAcknowledged) }
}
