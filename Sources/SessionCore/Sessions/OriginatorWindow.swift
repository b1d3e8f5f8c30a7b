import DequeModule

/// The initiator's side of the sequence: what the host handed over, from the oldest payload that is not acknowledged to the
/// newest. It survives interruption, rebuild and establishment anew, since it is what must not be lost (`REB-3`).
///
/// The payloads themselves lie in the store; whatever leaves the window is given up there.
struct OriginatorWindow: Equatable {
    /// The lowest number that is neither acknowledged nor given up: WinStart, the resumption position.
    private(set) var start = SequenceNumber(rawValue: 0)
    /// The number that the next payload not yet sent gets.
    private(set) var next = SequenceNumber(rawValue: 0)
    /// How many payloads may be outstanding: the negotiated buffer size.
    var size = 1
    /// Octets of all payloads that are held.
    private(set) var octets = 0
    /// How long it takes until a payload is acknowledged in a block acknowledgment.
    private(set) var roundTrip = RoundTripEstimate()
    /// When to look for payloads that nobody acknowledged; `nil` when nothing is outstanding.
    private(set) var checkInstant: MonotonicInstant?
    /// Index 0 has the number `start`. Those before `next` have been sent.
    private var entries: Deque<Entry> = []
    /// Nothing waits before this index.
    private var firstWaiting = 0
    /// The position that the receiver must learn, though no payload may carry it there; `nil` when it knows it.
    private(set) var announcement: PositionAnnouncement?
    /// The progress of payloads, link by link (`PRG-1`).
    var progress = ProgressTable()

    private struct Entry: Equatable {
        let payload: StoredPayload
        let length: Int
        let accepted: MonotonicInstant
        var fate = Fate.waiting
        var failures = Failures()

        mutating func fail(_ sending: Sending) {
            if failures.count == 0 { failures.since = sending.instant }
            failures.count = min(failures.count + 1, 1000)
            failures.links = failures.links.inserting(sending.link)
            failures.last = sending.link
        }
    }

    /// The transmissions of a payload that got no block acknowledgment.
    private struct Failures: Equatable {
        var count: Int16 = 0
        /// Where.
        var links: LinkSet = []
        /// Where the last one was: the next one goes elsewhere (`PRG-3`).
        var last: LinkIdentifier?
        /// When the first one was sent.
        var since = MonotonicInstant(nanoseconds: 0)
    }

    /// After so many failures a payload is sent again by the timer alone, and after `patientFailures` at doubling intervals: a
    /// radio that reports failures at once, or shorter payloads that get through, must not have it sent thousands of times.
    private static let quickFailures = 4, patientFailures = 6
    /// The conditions to give up a payload that does not get through anywhere (`PRG-4`).
    static let failuresUntilGivenUp = 8, timeUntilGivenUp = Duration.seconds(1)

    private enum Fate: Equatable {
        /// To be sent, for the first time or again.
        case waiting
        /// Sent, and not yet known to have arrived.
        case sent(Sending)
        /// The receiver has it; it waits there for an earlier one, and is the receiver's only when the window's start has passed it.
        case acknowledged
        /// Given up (`PRG-4`).
        case givenUp

        /// True if the window's start may pass it.
        var isOver: Bool { self == .acknowledged || self == .givenUp }
    }

    /// A start of the window that was reached by giving payloads up, and that the receiver has not confirmed (`REB-2`).
    struct PositionAnnouncement: Equatable {
        /// When to say it, unless a payload does.
        var due: MonotonicInstant
        /// The number of times that it was said.
        var tries = 0
        /// Payloads that the receiver had behind those: what became of them is not known.
        var passed = 0
    }

    /// The last transmission of a payload.
    struct Sending: Equatable {
        let number: TransmissionNumber
        let link: LinkIdentifier
        let instant: MonotonicInstant
    }

    /// A payload to be sent.
    struct Next: Equatable {
        let sequence: SequenceNumber
        let payload: StoredPayload
        let accepted: MonotonicInstant
        let isFirstTime: Bool
        /// How far it lies ahead of `start`.
        let ahead: UInt16
    }

    /// Payloads that are held, acknowledged ones that wait for an earlier one included.
    var held: Int { entries.count }
    /// The position that a rebuild request carries.
    var position: ResumptionPosition { ResumptionPosition(start: start, next: next) }

    private var sentCount: Int { start.distance(to: next) }

    mutating func accept(_ payload: StoredPayload, length: Int, at now: MonotonicInstant) {
        entries.append(Entry(payload: payload, length: length, accepted: now))
        octets += length
    }

    // MARK: Sending

    /// Whether a payload may be there to be sent: `nextToSend` tells.
    var mayHaveNext: Bool { firstWaiting < min(entries.count, size) }

    private mutating func findNext() -> Bool {
        let limit = min(entries.count, size)
        while firstWaiting < limit, entries[firstWaiting].fate != .waiting { firstWaiting += 1 }
        return firstWaiting < limit
    }

    /// Where the last transmission of the next payload was in vain; `nil` when it was not sent before, or nothing is there to be sent.
    mutating func linkToAvoid() -> LinkIdentifier? { findNext() ? entries[firstWaiting].failures.last : nil }

    /// The next payload that may be sent now.
    mutating func nextToSend() -> Next? {
        guard findNext() else { return nil }
        let entry = entries[firstWaiting]
        return Next(
            sequence: start.advanced(by: firstWaiting), payload: entry.payload, accepted: entry.accepted,
            isFirstTime: firstWaiting >= sentCount, ahead: UInt16(firstWaiting))
    }

    /// What `nextToSend` named was sent.
    ///
    /// - Parameter timeout: how long it may stay unacknowledged, in nanoseconds.
    mutating func sent(_ sending: Sending, timeout: Int64) {
        entries[firstWaiting].fate = .sent(sending)
        firstWaiting += 1
        if firstWaiting > sentCount { next = start.advanced(by: firstWaiting) }
        checkInstant = checkInstant ?? sending.instant.advanced(byNanoseconds: timeout)
    }

    /// How many payloads wait to be sent for the first time.
    var unsent: Int { entries.count - sentCount }

    /// Drops what `nextToSend` named and was never sent: the queue discipline wants it.
    mutating func dropNext(_ store: inout PayloadStore) {
        let entry = entries.remove(at: firstWaiting)
        octets -= entry.length
        store.remove(entry.payload)
    }

    // MARK: Acknowledgments

    /// Takes in a block acknowledgment: everything before its start, and what its bitmap says behind it. What was sent before
    /// something newer on the same link that arrived is lost, and waits again.
    ///
    /// - Parameter tell: hears of each last transmission whose fate is known by that.
    /// - Returns: whether anything is new.
    mutating func acknowledge(
        _ acknowledgment: BlockAcknowledgment, _ store: inout PayloadStore, at now: MonotonicInstant,
        tell: (Sending, _ arrived: Bool) -> Void
    ) -> Bool {
        let before = start.distance(to: acknowledgment.start)
        let sent = sentCount
        // About numbers that were never sent: forged or of another life.
        guard before <= sent else { return false }
        if before >= 0 { announcement = nil }
        var newest: [16 of TransmissionNumber?] = .init(repeating: nil)
        var oldestSent: MonotonicInstant?
        var changed = false
        for index in 0..<sent where index < before || acknowledgment.contains(start.advanced(by: index)) {
            if case .sent(let sending) = entries[index].fate {
                tell(sending, true)
                delivered(entries[index], sending, at: now)
                let link = Int(sending.link.rawValue)
                if newest[link].map({ $0.distance(to: sending.number) > 0 }) ?? true { newest[link] = sending.number }
                oldestSent = min(oldestSent ?? sending.instant, sending.instant)
            }
            if !entries[index].fate.isOver {
                entries[index].fate = .acknowledged
                changed = true
            }
        }
        if let oldestSent { roundTrip.add(now.nanoseconds(since: oldestSent)) }
        if changed { findLost(newest, sent, tell) }
        slide(&store)
        return changed
    }

    /// - Parameter entry: one that was block acknowledged.
    private mutating func delivered(_ entry: Entry, _ sending: Sending, at now: MonotonicInstant) {
        let certainty: PayloadProgress.Certainty =
            entry.failures.count == 0
            ? .certain : LinkSet([sending.link]).contains(entry.failures.links) ? .repeated : .doubtful
        progress[sending.link].delivered(
            PayloadProgress.Sending(instant: sending.instant, length: entry.length), certainty, at: now)
    }

    /// A link keeps its order: what is not there yet, though something sent later on the same link is, got lost.
    private mutating func findLost(
        _ newest: [16 of TransmissionNumber?], _ sent: Int, _ tell: (Sending, _ arrived: Bool) -> Void
    ) {
        for index in 0..<sent {
            guard case .sent(let sending) = entries[index].fate, let newest = newest[Int(sending.link.rawValue)],
                sending.number.distance(to: newest) > 0
            else { continue }
            tell(sending, false)
            failQuickly(index, sending)
        }
    }

    /// Takes in that everything before a number was received.
    ///
    /// - Returns: `false` when the receiver waits for payloads that are not here any more.
    mutating func acknowledge(before number: SequenceNumber, _ store: inout PayloadStore) -> Bool {
        guard start.distance(to: number) >= 0 else { return false }
        announcement = nil
        while start != number, !entries.isEmpty, start != next { dropFirst(&store) }
        slide(&store)
        return true
    }

    // MARK: Sending again

    /// Sends again what nobody acknowledged for `timeout` nanoseconds.
    mutating func sendOverdueAgain(timeout: Int64, at now: MonotonicInstant) {
        var earliest: MonotonicInstant?
        for index in 0..<sentCount {
            guard case .sent(let sending) = entries[index].fate else { continue }
            let doublings = max(0, min(Int(entries[index].failures.count) - Self.patientFailures, 4))
            let due = sending.instant.advanced(byNanoseconds: timeout << Int64(doublings))
            if due <= now { fail(index, sending) } else { earliest = min(earliest ?? due, due) }
        }
        checkInstant = earliest
    }

    /// Sends one payload again whose last transmission is known to be lost.
    mutating func sendAgain(_ sequence: SequenceNumber, lost number: TransmissionNumber) {
        let index = start.distance(to: sequence)
        guard entries.indices.contains(index), case .sent(let sending) = entries[index].fate, sending.number == number
        else { return }
        failQuickly(index, sending)
    }

    /// The length of a payload that is held; `nil` when it is not any more.
    func length(of sequence: SequenceNumber) -> Int? {
        let index = start.distance(to: sequence)
        return entries.indices.contains(index) ? entries[index].length : nil
    }

    private mutating func failQuickly(_ index: Int, _ sending: Sending) {
        if entries[index].failures.count < Self.quickFailures { fail(index, sending) }
    }

    /// The last transmission of a payload was in vain, for its link and for the payload itself.
    private mutating func fail(_ index: Int, _ sending: Sending) {
        entries[index].fail(sending)
        progress[sending.link].failed(
            PayloadProgress.Sending(instant: sending.instant, length: entries[index].length))
        wait(index)
    }

    /// Sends everything again that is not acknowledged and was last sent on a link that does not satisfy `isKept`, with the same
    /// numbers (`REB-3`, `SHR-3`).
    mutating func sendAgain(unlessOn isKept: (LinkIdentifier) -> Bool = { _ in false }) {
        for index in 0..<sentCount {
            if case .sent(let sending) = entries[index].fate, !isKept(sending.link) { wait(index) }
        }
    }

    private mutating func wait(_ index: Int) {
        entries[index].fate = .waiting
        firstWaiting = min(firstWaiting, index)
    }

    // MARK: Giving up

    /// Gives up payloads that were accepted before `instant`; the resumption position moves past them (`REB-2`).
    ///
    /// - Returns: how many are lost by that.
    mutating func giveUp(
        acceptedBefore instant: MonotonicInstant, _ store: inout PayloadStore, at now: MonotonicInstant
    ) -> Int {
        var lost = 0
        while let first = entries.first, first.accepted < instant {
            switch first.fate {
            case .waiting, .sent: lost += 1
            case .acknowledged: announce(at: now, passing: 1)
            case .givenUp: break
            }
            if start != next { announce(at: now) }
            dropFirst(&store)
        }
        if lost > 0, let first = entries.first, first.fate.isOver {
            announce(at: now, passing: entries.prefix { $0.fate.isOver }.count { $0.fate == .acknowledged })
        }
        slide(&store)
        return lost
    }

    /// The receiver must learn of a start that was reached by giving up.
    private mutating func announce(at now: MonotonicInstant, passing passed: Int = 0) {
        if announcement == nil { announcement = PositionAnnouncement(due: now) }
        announcement?.passed += passed
    }

    /// The position is to be said now, where no payload says it.
    ///
    /// - Parameter timeout: how long an answer may take, in nanoseconds.
    /// - Returns: whether to say it.
    mutating func takeAnnouncement(timeout: Int64, at now: MonotonicInstant) -> Bool {
        guard var position = announcement, position.due <= now else { return false }
        let isLeftToThis = entries.allSatisfy { $0.fate.isOver }
        if isLeftToThis { position.tries += 1 }
        position.due = now.advanced(byNanoseconds: timeout << Int64(min(position.tries, 4)))
        // A receiver of before does not answer with it.
        announcement = position.tries > Self.mostAnnouncements ? nil : position
        return isLeftToThis
    }

    private static let mostAnnouncements = 8

    /// Gives up payloads that get through on no link, while later, shorter ones do (`PRG-4`): they would hold up what the receiver
    /// has behind them. It learns of that from the next payload that arrives, so one that did arrive is sent again.
    ///
    /// - Parameter least: payloads of this length and more are known to fail on all links.
    /// - Returns: how many were given up, and the length of the shortest.
    mutating func giveUp(
        longerThan least: Int, _ store: inout PayloadStore, at now: MonotonicInstant
    ) -> (count: Int, length: Int)? {
        guard
            let last = entries[..<sentCount].lastIndex(where: { $0.fate == .acknowledged && $0.length < least })
        else { return nil }
        var lengths: [Int] = []
        for index in 0..<last where !entries[index].fate.isOver {
            let (failures, length) = (entries[index].failures, entries[index].length)
            guard length >= least, failures.count >= Self.failuresUntilGivenUp,
                now - failures.since >= Self.timeUntilGivenUp
            else { continue }
            entries[index].fate = .givenUp
            lengths.append(length)
        }
        guard let shortest = lengths.min() else { return nil }
        if entries[0].fate.isOver {
            wait(last)
            announce(at: now, passing: entries.prefix { $0.fate.isOver }.count { $0.fate == .acknowledged })
        }
        slide(&store)
        return (lengths.count, shortest)
    }

    /// How long a payload may stay without acknowledgment, in nanoseconds: as long as acknowledgments take here, at least `least`.
    func retransmissionTimeout(least: Duration) -> Int64 { roundTrip.timeout(atLeast: least) }

    /// Starts a new sequence for a session established anew: everything that is held is sent in it, in order. The receiver of before has
    /// delivered nothing of it, acknowledged or not.
    ///
    /// - Returns: how many payloads are lost by that: those whose fate nobody knows.
    mutating func restart(_ store: inout PayloadStore) -> Int {
        let lost = announcement?.passed ?? 0
        announcement = nil
        for entry in entries where entry.fate == .givenUp {
            octets -= entry.length
            store.remove(entry.payload)
        }
        entries.removeAll { $0.fate == .givenUp }
        for index in entries.indices { entries[index].fate = .waiting }
        progress = ProgressTable()
        firstWaiting = 0
        checkInstant = nil
        start = SequenceNumber(rawValue: 0)
        next = start
        return lost
    }

    /// Drops everything.
    ///
    /// - Returns: how many payloads are lost by that.
    mutating func removeAll(_ store: inout PayloadStore) -> Int {
        let lost = entries.count { $0.fate != .givenUp } + (announcement?.passed ?? 0)
        for entry in entries { store.remove(entry.payload) }
        self = OriginatorWindow()
        return lost
    }

    private mutating func slide(_ store: inout PayloadStore) {
        while let first = entries.first, first.fate.isOver { dropFirst(&store) }
    }

    private mutating func dropFirst(_ store: inout PayloadStore) {
        let entry = entries.removeFirst()
        octets -= entry.length
        store.remove(entry.payload)
        firstWaiting = max(0, firstWaiting - 1)
        // One that was never sent has no number.
        if start != next { start = start.advanced(by: 1) }
        if entries.isEmpty { checkInstant = nil }
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
