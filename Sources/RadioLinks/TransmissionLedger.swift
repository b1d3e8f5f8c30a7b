import DequeModule
import SessionCore

/// The frames that were sent and whose TX report is due, oldest first.
struct TransmissionLedger {
    private struct Entry {
        let number: TransmissionNumber
        let mark: UInt64
    }

    private var entries: Deque<Entry> = []
    private let limit: Int

    /// Keeps at most `limit` frames.
    init(limit: Int) { self.limit = limit }

    /// Notes a frame; returns whether the oldest had to be given up for it.
    mutating func add(number: TransmissionNumber, mpdu: Span<UInt8>) -> Bool {
        let isFull = entries.count == limit
        if isFull { entries.removeFirst() }
        entries.append(Entry(number: number, mark: Self.mark(of: mpdu)))
        return isFull
    }

    /// Takes the frame out that a report is about: the oldest that is equal to it.
    mutating func take(reported mpdu: Span<UInt8>) -> TransmissionNumber? {
        let mark = Self.mark(of: mpdu)
        guard let index = entries.firstIndex(where: { $0.mark == mark }) else { return nil }
        // Reports come in the order of sending, so this is nearly always the first.
        return index == 0 ? entries.removeFirst().number : entries.remove(at: index).number
    }

    /// How far a frame is looked at: all that tells our frames from each other lies before that.
    private static let markedLength = 128
    /// Octets up to and with the sequence control.
    private static let headerLength = 24

    /// A QoS data frame's first octet (IEEE Std 802.11-2020, 9.2.4.1.3).
    private static let qosData: UInt8 = 0x88

    /// A number that two frames of ours share by chance once in 2⁶⁴ times (FNV-1a by words): of the length, and of what stands
    /// from address 1 on, but for the sequence control, and QoS Control beside the TID. The kernel and the radio set frame control bits (retry),
    /// duration and sequence number on the way, and some drivers make QoS Control anew.
    private static func mark(of mpdu: Span<UInt8>) -> UInt64 {
        mpdu.withUnsafeBytes { octets in
            var mark: UInt64 = 0xcbf2_9ce4_8422_2325
            func add(_ word: UInt64) { mark = (mark ^ word) &* 0x100_0000_01b3 ^ mark >> 29 }
            add(UInt64(octets.count))
            let end = min(octets.count, markedLength)
            var index = 4
            if end >= headerLength {
                // Addresses 1, 2 and 3, then from behind the sequence control on.
                add(octets.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
                add(octets.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
                add(UInt64(octets.loadUnaligned(fromByteOffset: 20, as: UInt16.self)))
                index = headerLength
                if octets[0] == qosData, end >= headerLength + 2 {
                    add(UInt64(octets[headerLength] & 0x0f))
                    index += 2
                }
            }
            while index + 8 <= end {
                add(octets.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index += 8
            }
            while index < end {
                add(UInt64(octets[index]))
                index += 1
            }
            return mark
        }
    }
}
