/// Which message of a handshake it is, as its first octet says.
public enum HandshakeKind: UInt8, Sendable {
    /// The first message of Noise.
    case request = 1
    /// The second message of Noise.
    case response
    /// In place of a response: ask again, with this cookie.
    case cookie

    /// Tells nothing of the rest of the message; `nil` when there is no message of that kind.
    public init?(of message: [UInt8]) {
        guard let octet = message.first else { return nil }
        self.init(rawValue: octet)
    }
}
