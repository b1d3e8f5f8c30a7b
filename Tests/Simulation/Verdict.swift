import IEEE80211
import SessionCore

/// The end of a life.
public enum Verdict: Equatable, Sendable {
    /// Nothing was wrong, and all converged.
    case good
    /// A rule was broken while the cluster lived.
    case wrong(Finding)
    /// Faults were over, and the cluster did not converge.
    case stuck(Finding)

    /// The finding, if any.
    public var finding: Finding? {
        switch self {
        case .good: nil
        case .wrong(let finding), .stuck(let finding): finding
        }
    }
}

/// A rule that was broken, and how.
public struct Finding: Error, Equatable, Sendable {
    /// The rules. Each says what never happens, with the requirement it stands for.
    public enum Rule: String, Sendable, CaseIterable {
        /// A payload is delivered once at most in a session (`REB-3`).
        case once
        /// Payloads of a session are delivered in the order in which they were accepted (`REB-3`).
        case ordered
        /// Nothing is delivered that was not accepted, and to nobody else.
        case genuine
        /// A payload is delivered, counted as lost, or held (`INT-2`).
        case counted
        /// No table is over its limit.
        case limited
        /// No deadline lies in the past.
        case timely
        /// Events are bounded in number.
        case terse
        /// No packet number comes twice under a key.
        case fresh
        /// After the faults each wanted session lives at both ends, on the same links, and carries what it holds (`REB-1`).
        case live
        /// A session that a user ended is ended at both ends (`ROL-2`).
        case ended
        /// After the faults links are alive where they work, and nowhere else (`HLT`).
        case linked
        /// The same seed gives the same life.
        case repeatable
        /// Idle agents send heartbeats alone, once a second.
        case quiet
    }

    /// The rule.
    public var rule: Rule
    /// When, in microseconds of the simulation.
    public var at: Int64
    /// The observation.
    public var text: String

    /// Makes a finding.
    public init(rule: Rule, at: Int64, text: String) {
        self.rule = rule
        self.at = at
        self.text = text
    }
}

/// The numbers of what happened in lives.
public struct Tally: Equatable, Sendable {
    /// By name.
    public private(set) var counts: [String: Int] = [:]

    /// No counts.
    public init() {}

    /// Counts.
    mutating func count(_ name: String, _ number: Int = 1) { counts[name, default: 0] += number }

    /// Adds those of another life.
    public mutating func add(_ other: Tally) { counts.merge(other.counts, uniquingKeysWith: +) }
}
