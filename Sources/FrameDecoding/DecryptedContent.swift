import SessionCore

/// What stood encrypted in a data frame, as far as the capture kept it.
public struct DecryptedContent: Sendable {
    /// All of it, with what stands before a payload.
    public let octets: [UInt8]
    /// The payload's header, the link that it was sent on, and how many octets it had; `nil` when there is no payload of a session
    /// in it.
    public let payload: (header: PayloadHeader, link: UInt8, count: Int)?

    init(_ octets: [UInt8]) {
        self.octets = octets
        payload = PayloadHeader.readProtectedStart(octets.span).map { ($0.0, $0.link, $0.count) }
    }

    /// The payload's octets, or all when there is none.
    public var plaintext: ArraySlice<UInt8> { payload == nil ? octets[...] : octets.dropFirst(PayloadHeader.length) }
}
