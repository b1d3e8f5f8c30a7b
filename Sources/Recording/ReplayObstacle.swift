import LinkSecurity

/// Why a recording can't be decided again.
public enum ReplayObstacle: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the core knew before the file began is in no file.
    case midway
    /// Frames are protected, and what was cut off them can't be made up: a tag covers all of a frame.
    case cutFrames
    /// Frames are protected, and there are no secrets.
    case noSecrets
    /// There are secrets, of other recordings.
    case otherSecrets

    /// What is wrong, and what to do about it.
    public var description: String {
        switch self {
        case .midway:
            "what the core knew before this file began is not in it; replay a recording from its first file that began with the "
                + "agent (relink run --record). Frames and events can be read with decode and report."
        case .cutFrames:
            "its frames are protected, and of payloads only the start was kept, which no key fits; record with --record-whole, too, "
                + "to replay it. Frames and events can be read with decode and report."
        case .noSecrets:
            "its frames are protected, and what the keys came of is not in it; give with --keys what relink run --record-secrets "
                + "wrote while it was recorded. Without that, frames and events can be read with decode and report."
        case .otherSecrets:
            "the keys are none of this recording; give with --keys what relink run --record-secrets wrote while it was recorded"
        }
    }
}

extension RecordingStart {
    /// The secrets that a recording is replayed with, of those that there are.
    ///
    /// - Returns: `nil` when it needs none.
    /// - Throws: `ReplayObstacle` when it can't be replayed with these.
    public func secrets(among all: [ReplaySecrets]) throws(ReplayObstacle) -> ReplaySecrets? {
        guard !isMidway, part == 0 else { throw .midway }
        guard isProtected else { return nil }
        guard keptOctets == nil else { throw .cutFrames }
        guard !all.isEmpty else { throw .noSecrets }
        guard let secrets = all.first(where: { $0.seed == seed }) else { throw .otherSecrets }
        return secrets
    }
}
