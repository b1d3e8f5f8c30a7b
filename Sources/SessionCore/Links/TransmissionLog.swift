import DequeModule

/// What was sent, by its number, until its fate is known; and for a while longer, since a report may come late.
struct TransmissionLog {
    /// Index i has the number `first` + i; `nil` is done with.
    private var entries: Deque<Entry?> = []
    private var first: UInt32
    /// How many wait for a report.
    private(set) var waiting = 0
    /// How many were not reported in time, and may still be.
    private(set) var overdue = 0
    /// No report is due before this; `nil` when none is awaited.
    private(set) var nextDeadline: MonotonicInstant?

    /// The most numbers that are kept; radios report or time out within milliseconds.
    static let capacity = 16384
    /// How long a report may come too late, and still be understood, in nanoseconds.
    private static let memory: Int64 = 1_000_000_000

    private struct Entry {
        let transmission: Transmission
        var isOverdue = false
    }

    /// Numbers count on from `last`.
    init(last: UInt32) { first = last &+ 1 }

    /// The number of the next transmission.
    var nextNumber: TransmissionNumber { TransmissionNumber(rawValue: first &+ UInt32(entries.count)) }

    /// Notes a transmission, whose number must be `nextNumber`; `nil` when nobody cares for its fate.
    mutating func append(_ transmission: Transmission?) {
        trim(before: transmission.map { $0.sent.advanced(byNanoseconds: -Self.memory) })
        if entries.isEmpty, transmission == nil {
            first &+= 1
            return
        }
        entries.append(transmission.map { Entry(transmission: $0) })
        guard let transmission else { return }
        waiting += 1
        nextDeadline = min(nextDeadline ?? transmission.deadline, transmission.deadline)
    }

    /// Takes out the transmission that a report or an acknowledgment is about.
    ///
    /// - Returns: the transmission, and whether it was overdue; `nil` when nobody waits for it any more.
    mutating func take(
        _ number: TransmissionNumber, on link: LinkIdentifier, from source: AcknowledgmentSource
    ) -> (Transmission, isLate: Bool)? {
        let index = Int(number.rawValue &- first)
        guard index < entries.count, let entry = entries[index], entry.transmission.link == link,
            entry.transmission.source == source
        else { return nil }
        remove(at: index, entry)
        return (entry.transmission, entry.isOverdue)
    }

    /// The peer that a transmission went to, while its fate is open.
    func peer(of number: TransmissionNumber, on link: LinkIdentifier) -> Int? {
        let index = Int(number.rawValue &- first)
        guard index < entries.count, let entry = entries[index], entry.transmission.link == link else { return nil }
        return entry.transmission.peer
    }

    /// Takes note that the report on the first transmission whose time is up did not come. It may still come.
    mutating func nextOverdue(at now: MonotonicInstant) -> Transmission? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        var earliest: MonotonicInstant?
        for index in entries.indices {
            guard let entry = entries[index], !entry.isOverdue else { continue }
            if entry.transmission.deadline <= now {
                entries[index]?.isOverdue = true
                waiting -= 1
                overdue += 1
                return entry.transmission
            }
            earliest = min(earliest ?? entry.transmission.deadline, entry.transmission.deadline)
        }
        self.nextDeadline = earliest
        return nil
    }

    /// Forgets what a peer was sent on a link that is lost: late reports must not speak about its recovery.
    ///
    /// - Parameter link: `nil` forgets all of its links.
    mutating func forget(peer: Int, link: LinkIdentifier? = nil) {
        for index in entries.indices {
            guard let entry = entries[index], entry.transmission.peer == peer,
                link == nil || entry.transmission.link == link
            else { continue }
            remove(at: index, entry)
        }
    }

    private mutating func remove(at index: Int, _ entry: Entry) {
        entries[index] = nil
        if entry.isOverdue { overdue -= 1 } else { waiting -= 1 }
        if waiting == 0 { nextDeadline = nil }
    }

    /// Lets go of what is done with, what is older than `instant`, and what is too much.
    private mutating func trim(before instant: MonotonicInstant?) {
        while let entry = entries.first {
            if let entry {
                let isOld = entry.isOverdue && instant.map { entry.transmission.sent < $0 } ?? false
                guard isOld || entries.count >= Self.capacity else { return }
                remove(at: 0, entry)
            }
            entries.removeFirst()
            first &+= 1
        }
    }
}

/// A frame on its way, and what depends on its fate.
struct Transmission: Equatable {
    let number: TransmissionNumber
    let peer: Int
    let link: LinkIdentifier
    let purpose: Purpose
    /// Who will say what became of it.
    let source: AcknowledgmentSource
    let sent: MonotonicInstant
    let deadline: MonotonicInstant

    /// Whether what becomes of it says something about its link. Where acknowledgments come in frames, those of a payload that went
    /// out on several links do not tell on which it arrived.
    var speaksForLink: Bool {
        if source == .frame, case .payload(_, _, _, isMirrored: true) = purpose { false } else { true }
    }

    enum Purpose: Equatable {
        case heartbeat
        /// A session request, a rebuild request or a sharing request.
        case request(SessionIdentifier)
        /// The receiver's response that establishes a session.
        case response(SessionIdentifier)
        /// A DELBA, and how often it has been sent.
        case end(Ending, tries: Int)
        /// `isMirrored`: it went out on several links at once.
        case payload(SessionIdentifier, SequenceNumber, LinkPace.Reading, isMirrored: Bool)
        /// An acknowledgment or a refusal: nobody acknowledges it in a frame, and nothing depends on it but link health.
        case unacknowledged
        /// A handshake message: like that, but the peer does not count it as heard.
        case handshake

        /// Whether an acknowledgment in a frame is to be had for it.
        var isAcknowledgedInFrames: Bool { self != .unacknowledged && self != .handshake }
    }
}
