import Foundation

/// What the environment tells the tests.
public enum Environment {
    /// The seed to repeat, from `RELINK_SEED`.
    public static let seed: UInt64? = ProcessInfo.processInfo.environment["RELINK_SEED"].flatMap { UInt64($0) }

    /// Whether peers of the virtual air have a key (`RELINK_SECURITY=psk`): every test of the core holds with it and without.
    public static let isSecured = ProcessInfo.processInfo.environment["RELINK_SECURITY"] == "psk"

    /// A seed that differs from run to run; whoever uses it prints it.
    public static let fresh = UInt64.random(in: 0..<(1 << 32))
}
