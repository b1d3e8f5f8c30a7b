/// An organizationally unique identifier (or company identifier) of 24 bits: whose vendor-specific content it is.
public struct OUI: Hashable, Sendable {
    /// The identifier as a number, `0 ... 0xff_ffff`; the first octet sent is bits 23 to 16.
    public let rawValue: UInt32

    /// Makes an identifier from its number; bits above 23 are dropped.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue & 0xff_ffff
    }

    /// Makes an identifier from its three octets in the order of transmission.
    init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
        rawValue = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
    }

    /// Its octets in the order of transmission.
    var octets: [UInt8] { [UInt8(rawValue >> 16), UInt8(rawValue >> 8 & 0xff), UInt8(rawValue & 0xff)] }
}

/// An element (IEEE Std 802.11-2020, 9.4.2.1): identifier, length, perhaps an identifier extension, content. Elements
/// whose meaning is not known are held like all others, so that they survive being parsed and sent again.
public struct Element: Hashable, Sendable {
    /// The Element ID.
    public let id: UInt8
    /// The Element ID Extension; there exactly when `id` is 255.
    public let extensionID: UInt8?
    /// The content, after the identifier extension if there is one.
    public let body: [UInt8]

    /// Makes an element without an extension. `id` is not 255, `body` has at most 255 octets: anything else is an error
    /// of the program, and traps.
    public init(id: UInt8, body: [UInt8]) {
        precondition(id != Element.extensionMarker && body.count <= 255)
        self.id = id
        extensionID = nil
        self.body = body
    }

    /// Makes an element with an identifier extension. `body` has at most 254 octets: more is an error of the program,
    /// and traps.
    public init(extensionID: UInt8, body: [UInt8]) {
        precondition(body.count <= 254)
        id = Element.extensionMarker
        self.extensionID = extensionID
        self.body = body
    }

    /// The Element ID that says that an Element ID Extension follows.
    static let extensionMarker: UInt8 = 255
    /// The Element ID of vendor-specific elements (9.4.2.25).
    static let vendorSpecificID: UInt8 = 221

    /// Makes a vendor-specific element (9.4.2.25). `body` has at most 252 octets: more is an error of the program, and
    /// traps.
    public static func vendorSpecific(_ oui: OUI, _ body: [UInt8]) -> Element {
        Element(id: vendorSpecificID, body: oui.octets + body)
    }

    /// Whose vendor-specific element this is, and what follows the identifier; `nil` for other elements, and for one too
    /// short to say whose it is.
    public var vendorSpecific: (oui: OUI, body: ArraySlice<UInt8>)? {
        guard id == Element.vendorSpecificID, body.count >= 3 else { return nil }
        return (OUI(body[0], body[1], body[2]), body[3...])
    }
}

// MARK: - On the air

extension Element {
    /// Parses elements to the end of `octets`.
    ///
    /// - Throws: `FrameError` with the offset of the element that is cut short.
    public static func list(parsing octets: Span<UInt8>, from start: Int = 0) throws(FrameError) -> [Element] {
        var elements: [Element] = []
        var offset = start
        while offset < octets.count {
            let element = try Element(parsing: octets, at: offset)
            elements.append(element)
            offset += element.length
        }
        return elements
    }

    /// Parses elements that fill all of `octets`.
    ///
    /// - Throws: `FrameError` with the offset of the element that is cut short.
    public static func list(parsing octets: [UInt8]) throws(FrameError) -> [Element] {
        try list(parsing: octets.span)
    }

    /// The octets that the element takes on the air.
    var length: Int { (extensionID == nil ? 2 : 3) + body.count }

    /// The offset behind the element at `offset`, if all of it is there.
    static func checkedEnd(_ octets: Span<UInt8>, at offset: Int) throws(FrameError) -> Int {
        try octets.require(2, at: offset)
        let length = Int(octets[offset + 1])
        try octets.require(2 + length, at: offset)
        guard octets[offset] != Element.extensionMarker || length >= 1 else {
            throw FrameError(offset: offset + 1, reason: .impossibleLength(length))
        }
        return offset + 2 + length
    }

    /// Parses the element at `offset`.
    private init(parsing octets: Span<UInt8>, at offset: Int) throws(FrameError) {
        let end = try Element.checkedEnd(octets, at: offset)
        if octets[offset] == Element.extensionMarker {
            self.init(extensionID: octets[offset + 2], body: octets.copy(from: offset + 3, to: end))
        } else {
            self.init(id: octets[offset], body: octets.copy(from: offset + 2, to: end))
        }
    }

    /// Appends the element as it is sent.
    func append(to octets: inout [UInt8]) {
        octets.append(id)
        octets.append(UInt8(length - 2))
        if let extensionID { octets.append(extensionID) }
        octets.append(contentsOf: body)
    }

    /// The element as it is sent.
    public func serialized() -> [UInt8] {
        var octets: [UInt8] = []
        append(to: &octets)
        return octets
    }
}
