/// Why octets could not be taken for the frame, header or element that was asked for, and where.
public struct FrameError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The octets end inside a field: `needed` octets were expected from the offset on, `available` are there.
        case truncated(needed: Int, available: Int)
        /// Frame control announces a protocol version other than 0 (IEEE Std 802.11-2020, 9.2.4.1.2), or a capture
        /// header one that is not known.
        case unsupportedVersion(UInt8)
        /// The frame, element or action is of another kind than the one asked for.
        case otherKind
        /// The frame body is encrypted: nothing after the MAC header can be read without the key.
        case protected
        /// The frame is one fragment of a longer one; it can't be read alone.
        case fragment
        /// A length field says less than what must stand there.
        case impossibleLength(Int)
    }

    /// Octets from the start of what was parsed to the field in question.
    public var offset: Int
    /// What is wrong there.
    public var reason: Reason

    /// Makes an error.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}

extension FrameError: CustomStringConvertible {
    /// One line for people: where and why.
    public var description: String {
        switch reason {
        case .truncated(let needed, let available):
            "octet \(offset): cut short: \(needed) octets needed, \(available) there"
        case .unsupportedVersion(let version): "octet \(offset): version \(version) is not known"
        case .otherKind: "octet \(offset): not of the kind asked for"
        case .protected: "octet \(offset): the body is encrypted"
        case .fragment: "octet \(offset): only a fragment of a frame"
        case .impossibleLength(let length): "octet \(offset): a length of \(length) is impossible"
        }
    }
}
