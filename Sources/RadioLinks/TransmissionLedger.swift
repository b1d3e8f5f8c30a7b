import SessionCore

/// The frames that were sent and whose TX report is due, oldest first.
struct TransmissionLedger {
    private struct Entry {
        let number: TransmissionNumber
        let mpdu: [UInt8]
    }

    private var entries: [Entry] = []
    private let limit: Int

    /// Keeps at most `limit` frames.
    init(limit: Int) { self.limit = limit }

    /// Notes a frame; returns whether the oldest had to be given up for it.
    mutating func add(number: TransmissionNumber, mpdu: [UInt8]) -> Bool {
        let isFull = entries.count == limit
        if isFull { entries.removeFirst() }
        entries.append(Entry(number: number, mpdu: mpdu))
        return isFull
    }

    /// Takes the frame out that a report is about: the oldest that is equal to it.
    mutating func take(reported mpdu: Span<UInt8>) -> TransmissionNumber? {
        guard let index = entries.firstIndex(where: { Self.isSame(sent: $0.mpdu.span, reported: mpdu) }) else {
            return nil
        }
        return entries.remove(at: index).number
    }

    /// Whether both are one frame: equal from address 1 on but for the sequence control. The kernel and the radio set
    /// frame control bits (retry), duration and sequence number on the way.
    private static func isSame(sent: Span<UInt8>, reported: Span<UInt8>) -> Bool {
        guard sent.count == reported.count else { return false }
        for index in stride(from: 4, to: sent.count, by: 1) where sent[index] != reported[index] {
            guard index == 22 || index == 23 else { return false }
        }
        return true
    }
}
