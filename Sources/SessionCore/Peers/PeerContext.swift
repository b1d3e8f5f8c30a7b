import IEEE80211

/// What a session may know of its peer while it handles an input.
struct PeerContext {
    /// The peer's place in the engine.
    let index: Int
    let mldAddress: MACAddress
    let links: [PeerLink]

    func link(_ identifier: LinkIdentifier) -> PeerLink? { links.first { $0.identifier == identifier } }

    /// The link to try next (`REB-4`): one that is not barred, or else the one barred longest ago (`PRG-2`); the least tried,
    /// among those the best. `nil` when every candidate was tried often enough, or there is none.
    ///
    /// - Parameter set: the links that come into question; `nil` is all.
    func nextCandidate(
        tries: [LinkIdentifier: Int], among set: LinkSet? = nil, bars: LinkBars = LinkBars(), port: Port
    ) -> PeerLink? {
        let limit = port.configuration.session.triesPerLink
        return links.lazy
            .filter {
                (set?.contains($0.identifier) ?? true) && $0.isCandidate(at: port.now, port.configuration.health)
                    && tries[$0.identifier, default: 0] < limit
            }
            .min {
                let orders = (bars.order(of: $0.identifier), bars.order(of: $1.identifier))
                guard orders.0 == orders.1 else { return orders.0 < orders.1 }
                return (tries[$0.identifier, default: 0], $0.rank) < (tries[$1.identifier, default: 0], $1.rank)
            }
    }

    /// The links that both ends hold for alive.
    var linksInUse: LinkSet {
        LinkSet(links.lazy.filter { $0.health == .alive && $0.peerUsesIt }.map(\.identifier))
    }

    /// When something was last heard of the peer's agent.
    var lastHeard: MonotonicInstant? { links.lazy.compactMap(\.lastHeard).max() }

    /// The links that are alive.
    var aliveLinks: LinkSet { LinkSet(links.lazy.filter { $0.health == .alive }.map(\.identifier)) }

    /// The links that are alive or in doubt.
    var usableLinks: LinkSet { LinkSet(links.lazy.filter { $0.health.isUsable }.map(\.identifier)) }

    /// True if each of these links is lost or down. One that has not answered yet is neither.
    func outOfUse(_ set: LinkSet) -> Bool {
        set.allSatisfy { identifier in
            switch link(identifier)?.health {
            case .lost, .down, nil: true
            case .unknown, .alive, .suspect: false
            }
        }
    }

    /// Where to acknowledge the payloads of a session.
    func acknowledgmentLink(_ links: LinkSet, newest: LinkIdentifier) -> PeerLink? {
        if let link = link(newest), link.health == .alive { return link }
        return self.links.lazy.filter { links.contains($0.identifier) && $0.health == .alive }
            .min { $0.rank < $1.rank } ?? link(newest)
    }

    func hasCandidate(_ port: Port) -> Bool {
        links.contains { $0.isCandidate(at: port.now, port.configuration.health) }
    }

    /// The link for a frame that belongs to no session: the best that is there.
    func bestLink(_ port: Port) -> PeerLink? { nextCandidate(tries: [:], port: port) }
}

/// Orders `(tries, rank)`, which the standard library's tuples do not nest.
private func < (left: (Int, (Int, Int, LinkIdentifier)), right: (Int, (Int, Int, LinkIdentifier))) -> Bool {
    left.0 != right.0 ? left.0 < right.0 : left.1 < right.1
}

/// The requests of one establishment or of one interruption, over all rounds.
struct RequestCount: Equatable {
    /// When the first one was sent; `nil` before there was one.
    private(set) var first: MonotonicInstant?
    private(set) var count = 0

    mutating func add(at now: MonotonicInstant) {
        first = first ?? now
        count += 1
    }

    /// The time since the first one.
    func elapsed(at now: MonotonicInstant) -> Duration { first.map { now - $0 } ?? .zero }
}

/// One round of requests: each candidate link is tried, the best first, until one answers.
struct Attempt: Equatable {
    /// Requests of this round by link; only looked up, never iterated.
    var tries: [LinkIdentifier: Int]
    /// The request on the air.
    let link: LinkIdentifier
    let transmission: TransmissionNumber
    let dialogToken: UInt8
    /// When payloads follow a rebuild request, until they may.
    var payloadsDue: MonotonicInstant?

    /// How long to wait before the next round: doubles from round to round, with jitter.
    static func backOff(afterRound round: Int, port: inout Port) -> Duration {
        let parameters = port.configuration.session
        let longest = parameters.maximumBackOff.nanoseconds
        let doubled = parameters.initialBackOff.nanoseconds.multipliedReportingOverflow(by: 1 << min(round, 20))
        return port.random.jittered(.nanoseconds(doubled.overflow ? longest : min(doubled.partialValue, longest)))
    }
}

/// A session that ended: what the DELBA says, and how late frames of it are answered.
struct Ending: Equatable {
    let session: SessionIdentifier
    let tid: TrafficIdentifier
    /// This device's part in it.
    let role: SessionRole
    let standardReason: ReasonCode
    let reason: RefusalReason
}
