/// The Basic variant of the Multi-Link element (IEEE Std 802.11be-2024, 9.4.2.322.2): which multi-link device a frame
/// comes from, and over which of its links. What this type has no name for is kept as octets.
public struct BasicMultiLinkElement: Hashable, Sendable {
    /// The MLD MAC address: it identifies the device, whatever link it speaks on.
    public var mldAddress: MACAddress
    /// The Link ID Info field, if there: the link ID in the low four bits, four reserved bits above.
    private var linkIDInfo: UInt8?
    /// The Multi-Link Control field without its Link ID Info Present bit, which is told by `linkIDInfo`.
    private var control: UInt16
    /// What stands in the Common Info field after the Link ID Info, in the order that the presence bits give.
    public private(set) var otherCommonInfo: [UInt8]
    /// The Link Info field: Per-STA Profile subelements.
    public var linkInfo: [UInt8]

    /// The Element ID Extension of the Multi-Link element.
    static let extensionID: UInt8 = 107
    /// The Link ID Info Present bit of the Multi-Link Control field.
    private static let linkIDInfoPresent: UInt16 = 1 << 4
    /// Octets of each field that a presence bit announces, from bit 5 up: BSS Parameters Change Count, Medium
    /// Synchronization Delay Information, EML Capabilities, MLD Capabilities And Operations, AP MLD ID, Extended MLD
    /// Capabilities And Operations.
    private static let optionalLengths = [1, 2, 2, 2, 1, 2]

    /// Makes an element with the MLD MAC address and, if given, the link ID (`0 ... 15`; higher bits are dropped).
    public init(mldAddress: MACAddress, linkID: UInt8? = nil) {
        self.mldAddress = mldAddress
        linkIDInfo = linkID.map { $0 & 15 }
        control = 0
        otherCommonInfo = []
        linkInfo = []
    }

    /// Which of the device's links the sender of the frame stands on, `0 ... 15`.
    public var linkID: UInt8? { linkIDInfo.map { $0 & 15 } }

    /// Reads the element.
    ///
    /// - Throws: `FrameError` with the offset from the Element ID octet: `.otherKind` when it is not a Basic Multi-Link
    ///   element, `.truncated` or `.impossibleLength` when its Common Info is cut short or has no room for what the
    ///   presence bits announce.
    public init(parsing element: Element) throws(FrameError) {
        guard element.extensionID == Self.extensionID else { throw FrameError(offset: 0, reason: .otherKind) }
        try self.init(wholeBody: element.body)
    }

    /// Reads the element's whole content, which may have come in fragments.
    init(wholeBody: [UInt8]) throws(FrameError) {
        do throws(FrameError) {
            try self.init(parsing: wholeBody.span)
        } catch {
            throw FrameError(offset: error.offset + 3, reason: error.reason)
        }
    }

    /// Reads the element's content, after the Element ID Extension.
    private init(parsing body: Span<UInt8>) throws(FrameError) {
        let wholeControl: UInt16 = try body.number(at: 0)
        guard wholeControl & 7 == 0 else { throw FrameError(offset: 0, reason: .otherKind) }
        let hasLinkID = wholeControl & Self.linkIDInfoPresent != 0
        control = wholeControl & ~Self.linkIDInfoPresent

        let commonLength = Int(try body.octet(at: 2))
        guard commonLength >= 7 + (hasLinkID ? 1 : 0) + Self.announcedLength(control) else {
            throw FrameError(offset: 2, reason: .impossibleLength(commonLength))
        }
        try body.require(commonLength, at: 2)
        mldAddress = try body.address(at: 3)
        linkIDInfo = hasLinkID ? try body.octet(at: 9) : nil
        otherCommonInfo = body.copy(from: hasLinkID ? 10 : 9, to: 2 + commonLength)
        linkInfo = body.copy(from: 2 + commonLength, to: body.count)
    }

    /// Octets of the fields that the presence bits of the control field announce after the Link ID Info.
    private static func announcedLength(_ control: UInt16) -> Int {
        var length = 0
        for (index, fieldLength) in optionalLengths.enumerated() where control >> (5 + index) & 1 == 1 {
            length += fieldLength
        }
        return length
    }

    /// The element, as it was parsed or made. Too long a `linkInfo` for one element is an error of the program, and traps:
    /// `elements` has room.
    public var element: Element { Element(extensionID: Self.extensionID, body: body) }

    /// The content after the Element ID Extension.
    var body: [UInt8] {
        var body: [UInt8] = []
        body.append(littleEndian: control | (linkIDInfo == nil ? 0 : Self.linkIDInfoPresent))
        body.append(UInt8(7 + (linkIDInfo == nil ? 0 : 1) + otherCommonInfo.count))
        body.append(mldAddress)
        if let linkIDInfo { body.append(linkIDInfo) }
        body += otherCommonInfo
        body += linkInfo
        return body
    }
}
