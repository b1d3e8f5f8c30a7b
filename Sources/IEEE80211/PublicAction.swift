/// A Public action (IEEE Std 802.11-2020, 9.6.7): category 4. What follows the code is kept as octets.
public struct PublicAction: Hashable, Sendable {
    /// What the action is.
    public var code: Code
    /// The content after the code.
    public var body: [UInt8]

    /// Makes an action.
    public init(code: Code, body: [UInt8]) {
        self.code = code
        self.body = body
    }

    /// The Public Action field (Table 9-364). Unknown codes are held as they are.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code.
        public var rawValue: UInt8

        /// Makes a code from its number.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// 20/40 BSS Coexistence Management.
        public static let coexistenceManagement = Code(rawValue: 0)
        /// Extended Channel Switch Announcement.
        public static let extendedChannelSwitch = Code(rawValue: 4)
        /// Vendor Specific.
        public static let vendorSpecific = Code(rawValue: 9)
        /// GAS Initial Request.
        public static let gasInitialRequest = Code(rawValue: 10)
        /// GAS Initial Response.
        public static let gasInitialResponse = Code(rawValue: 11)
        /// GAS Comeback Request.
        public static let gasComebackRequest = Code(rawValue: 12)
        /// GAS Comeback Response.
        public static let gasComebackResponse = Code(rawValue: 13)
        /// TDLS Discovery Response.
        public static let tdlsDiscoveryResponse = Code(rawValue: 14)
        /// FILS Discovery.
        public static let filsDiscovery = Code(rawValue: 34)
    }

    /// The dialog token, in the actions that begin with one: GAS and TDLS discovery.
    public var dialogToken: UInt8? {
        switch code {
        case .gasInitialRequest, .gasInitialResponse, .gasComebackRequest, .gasComebackResponse,
            .tdlsDiscoveryResponse:
            body.first
        default: nil
        }
    }

    /// Whose vendor-specific action this is, and what follows the identifier (9.6.7.9); `nil` for other actions, and for one too
    /// short to say whose it is.
    public var vendorSpecific: (oui: OUI, body: ArraySlice<UInt8>)? {
        guard code == .vendorSpecific, body.count >= 3 else { return nil }
        return (OUI(body[0], body[1], body[2]), body[3...])
    }

    /// Parses what follows the category.
    init(parsing octets: Span<UInt8>, from offset: Int) throws(FrameError) {
        code = Code(rawValue: try octets.octet(at: offset))
        body = octets.copy(from: offset + 1, to: octets.count)
    }

    /// Appends what follows the category.
    func append(to octets: inout [UInt8]) {
        octets.append(code.rawValue)
        octets += body
    }
}
