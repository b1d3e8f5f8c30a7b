import DequeModule

/// The initiator's side of the sequence: what the host handed over, from the oldest payload that is not acknowledged to the
/// newest. It survives interruption, rebuild and establishment anew, since it is what must not be lost (`REB-3`).
struct OriginatorWindow: Equatable {
    /// The lowest number that is neither acknowledged nor given up: WinStart, the resumption position.
    private(set) var start = SequenceNumber(rawValue: 0)
    /// The number that the next payload not yet sent gets.
    private(set) var next = SequenceNumber(rawValue: 0)
    /// How many payloads may be outstanding: the negotiated buffer size.
    var size = 1
    /// Index 0 has the number `start`. Those before `next` have been sent.
    private var entries: Deque<Entry> = []

    private struct Entry: Equatable {
        var payload: Payload
        let accepted: MonotonicInstant
        var fate = Fate.waiting
    }

    private enum Fate: Equatable {
        /// To be sent, for the first time or again.
        case waiting
        /// Sent at this instant, and not yet known to have arrived.
        case sent(MonotonicInstant)
        case acknowledged
    }

    /// Payloads that were accepted and are not acknowledged.
    var count: Int { entries.lazy.filter { $0.fate != .acknowledged }.count }
    /// The octets of these payloads.
    var octets: Int { entries.reduce(0) { $0 + $1.payload.count } }
    /// Payloads that are held, acknowledged ones that wait for an earlier one included.
    var held: Int { entries.count }
    /// Whether nothing is outstanding or waiting.
    var isEmpty: Bool { entries.isEmpty }
    /// The position that a rebuild request carries.
    var position: ResumptionPosition { ResumptionPosition(start: start, next: next) }

    mutating func accept(_ payload: Payload, at now: MonotonicInstant) {
        entries.append(Entry(payload: payload, accepted: now))
    }

    /// The next payload that may be sent now; it counts as sent.
    mutating func takeNextToSend(at now: MonotonicInstant) -> (SequenceNumber, Payload)? {
        let limit = min(entries.count, size)
        guard let index = entries.prefix(limit).firstIndex(where: { $0.fate == .waiting }) else { return nil }
        entries[index].fate = .sent(now)
        let number = start.advanced(by: index)
        if next.distance(to: number) >= 0 { next = number.advanced(by: 1) }
        return (number, entries[index].payload)
    }

    /// When the oldest outstanding payload was sent; `nil` when nothing is outstanding.
    var oldestSent: MonotonicInstant? {
        entries.prefix(size).lazy.compactMap { if case .sent(let instant) = $0.fate { instant } else { nil } }.min()
    }

    /// Takes in a block acknowledgment: everything before `acknowledgedStart`, and what `isAcknowledged` says behind it.
    ///
    /// - Returns: whether anything is new.
    mutating func acknowledge(_ acknowledgment: BlockAcknowledgment) -> Bool {
        let before = start.distance(to: acknowledgment.start)
        let sent = start.distance(to: next)
        guard before <= sent else { return false }  // about numbers that were never sent: forged or of another life
        var changed = false
        for index in 0..<min(sent, entries.count) where entries[index].fate != .acknowledged {
            if index < before || acknowledgment.contains(start.advanced(by: index)) {
                entries[index].fate = .acknowledged
                entries[index].payload = []
                changed = true
            }
        }
        slide()
        return changed
    }

    /// Takes in that everything before a number was received.
    ///
    /// - Returns: `false` when the receiver waits for payloads that are not here any more.
    mutating func acknowledge(before number: SequenceNumber) -> Bool {
        guard start.distance(to: number) >= 0 else { return false }
        while start != number, !entries.isEmpty, start != next { dropFirst() }
        slide()
        return true
    }

    /// Sends again what was sent before `instant` and is not acknowledged.
    mutating func sendAgain(sentBefore instant: MonotonicInstant) {
        for index in entries.indices.prefix(size) {
            if case .sent(let sent) = entries[index].fate, sent < instant { entries[index].fate = .waiting }
        }
    }

    /// Sends one payload again: its radio said that it did not arrive.
    mutating func sendAgain(_ number: SequenceNumber) {
        let index = start.distance(to: number)
        guard entries.indices.contains(index), case .sent = entries[index].fate else { return }
        entries[index].fate = .waiting
    }

    /// Sends everything again that is not acknowledged, with the same numbers: what a rebuild does (`REB-3`).
    mutating func sendAllAgain() {
        for index in entries.indices where entries[index].fate != .acknowledged { entries[index].fate = .waiting }
    }

    /// Gives up payloads that were accepted before `instant`; the resumption position moves past them (`REB-2`).
    ///
    /// - Returns: how many are lost by that.
    mutating func giveUp(acceptedBefore instant: MonotonicInstant) -> Int {
        var lost = 0
        while let first = entries.first, first.accepted < instant {
            if first.fate != .acknowledged { lost += 1 }
            dropFirst()
        }
        slide()
        return lost
    }

    /// When the oldest payload was accepted.
    var oldestAccepted: MonotonicInstant? { entries.first?.accepted }

    /// Starts a new sequence for a session established anew: everything not acknowledged is sent in it, in order.
    mutating func restart() {
        entries.removeAll { $0.fate == .acknowledged }
        sendAllAgain()
        start = SequenceNumber(rawValue: 0)
        next = start
    }

    /// Drops everything.
    ///
    /// - Returns: how many payloads are lost by that.
    mutating func removeAll() -> Int {
        let lost = count
        entries.removeAll()
        restart()
        return lost
    }

    private mutating func slide() {
        while let first = entries.first, first.fate == .acknowledged { dropFirst() }
    }

    private mutating func dropFirst() {
        entries.removeFirst()
        start = start.advanced(by: 1)
        if next.distance(to: start) > 0 { next = start }
    }
}

extension BlockAcknowledgment {
    /// Whether the bitmap says that `number` was received.
    func contains(_ number: SequenceNumber) -> Bool {
        let offset = start.distance(to: number)
        guard offset >= 0, offset / 8 < bitmap.count else { return false }
        return bitmap[offset / 8] >> UInt8(offset % 8) & 1 == 1
    }
}
