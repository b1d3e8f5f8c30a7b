import Foundation

/// What the environment tells the tests.
public enum Environment {
    /// The seed to repeat, from `RELINK_SEED`.
    public static let seed: UInt64? = ProcessInfo.processInfo.environment["RELINK_SEED"].flatMap { UInt64($0) }

    /// A seed that differs from run to run; whoever uses it prints it.
    public static let fresh = UInt64.random(in: 0..<(1 << 32))
}
