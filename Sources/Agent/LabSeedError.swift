import IEEE80211

/// An agent whose randomness comes of a seed was configured with a key that is not the lab's own.
public struct LabSeedError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The peer whose key it is; `nil` where it is the key of all peers without one of their own.
    public var peer: MACAddress?
    /// The fingerprint of the key.
    public var fingerprint: String

    /// The cause and the remedy.
    public var description: String {
        let owner = peer.map { "peer \($0)" } ?? "all peers"
        return """
            --lab-seed: the key of \(owner) (fingerprint \(fingerprint)) is not the lab's own, and with predictable randomness it would \
            protect nothing; leave --lab-seed out, or use the key that "relink key generate --lab FILE" writes
            """
    }
}
