import IEEE80211

/// A device's report of its links in some of its heartbeats, for the peer to compare with its own configuration (`CFG-1`).
public struct SenderLinks: Equatable, Sendable {
    /// The device's MLD MAC address.
    public var mldAddress: MACAddress
    /// Its links whose radios work, at most `most`.
    public var links: [Link]

    /// The most links that fit.
    public static let most = 15

    /// One link of the sender.
    public struct Link: Equatable, Sendable {
        /// The ID that the sender gives it.
        public var identifier: LinkIdentifier
        /// The centre of its channel in MHz.
        public var frequency: UInt16
        /// The address of the sender's radio.
        public var address: MACAddress

        /// Makes a description.
        public init(identifier: LinkIdentifier, frequency: UInt16, address: MACAddress) {
            self.identifier = identifier
            self.frequency = frequency
            self.address = address
        }
    }

    /// Makes a description.
    public init(mldAddress: MACAddress, links: [Link]) {
        self.mldAddress = mldAddress
        self.links = links
    }

    private static let linkLength = 9

    var packed: [UInt8] {
        var octets = (0..<6).map(mldAddress.octet)
        for link in links.prefix(Self.most) {
            octets.append(link.identifier.rawValue)
            octets.append(littleEndian: link.frequency)
            octets += (0..<6).map(link.address.octet)
        }
        return octets
    }

    /// - Returns: `nil` if the octets are none.
    init?(packed octets: some Collection<UInt8>) {
        guard octets.count >= 6, (octets.count - 6).isMultiple(of: Self.linkLength) else { return nil }
        mldAddress = Self.address(octets.prefix(6))
        links = []
        var rest = octets.dropFirst(6)
        while !rest.isEmpty {
            let link = Array(rest.prefix(Self.linkLength))
            rest = rest.dropFirst(Self.linkLength)
            // A link ID that there is not says nothing.
            guard let identifier = LinkIdentifier(Int(link[0])) else { continue }
            links.append(
                Link(
                    identifier: identifier, frequency: UInt16(link[1]) | UInt16(link[2]) << 8,
                    address: Self.address(link[3...])))
        }
    }

    private static func address(_ octets: some Sequence<UInt8>) -> MACAddress {
        MACAddress(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
