/// One interruption of a session, and the rounds of rebuild requests in it (`INT-1`, `REB-4`). The same for both roles.
struct Interruption<Live: Equatable>: Equatable {
    let since: MonotonicInstant
    /// What the agreement was, to be again.
    let live: Live
    /// When to try the next round; `nil` waits for a link.
    var retry: MonotonicInstant?
    /// Rounds of requests in vain so far.
    private(set) var round = 0
    /// The rebuild requests of this interruption.
    private(set) var requests = RequestCount()

    init(since: MonotonicInstant, live: Live, retry: MonotonicInstant? = nil) {
        self.since = since
        self.live = live
        self.retry = retry
    }

    /// Goes on with an interruption whose end was not confirmed.
    init(resuming claim: RebuildClaim, live: Live) {
        since = claim.since
        self.live = live
        round = claim.round
        requests = claim.requests
    }

    /// The radio acknowledged a request.
    func claim(_ attempt: Attempt, at now: MonotonicInstant) -> RebuildClaim {
        RebuildClaim(since: since, round: round, requests: requests, attempt: attempt, acknowledged: now)
    }

    /// The link for the next request of this round. When every candidate was tried, the next round is arranged.
    mutating func nextLink(
        tries: [LinkIdentifier: Int], bars: LinkBars = LinkBars(), _ context: PeerContext, _ port: inout Port
    ) -> PeerLink? {
        retry = nil
        if let link = context.nextCandidate(tries: tries, bars: bars, port: port) { return link }
        if context.hasCandidate(port) { retry = port.now + Attempt.backOff(afterRound: round, port: &port) }
        round += 1
        return nil
    }

    mutating func requested(at now: MonotonicInstant) { requests.add(at: now) }

    /// When the session is given up (`INT-2`).
    func retentionEnd(_ port: Port) -> MonotonicInstant { since + port.configuration.limits.retention }

    /// What is due while it lasts, requests on the air apart.
    func addDeadlines(to earliest: inout EarliestDeadline, _ port: Port) {
        earliest.consider(retentionEnd(port), .retention)
        earliest.consider(retry, .retry)
    }
}

/// A rebuild whose request a radio acknowledged, and the peer's agent did not yet: no payload, block acknowledgment or heartbeat of the
/// session came since (`REB-6`). The session lives, since payloads follow at once; but if the peer knows nothing of it, the
/// interruption goes on as if the request had failed.
struct RebuildClaim: Equatable {
    /// When the interruption began.
    let since: MonotonicInstant
    let round: Int
    let requests: RequestCount
    let attempt: Attempt
    let acknowledged: MonotonicInstant
}

/// Which rebuild of an agreement was the last (`REB-8`), and whose request it was: both ends count with the same numbers, since
/// either may ask. Requests are ordered by number and, for two that crossed with the same number, by the MLD address of their
/// senders: the higher one wins at both ends (`REB-7`).
struct RebuildOrder: Equatable {
    /// 0 before there was one.
    private(set) var number: UInt32 = 0
    private var isOwn = false
    /// The highest number that the peer was heard to have counted to; its requests with numbers up to it may still come.
    private var heard: UInt32 = 0

    /// The number for a request of this device: higher than all that the peer used, which would take it for old.
    mutating func next() -> UInt32 {
        number = (isAhead(of: heard) ? number : heard) &+ 1
        isOwn = true
        return number
    }

    /// The peer's heartbeat says how far it has counted, in requests that may not have arrived.
    mutating func peerCounted(to number: UInt32) {
        if Int32(bitPattern: number &- heard) > 0 { heard = number }
    }

    /// True if the last rebuild here is newer than one with this number.
    func isAhead(of other: UInt32) -> Bool { Int32(bitPattern: number &- other) > 0 }

    /// Whether a request of the peer is newer than the last one; otherwise it is a duplicate, overtaken, or the weaker of two
    /// that crossed, and what it says must not be looked at.
    func isNewer(_ request: UInt32, _ context: PeerContext, _ port: Port) -> Bool {
        let ahead = Int32(bitPattern: request &- number)
        let crossed = ahead == 0 && isOwn
        return ahead > 0 || crossed && context.mldAddress > port.configuration.mldAddress
    }

    /// True if a rebuild with this number is newer than the last one here.
    func isBehind(_ other: UInt32) -> Bool { Int32(bitPattern: other &- number) > 0 }

    /// Takes in a newer request of the peer.
    mutating func accept(_ request: UInt32) {
        number = request
        isOwn = false
    }
}
