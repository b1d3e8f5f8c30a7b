import IEEE80211
import LinkSecurity

/// The element at the end of each protected action frame: vendor-specific (ID 221), so that whoever does not know it skips it.
/// Its last 24 octets are GCMP header and tag, over all that stands before them. docs/protocol.md shows it octet by octet.
public enum ProtectionElement {
    static let type: UInt8 = 7
    /// An element with nothing in the place of header and tag.
    private static let blank = Element.vendorSpecific(
        SessionElement.oui,
        [type, SessionElement.version] + [UInt8](repeating: 0, count: PeerSecurity.actionProtectionLength)
    ).serialized()
    /// Octets before GCMP header and tag.
    private static let headLength = 7
    /// Octets of the whole element.
    public static let length = headLength + PeerSecurity.actionProtectionLength

    /// Appends an element with room for header and tag.
    static func append(to mpdu: inout [UInt8]) { mpdu += blank }

    /// Whether an MPDU ends with such an element.
    public static func isAtEnd(of mpdu: Span<UInt8>) -> Bool {
        let start = mpdu.count - length
        guard start >= 0 else { return false }
        for index in 0..<headLength where mpdu[start + index] != blank[index] { return false }
        return true
    }
}

/// The vendor-specific action frame that carries a handshake message: type, version, and the message of `LinkSecurity`.
public enum HandshakeFrame {
    /// Its type among this protocol's action frames.
    public static let type: UInt8 = 6

    static func action(_ message: [UInt8]) -> Action {
        .vendorSpecific(VendorSpecificAction(oui: SessionElement.oui, body: [type, SessionElement.version] + message))
    }

    /// The message in an action frame.
    ///
    /// - Returns: `nil` when it is no handshake frame.
    public static func message(in action: Action) throws(SessionFrameError) -> [UInt8]? {
        guard case .vendorSpecific(let action) = action, action.oui == SessionElement.oui, action.body.first == type
        else { return nil }
        guard action.body.count >= 2 else { throw .truncated }
        guard action.body[1] == SessionElement.version else { throw .versionNotSupported(action.body[1]) }
        return Array(action.body.dropFirst(2))
    }
}
