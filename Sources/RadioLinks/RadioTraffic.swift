import IEEE80211
import SessionCore

/// Makes packets of frames and indications of packets: what a monitor radio does between the kernel and the agent,
/// without either.
struct RadioTraffic {
    private(set) var counters = RadioCounters()
    /// The channel that a frame came on that is not the link's, in MHz.
    private var stray: UInt16?
    /// The addresses under which frames came that say that their transmitter sleeps.
    private var asleep: Set<MACAddress> = []
    private let acknowledgment: AcknowledgmentSource
    /// The link's channel in MHz; `nil` takes frames of every channel.
    private let frequency: UInt16?
    /// The radiotap header of every packet to inject.
    let header: [UInt8]
    private var ledger: TransmissionLedger
    private var reader = RadiotapReader()
    /// The rates that payloads are ordered to go at; `nil` where none are.
    private var rates: PayloadRates?

    /// The most addresses that are kept between two calls of `takeAsleep`: more than frames are received at a time.
    static let mostAsleep = 256
    /// More than the core ever has on its way on one link.
    static let outstandingLimit = 4096
    /// Frame control, duration and address 1: the shortest frame there is (IEEE Std 802.11-2020, 9.3.1.3).
    private static let shortestFrame = 10

    /// A beacon's first octet (IEEE Std 802.11-2020, 9.2.4.1.3). Anchors send them, and no agent has any use for one.
    private static let beacon: UInt8 = 0x80

    /// A QoS data frame's first octet (IEEE Std 802.11-2020, 9.2.4.1.3).
    private static let qosData: UInt8 = 0x88

    init(acknowledgment: AcknowledgmentSource, frequency: UInt16? = nil, rates: [TransmitRate] = []) {
        self.acknowledgment = acknowledgment
        self.frequency = frequency
        ledger = TransmissionLedger(limit: Self.outstandingLimit)
        // Where no radio answers, a radio that waits for an answer sends everything as often as it can.
        let transmitFlags: RadiotapTransmitFlags = acknowledgment == .mac ? [.keepOrder] : [.keepOrder, .noAck]
        header = RadiotapTransmitHeader(transmitFlags: transmitFlags).serialized()
        self.rates = PayloadRates(rates, transmitFlags: transmitFlags)
    }

    /// The radiotap header of the first frame, and how many of the first frames have the same.
    func header(of frames: FrameBatch) -> (header: [UInt8], count: Int) {
        guard let rates else { return (header, frames.count) }
        var first: [UInt8]?
        var count = 0
        var isOver = false
        frames.visitFirst(min(frames.count, FrameBatch.mostAtOnce)) { _, mpdu in
            guard !isOver else { return }
            let own = mpdu[0] == Self.qosData ? Self.receiver(mpdu).map(rates.header) ?? header : header
            first = first ?? own
            if own == first { count += 1 } else { isOver = true }
        }
        return (first ?? header, count)
    }

    /// The kernel took the frame.
    mutating func sent(number: TransmissionNumber, mpdu: Span<UInt8>) {
        counters.sent += 1
        // Nobody acknowledges a frame to a group.
        if Self.isToGroup(mpdu) { return }
        if ledger.add(number: number, mpdu: mpdu) { counters.noStatus += 1 }
    }

    /// The channel that a frame came on that is not the link's, in MHz; `nil` when none has since this was asked.
    mutating func takeStray() -> UInt16? {
        defer { stray = nil }
        return stray
    }

    /// The addresses under which frames came that say that their transmitter sleeps, since this was asked. No agent sends such a frame.
    mutating func takeAsleep() -> Set<MACAddress> {
        defer { if !asleep.isEmpty { asleep = [] } }
        return asleep
    }

    /// The kernel had no room.
    mutating func refused() { counters.backPressure += 1 }

    /// Tells what a captured packet says, if it concerns the agent.
    ///
    /// - Parameter tell: hears it, and is lent the MPDU.
    mutating func read(_ packet: Span<UInt8>, _ tell: (RadioIndication, _ mpdu: Span<UInt8>) -> Void) {
        guard let header = try? reader.read(packet), header.flags?.contains(.badFCS) != true else {
            counters.malformed += 1
            return
        }
        let range = header.mpduRange(ofPacketWithCount: packet.count)
        guard range.count >= Self.shortestFrame else {
            counters.malformed += 1
            return
        }
        let mpdu = packet.extracting(range)
        guard let flags = header.transmitFlags else {
            if let frequency, let found = header.frequency, found != frequency {
                stray = found
                return
            }
            if mpdu[0] == Self.beacon { return }
            if let transmitter = Self.sleeper(mpdu) {
                counters.sleeping += 1
                if asleep.count < Self.mostAsleep { asleep.insert(transmitter) }
                return
            }
            counters.received += 1
            tell(.frame(signal: header.antennaSignal, frequency: header.frequency), mpdu)
            return
        }
        if let report = report(on: mpdu, failed: flags.contains(.failed)) { tell(report, mpdu) }
    }

    private mutating func report(on mpdu: Span<UInt8>, failed: Bool) -> RadioIndication? {
        // Such a report never says that the transmission failed, thus says nothing.
        if Self.isToGroup(mpdu) { return nil }
        guard let number = ledger.take(reported: mpdu) else {
            counters.unknownStatus += 1
            return nil
        }
        if failed { counters.notAcknowledged += 1 } else { counters.acknowledged += 1 }
        if acknowledgment == .mac, mpdu[0] == Self.qosData, let receiver = Self.receiver(mpdu) {
            rates?.reported(to: receiver, acknowledged: !failed)
        }
        return acknowledgment == .mac ? .transmitted(number: number, acknowledged: !failed) : nil
    }

    /// The transmitter of a data or management frame with the Power Management bit (IEEE Std 802.11-2020, 9.2.4.1.7).
    private static func sleeper(_ mpdu: Span<UInt8>) -> MACAddress? {
        guard mpdu[1] & 0x10 != 0, mpdu[0] & 0x0c != 0x04, mpdu.count >= 16 else { return nil }
        return MACAddress(rawValue: (10..<16).reduce(0) { $0 << 8 | UInt64(mpdu[$1]) })
    }

    private static func receiver(_ mpdu: Span<UInt8>) -> MACAddress? {
        guard mpdu.count >= 10 else { return nil }
        return MACAddress(rawValue: (4..<10).reduce(0) { $0 << 8 | UInt64(mpdu[$1]) })
    }

    private static func isToGroup(_ mpdu: Span<UInt8>) -> Bool { mpdu.count > 4 && mpdu[4] & 1 == 1 }
}
