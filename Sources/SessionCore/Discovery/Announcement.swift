import IEEE80211

/// A device says on one of its links that it is there, to whoever listens. docs/protocol.md shows the frame octet by octet.
public struct Announcement: Equatable, Sendable {
    /// The device's MLD address.
    public var mldAddress: MACAddress
    /// The link that the announcement is sent on, by the device's own numbering.
    public var link: LinkIdentifier
    /// What the device supports.
    public var capabilities: Capabilities
    /// How soon the next announcement follows on this link, in time units of 1,024 µs; jitter comes on top. 0 promises none.
    public var interval: UInt16

    /// How long the device may be silent: three and a half intervals, of a minute at the most.
    var longestSilence: Duration { min(.timeUnits(interval), .seconds(60)) * 7 / 2 }

    /// Makes an announcement.
    public init(mldAddress: MACAddress, link: LinkIdentifier, capabilities: Capabilities, interval: UInt16) {
        self.mldAddress = mldAddress
        self.link = link
        self.capabilities = capabilities
        self.interval = interval
    }

    /// What a device supports. It is not authentic: with keys, what handshakes tell counts.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// The octet as it travels; bits without a name are reserved and ignored.
        public let rawValue: UInt8
        /// Makes capabilities from the octet.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Sessions can be rebuilt (`EST-1`).
        public static let rebuild = Capabilities(rawValue: 1 << 0)
        /// Sessions can live on several links (`EST-3`).
        public static let sharing = Capabilities(rawValue: 1 << 1)
        /// The device's radio on this link acknowledges what is sent to it.
        public static let radioAcknowledges = Capabilities(rawValue: 1 << 2)
        /// The device protects its frames, and wants those of others protected.
        public static let protection = Capabilities(rawValue: 1 << 3)

        /// What the indicators of a session say.
        init(_ indicators: SessionElement.Flags) {
            self = []
            if indicators.contains(.supportsRebuild) { insert(.rebuild) }
            if indicators.contains(.supportsSharing) { insert(.sharing) }
        }

        /// The words for what is there, as people and scripts read them.
        public var names: [String] {
            let all: [(Capabilities, String)] = [
                (.rebuild, "rebuild"), (.sharing, "sharing"), (.radioAcknowledges, "radioAcknowledges"),
                (.protection, "protection"),
            ]
            return all.filter { contains($0.0) }.map(\.1)
        }
    }

    /// Its type among this protocol's action frames.
    static let type: UInt8 = 9
    private static let elementType: UInt8 = 10

    /// Whether an MPDU is an announcement, in whatever version.
    static func isCarried(by mpdu: Span<UInt8>, _ header: MACHeader) -> Bool {
        let kind = header.frameControl.kind
        return (kind == .action || kind == .actionNoAck)
            && PeerAction.type(of: mpdu.extracting(droppingFirst: header.headerLength)) == type
    }

    /// The elements, behind type and version.
    func append(to body: inout [UInt8]) {
        body += BasicMultiLinkElement(mldAddress: mldAddress, linkID: link.rawValue).element.serialized()
        var own: [UInt8] = [Self.elementType, SessionElement.version, capabilities.rawValue, 0]
        own.append(littleEndian: interval)
        body += Element.vendorSpecific(SessionElement.oui, own).serialized()
    }

    /// Reads the elements. Unknown ones, and what follows the known fields, are skipped.
    init(elements octets: ArraySlice<UInt8>) throws(SessionFrameError) {
        let (elements, multiLink) = try Self.read(octets)
        guard let multiLink else { throw .truncated }
        guard let link = multiLink.linkID.flatMap({ LinkIdentifier(Int($0)) }) else { throw .inconsistentLength }
        mldAddress = multiLink.mldAddress
        self.link = link
        for element in elements {
            guard let (oui, body) = element.vendorSpecific, oui == SessionElement.oui, body.first == Self.elementType
            else { continue }
            var fields = FieldReader(body.dropFirst())
            let version = try fields.octet()
            guard version == SessionElement.version else { throw .versionNotSupported(version) }
            capabilities = Capabilities(rawValue: try fields.octet())
            _ = try fields.octet()
            interval = try fields.integer()
            return
        }
        throw .truncated
    }

    /// Who sent an announcement of another version: in all versions, the Multi-Link element stands among the elements behind
    /// type and version.
    static func sender(ofBody body: [UInt8]) -> MACAddress? {
        (try? read(body.dropFirst(2)))?.1?.mldAddress
    }

    private static func read(
        _ octets: ArraySlice<UInt8>
    ) throws(SessionFrameError) -> ([Element], BasicMultiLinkElement?) {
        do throws(FrameError) {
            let elements = try Element.list(parsing: Array(octets))
            return (elements, try BasicMultiLinkElement(in: elements))
        } catch {
            throw .truncated
        }
    }
}
