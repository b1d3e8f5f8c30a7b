/// How one link to one peer is doing. The link is judged by both directions: what this device sends must be acknowledged, and
/// the peer must be heard.
///
/// ```
///            radio up            acknowledged and heard
///   down ───────────────► unknown ───────────────────► alive ◄──── acknowledged ────┐
///    ▲                                                 │   └── not acknowledged ─► suspect
///    │ radio down (from any)      silence              │                            │ failuresUntilLost in a row,
///    │                        ┌────────────────────────┘                            │ or silence
///    │                        ▼                                                     │
///    └────────────────────── lost ◄─────────────────────────────────────────────────┘
///                              └── successesUntilAlive times acknowledged and heard, or a session request that gets through ──► alive
/// ```
enum LinkHealth: Equatable {
    /// This device's radio can't be used.
    case down
    /// The radio works, and the peer has not answered yet.
    case unknown(Proof)
    /// What is sent is acknowledged, and the peer is heard.
    case alive
    /// Something was not acknowledged; the link is tried at short intervals, and still used.
    case suspect(Suspicion)
    /// Not used until it has proved itself again: hysteresis, so that a flapping link does not drag sessions back and forth.
    case lost(Proof)

    /// What a link that is not in use has shown so far.
    struct Proof: Equatable {
        var acknowledged = 0
        var heard = 0

        func suffices(_ successes: Int) -> Bool { acknowledged >= successes && heard >= successes }
    }

    /// The failures in a row of a link in doubt.
    struct Suspicion: Equatable {
        var since: MonotonicInstant
        var failures: Int
    }

    /// A change that others must hear of.
    enum Change: Equatable {
        case becameAlive
        case becameSuspect
        case becameLost(EventCause, after: Duration)
    }

    /// Whether sessions may use the link.
    var isUsable: Bool {
        switch self {
        case .alive, .suspect: true
        case .down, .unknown, .lost: false
        }
    }

    /// Whether the link is used and not in doubt.
    var isAlive: Bool { if case .alive = self { true } else { false } }

    mutating func radioUp() {
        switch self {
        case .down: self = .unknown(Proof())
        case .unknown, .alive, .suspect, .lost: break
        }
    }

    mutating func radioDown(_ cause: LinkDownCause) -> Change? {
        let wasUsable = isUsable
        self = .down
        return wasUsable ? .becameLost(.radio(cause), after: .zero) : nil
    }

    mutating func acknowledged(_ thresholds: HealthThresholds) -> Change? {
        switch self {
        case .down, .alive: return nil
        case .suspect:
            self = .alive
            return .becameAlive
        case .unknown(var proof):
            proof.acknowledged += 1
            return prove(proof, successes: 1) { .unknown($0) }
        case .lost(var proof):
            proof.acknowledged += 1
            return prove(proof, successes: thresholds.successesUntilAlive) { .lost($0) }
        }
    }

    /// - Parameter source: where the acknowledgment should have come from.
    mutating func notAcknowledged(
        from source: AcknowledgmentSource, at now: MonotonicInstant, _ thresholds: HealthThresholds
    ) -> Change? {
        switch self {
        case .down: return nil
        case .unknown:
            self = .unknown(Proof())
            return nil
        case .lost:
            self = .lost(Proof())
            return nil
        case .alive: return fail(Suspicion(since: now, failures: 1), source, at: now, thresholds) ?? .becameSuspect
        case .suspect(let suspicion):
            return fail(
                Suspicion(since: suspicion.since, failures: suspicion.failures + 1), source, at: now, thresholds)
        }
    }

    mutating func heard(_ thresholds: HealthThresholds) -> Change? {
        switch self {
        case .down, .alive, .suspect: return nil
        case .unknown(var proof):
            proof.heard += 1
            return prove(proof, successes: 1) { .unknown($0) }
        case .lost(var proof):
            proof.heard += 1
            return prove(proof, successes: thresholds.successesUntilAlive) { .lost($0) }
        }
    }

    mutating func sessionReturns() -> Change? {
        switch self {
        case .down, .alive, .suspect: return nil
        case .unknown, .lost:
            self = .alive
            return .becameAlive
        }
    }

    mutating func silent(for duration: Duration) -> Change? {
        guard isUsable else { return nil }
        self = .lost(Proof())
        return .becameLost(.silence, after: duration)
    }

    /// The link must not be used.
    mutating func forbidden(_ cause: EventCause) -> Change? {
        guard isUsable else { return nil }
        self = .lost(Proof())
        return .becameLost(cause, after: .zero)
    }

    private mutating func fail(
        _ suspicion: Suspicion, _ source: AcknowledgmentSource, at now: MonotonicInstant,
        _ thresholds: HealthThresholds
    ) -> Change? {
        guard suspicion.failures >= thresholds.failuresUntilLost(source), now - suspicion.since >= thresholds.minimumDoubt(source)
        else {
            self = .suspect(suspicion)
            return nil
        }
        self = .lost(Proof())
        return .becameLost(.transmissionsNotAcknowledged, after: now - suspicion.since)
    }

    private mutating func prove(_ proof: Proof, successes: Int, orStay: (Proof) -> LinkHealth) -> Change? {
        guard proof.suffices(successes) else {
            self = orStay(proof)
            return nil
        }
        self = .alive
        return .becameAlive
    }
}
