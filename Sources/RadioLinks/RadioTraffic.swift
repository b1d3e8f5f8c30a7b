import IEEE80211
import SessionCore

/// Makes packets of frames and indications of packets: what a monitor radio does between the kernel and the agent,
/// without either.
struct RadioTraffic {
    private(set) var counters = RadioCounters()
    private let acknowledgment: AcknowledgmentSource
    private let header: [UInt8]
    private var ledger: TransmissionLedger

    /// More than the kernel queues for one socket (about 90 frames of full length at its default of 212,992 octets).
    static let outstandingLimit = 512
    /// Frame control, duration and address 1: the shortest frame there is (IEEE Std 802.11-2020, 9.3.1.3).
    private static let shortestFrame = 10

    init(acknowledgment: AcknowledgmentSource) {
        self.acknowledgment = acknowledgment
        ledger = TransmissionLedger(limit: Self.outstandingLimit)
        // Where no radio answers, a radio that waits for an answer sends everything as often as it can.
        header = RadiotapTransmitHeader(transmitFlags: acknowledgment == .mac ? [.keepOrder] : [.keepOrder, .noAck])
            .serialized()
    }

    /// The packet to inject for a frame.
    func packet(for mpdu: [UInt8]) -> [UInt8] { header + mpdu }

    /// The kernel took the frame.
    mutating func sent(number: TransmissionNumber, mpdu: [UInt8]) {
        counters.sent += 1
        // Nobody acknowledges a frame to a group.
        if Self.isToGroup(mpdu.span) { return }
        if ledger.add(number: number, mpdu: mpdu) { counters.noStatus += 1 }
    }

    /// The kernel had no room.
    mutating func refused() { counters.backPressure += 1 }

    /// What a captured packet says, if it concerns the agent.
    mutating func indication(of packet: Span<UInt8>) -> RadioIndication? {
        guard let header = try? Radiotap(parsing: packet), header.flags?.contains(.badFCS) != true else {
            counters.malformed += 1
            return nil
        }
        let range = header.mpduRange(ofPacketWithCount: packet.count)
        guard range.count >= Self.shortestFrame else {
            counters.malformed += 1
            return nil
        }
        let mpdu = packet.extracting(range)
        if let flags = header.transmitFlags { return report(on: mpdu, failed: flags.contains(.failed)) }
        counters.received += 1
        let copy = [UInt8](capacity: mpdu.count) { output in
            for index in mpdu.indices { output.append(mpdu[index]) }
        }
        return .frame(mpdu: copy, signal: header.antennaSignal, frequency: header.channel?.frequency)
    }

    private mutating func report(on mpdu: Span<UInt8>, failed: Bool) -> RadioIndication? {
        // Such a report never says that the transmission failed, thus says nothing.
        if Self.isToGroup(mpdu) { return nil }
        guard let number = ledger.take(reported: mpdu) else {
            counters.unknownStatus += 1
            return nil
        }
        if failed { counters.notAcknowledged += 1 } else { counters.acknowledged += 1 }
        return acknowledgment == .mac ? .transmitted(number: number, acknowledged: !failed) : nil
    }

    private static func isToGroup(_ mpdu: Span<UInt8>) -> Bool { mpdu.count > 4 && mpdu[4] & 1 == 1 }
}
