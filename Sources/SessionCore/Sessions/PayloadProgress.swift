/// The judgment if the payloads of one session get through on one link (`PRG-1`): a judge beside `LinkHealth`, which looks at
/// acknowledgments of radios and at short frames. A radio acknowledges what its host never gets, and a link may lose long frames
/// while short ones pass; a block acknowledgment says what the peer's agent has.
///
/// A payload without block acknowledgment is a failure. A payload that was sent later, is at least as long and was block
/// acknowledged refutes it. Failures that nothing refutes count against the link.
struct PayloadProgress: Equatable {
    /// Oldest first, at most `mostFailures`.
    private var failures: [Failure] = []
    /// The round trips of block acknowledgments on this link.
    private var roundTrip = RoundTripEstimate()
    /// The presence of the peer's agent since the oldest of them, and the time of the next look.
    private var look = Look.first
    /// The longest payload that was delivered since somebody asked.
    private var longestDelivered: Int?

    /// A transmission of a payload.
    struct Sending: Equatable {
        let instant: MonotonicInstant
        let length: Int
    }

    fileprivate struct Failure: Equatable {
        let sending: Sending
        /// The longest payload that was sent later and was delivered: this failure says nothing about those.
        var floor = 0
    }

    private enum Look: Equatable {
        case first
        /// Nothing of the peer was received since: silence is another judge's.
        case peerAbsent(until: MonotonicInstant)
        /// It was: its block acknowledgment may be a moment behind.
        case peerPresent(until: MonotonicInstant)
    }

    /// The demands of a verdict: so many failures, and so many timeouts since the first of them was sent.
    struct Demand {
        let failures: Int
        let timeouts: Int64

        /// The radio retransmits each frame by itself: five payloads in vain are some thirty frames.
        static let mac = Demand(failures: 5, timeouts: 2)
        /// Each transmission is one frame.
        static let frame = Demand(failures: 8, timeouts: 4)
    }

    static let mostFailures = 16
    /// The interval between two looks for the peer.
    private static let interval = Duration.milliseconds(10)
    /// The time that a block acknowledgment may come behind another frame of an agent that was held up.
    private static let grace = Duration.milliseconds(5)

    /// The certainty that it was this link that delivered a payload.
    enum Certainty {
        /// It was sent once.
        case certain
        /// It was sent several times, on this link only.
        case repeated
        /// It was sent on another link before: that transmission may have arrived after all.
        case doubtful
    }

    /// A payload was block acknowledged.
    mutating func delivered(_ payload: Sending, _ certainty: Certainty, at now: MonotonicInstant) {
        if certainty == .certain { roundTrip.add(now.nanoseconds(since: payload.instant)) }
        if certainty != .doubtful { longestDelivered = max(longestDelivered ?? 0, payload.length) }
        guard !failures.isEmpty else { return }
        if certainty != .doubtful {
            failures.removeAll { $0.isRefuted(by: payload) }
        } else if let index = failures.firstIndex(where: { $0.isRefuted(by: payload) }) {
            // One at a time, so that a link that carries little else than what others lost is judged fairly.
            failures.remove(at: index)
        }
        for index in failures.indices where failures[index].sending.instant <= payload.instant {
            failures[index].floor = max(failures[index].floor, payload.length)
        }
        look = .first
    }

    /// A payload got no block acknowledgment.
    ///
    /// When there are too many failures, the shortest are forgotten first, because long payloads are refuted least. The oldest of the
    /// shortest stays: it is what shows that short payloads fail, too.
    mutating func failed(_ payload: Sending) {
        failures.append(Failure(sending: payload))
        guard failures.count > Self.mostFailures,
            let shortest = failures.indices.min(by: { lengthAt($0) < lengthAt($1) }),
            let excess = failures.indices.reversed().filter({ $0 != shortest }).min(by: { lengthAt($0) < lengthAt($1) })
        else { return }
        failures.remove(at: excess)
    }

    private func lengthAt(_ index: Int) -> Int { failures[index].sending.length }

    /// The failures of payloads of some length or more, none of which was delivered since; the least length for which there are
    /// enough of them.
    private func claim(_ demand: Demand) -> [Sending]? {
        guard failures.count >= demand.failures else { return nil }
        for length in Set(failures.map(\.sending.length)).sorted() {
            let support = failures.filter { $0.sending.length >= length && $0.floor < length }
            if support.count >= demand.failures { return support.map(\.sending) }
        }
        return nil
    }

    /// Forgets what was: the session leaves the link, or begins there anew.
    mutating func clear() {
        failures = []
        look = .first
        longestDelivered = nil
    }

    /// The length of the longest payload that got through since the last time.
    mutating func takeLongestDelivered() -> Int? {
        defer { longestDelivered = nil }
        return longestDelivered
    }

    var hasFailures: Bool { !failures.isEmpty }

    /// When to judge; `nil` while too little failed.
    func due(_ demand: Demand, least: Duration) -> MonotonicInstant? {
        guard let first = claim(demand)?.first else { return nil }
        switch look {
        case .first: return first.instant.advanced(byNanoseconds: roundTrip.timeout(atLeast: least) * demand.timeouts)
        case .peerAbsent(let instant), .peerPresent(let instant): return instant
        }
    }

    /// Judges.
    ///
    /// - Parameters:
    ///   - heard: when the peer's agent was last heard on any link.
    ///   - delay: how long the peer may collect payloads before it acknowledges them.
    ///   - least: the least timeout.
    /// - Returns: how long the payloads are that do not get through, the shortest and the longest; `nil` when the link is not to
    ///   be blamed, or not yet.
    mutating func verdict(
        _ demand: Demand, heard: MonotonicInstant?, delay: Duration, least: Duration, at now: MonotonicInstant
    ) -> ClosedRange<Int>? {
        guard let due = due(demand, least: least), due <= now, let claim = claim(demand), let first = claim.first
        else { return nil }
        switch look {
        case .peerPresent:
            let lengths = claim.map(\.length)
            guard let shortest = lengths.min(), let longest = lengths.max() else { return nil }
            return shortest...longest
        case .first, .peerAbsent:
            let expected = max(roundTrip.expected, (delay * 4).nanoseconds)
            let isPresent = heard.map { first.instant.advanced(byNanoseconds: expected) <= $0 } ?? false
            look = isPresent ? .peerPresent(until: now + Self.grace) : .peerAbsent(until: now + Self.interval)
            return nil
        }
    }
}

/// The progress of a session's payloads on each link.
struct ProgressTable: Equatable {
    private var values: [PayloadProgress] = []

    subscript(link: LinkIdentifier) -> PayloadProgress {
        get { Int(link.rawValue) < values.count ? values[Int(link.rawValue)] : PayloadProgress() }
        _modify {
            while values.count <= Int(link.rawValue) { values.append(PayloadProgress()) }
            yield &values[Int(link.rawValue)]
        }
    }
}

extension PayloadProgress.Failure {
    /// True if a payload that was delivered shows that such ones get through.
    fileprivate func isRefuted(by payload: PayloadProgress.Sending) -> Bool {
        sending.length <= payload.length && sending.instant <= payload.instant
    }
}
