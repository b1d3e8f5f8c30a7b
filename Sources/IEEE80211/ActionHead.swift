/// The first octets of an Action field (IEEE Std 802.11-2020, 9.4.1.11): the category, and as a rule the action code and a
/// dialog token. Reading them takes no memory from the heap.
public struct ActionHead: Hashable, Sendable {
    /// The category (Table 9-51).
    public var category: UInt8
    /// The action code; `nil` where the category has an OUI instead, and where the field ends before it.
    public var code: UInt8?
    /// The dialog token, in the actions that have one behind the action code.
    public var dialogToken: UInt8?

    /// Reads the head of the Action field at `offset`.
    ///
    /// - Throws: `FrameError`: `.truncated` where there is no category.
    public init(parsing octets: Span<UInt8>, at offset: Int) throws(FrameError) {
        category = try octets.octet(at: offset)
        guard category != 126, category != 127 else { return }
        code = try? octets.octet(at: offset + 1)
        guard let code, Self.hasDialogToken(category: category, code: code) else { return }
        dialogToken = try? octets.octet(at: offset + 2)
    }

    /// Whether a dialog token follows the action code.
    private static func hasDialogToken(category: UInt8, code: UInt8) -> Bool {
        switch category {
        case 0: code <= 3  // Spectrum Management but Channel Switch Announcement (9.6.2)
        case 1: code <= 1  // QoS: ADDTS (9.6.3)
        case 3: code <= 1  // Block Ack: ADDBA (9.6.4)
        case 4: (10...14).contains(code)  // Public: GAS, TDLS Discovery Response (9.6.7)
        case 5: code <= 5  // Radio Measurement (9.6.6)
        case 10:  // WNM but TFS Notify, QoS Traffic Capability Update and Timing Measurement Request (9.6.13)
            code <= 27 && ![15, 20, 25].contains(code)
        default: false
        }
    }
}
