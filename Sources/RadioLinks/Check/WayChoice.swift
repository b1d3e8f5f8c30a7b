/// Decides how a radio is held: in the first way that proves to give MAC acknowledgments, or by a plain monitor. The agent and
/// `relink check` both go by this, and by nothing else.
enum WayChoice: Equatable {
    /// Hold the radio in this way, send frames, and come back with what was observed.
    case probe(RadioWay)
    /// Hold it in this way. `failures` are the ways before it that can't be used.
    case use(RadioWay, failures: [WayFailure])
    /// The radio can't be used as it is wanted.
    case refuse(RadioError)

    /// The facts to decide by.
    struct Question {
        /// The radio's name, for errors.
        var wiphy: String
        /// The ways to try, in order.
        var ways: [RadioWay]
        /// The ways that the driver does not offer.
        var missing: [RadioWay] = []
        /// True if ways behind the first that works are tried, too.
        var probesEveryWay = false
    }

    /// The outcome of a way that was tried.
    enum Outcome: Equatable {
        /// It can be used.
        case works
        /// It can't.
        case fails(WayObstacle)
    }

    /// The next step after what came of the ways that were tried so far.
    static func next(_ question: Question, after outcomes: [RadioWay: Outcome]) -> WayChoice {
        var failures = question.missing.map { WayFailure($0, .notOffered) }
        var chosen: WayChoice?
        for way in question.ways {
            switch outcomes[way] {
            case nil where question.probesEveryWay || way.acknowledges: return .probe(way)
            case nil, .works: chosen = chosen ?? choice(of: way, failures, question)
            case .fails(let obstacle): failures.append(WayFailure(way, obstacle))
            }
            if let chosen, !question.probesEveryWay { return chosen }
        }
        return chosen ?? .refuse(refusal(question, failures))
    }

    private static func choice(of way: RadioWay, _ failures: [WayFailure], _ question: Question) -> WayChoice {
        // A driver does that in every way, and with acknowledgments in frames peers could read nothing either.
        guard !way.acknowledges, let failure = failures.first(where: { $0.obstacle == .payloadChanged }) else {
            return .use(way, failures: failures)
        }
        return .refuse(.radioNotHeld(wiphy: question.wiphy, failure: failure))
    }

    private static func refusal(_ question: Question, _ failures: [WayFailure]) -> RadioError {
        // Without a plain monitor among the ways, MAC acknowledgments are wanted.
        guard question.ways.contains(.plain), let last = failures.last else {
            return .macAcknowledgmentImpossible(wiphy: question.wiphy, failures: failures)
        }
        return .radioNotHeld(wiphy: question.wiphy, failure: last)
    }
}
