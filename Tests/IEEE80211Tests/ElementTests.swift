import IEEE80211
import Testing

@Suite struct ElementTests {
    @Test(arguments: [
        ("SSID", "00 03 616263", [Element(id: 0, body: [0x61, 0x62, 0x63])]),
        ("empty", "00 00", [Element(id: 0, body: [])]),
        ("none", "", []),
        ("extension", "ff 03 6b 0102", [Element(extensionID: 107, body: [1, 2])]),
        ("extension without content", "ff 01 00", [Element(extensionID: 0, body: [])]),
        (
            "unknown ones between known ones", "dd03 0050f2 9902 ffff 0000",
            [
                .vendorSpecific(OUI(rawValue: 0x0050f2), []), Element(id: 0x99, body: [255, 255]),
                Element(id: 0, body: []),
            ]
        ),
        (
            "the longest", "01 ff" + String(repeating: "5a", count: 255),
            [Element(id: 1, body: Array(repeating: 0x5a, count: 255))]
        ),
        (
            "the longest with an extension", "ff ff 24" + String(repeating: "5a", count: 254),
            [Element(extensionID: 0x24, body: Array(repeating: 0x5a, count: 254))]
        ),
    ])
    func octetsAndElementsAreTheSame(name: String, hex: String, elements: [Element]) throws {
        #expect(try Element.list(parsing: octets(hex)) == elements)
        #expect(elements.flatMap { $0.serialized() } == octets(hex))
    }

    @Test(arguments: [
        ("no length", "00", 0, FrameError.Reason.truncated(needed: 2, available: 1)),
        ("content cut short", "00 03 6162", 0, .truncated(needed: 5, available: 4)),
        ("the second has no length", "0000 dd", 2, .truncated(needed: 2, available: 1)),
        ("extension without its identifier", "0000 ff 00", 3, .impossibleLength(0)),
    ])
    func aMalformedListIsRefused(name: String, hex: String, offset: Int, reason: FrameError.Reason) {
        #expect(throws: FrameError(offset: offset, reason: reason)) { try Element.list(parsing: octets(hex)) }
    }

    @Test func vendorSpecificContentIsFound() throws {
        let element = try #require(try Element.list(parsing: octets("dd05 506f9a 1600")).first)
        let content = try #require(element.vendorSpecific)
        #expect(content.oui == OUI(rawValue: 0x506f9a))
        #expect(Array(content.body) == [0x16, 0])
    }

    @Test(arguments: ["dd02 506f", "00 03 506f9a", "ff03 506f9a"])
    func otherElementsHaveNoVendorSpecificContent(hex: String) throws {
        let element = try #require(try Element.list(parsing: octets(hex)).first)
        #expect(element.vendorSpecific == nil)
        #expect(element.serialized() == octets(hex))
    }
}

@Suite struct BasicMultiLinkElementTests {
    private let device = MACAddress(rawValue: 0x0252_4c00_000a)

    @Test func anElementWithALinkIsWrittenAsTheStandardSays() throws {
        let element = BasicMultiLinkElement(mldAddress: device, linkID: 2).element
        #expect(element.serialized() == octets("ff 0b 6b 1000 08 02524c00000a 02"))
        let back = try BasicMultiLinkElement(parsing: element)
        #expect(back.mldAddress == device && back.linkID == 2)
        #expect(back.linkInfo.isEmpty && back.otherCommonInfo.isEmpty)
    }

    @Test func anElementWithoutALinkHasNoLinkID() throws {
        let element = BasicMultiLinkElement(mldAddress: device).element
        #expect(element.serialized() == octets("ff 0a 6b 0000 07 02524c00000a"))
        #expect(try BasicMultiLinkElement(parsing: element).linkID == nil)
    }

    /// All presence bits, a reserved one too, a common info longer than they announce, reserved bits beside the link ID
    /// and a Per-STA Profile: everything comes out as it went in.
    @Test(arguments: [
        "ff 26 6b f00f 14 02524c00000a f3 01 0203 0405 0607 08 090a 0b0c 00 0f 3100 0d 02524c02000a 0011 2233 44 55",
        "ff 0d 6b 2000 08 02524c00000a 07 0000",
        "ff 0b 6b 0800 07 02524c00000a",
    ])
    func whatHasNoNameSurvives(hex: String) throws {
        var wire = octets(hex)
        wire[1] = UInt8(wire.count - 2)
        let element = try #require(try Element.list(parsing: wire).first)
        let multiLink = try BasicMultiLinkElement(parsing: element)
        #expect(multiLink.mldAddress == device)
        #expect(multiLink.element == element)
    }

    /// BSS Parameters Change Count (one octet) and EML Capabilities (two) are announced.
    @Test func theFieldsAfterTheLinkIDAreToldApartFromTheLinkInfo() throws {
        let element = Element(extensionID: 107, body: octets("b000 0b 02524c00000a 05 11 2233 0001 77"))
        let multiLink = try BasicMultiLinkElement(parsing: element)
        #expect(multiLink.linkID == 5)
        #expect(multiLink.otherCommonInfo == octets("11 2233"))
        #expect(multiLink.linkInfo == octets("0001 77"))

        let tooShort = Element(extensionID: 107, body: octets("b000 0a 02524c00000a 05 11 2233 0001 77"))
        #expect(throws: FrameError(offset: 5, reason: .impossibleLength(10))) {
            try BasicMultiLinkElement(parsing: tooShort)
        }
    }

    @Test(arguments: [
        (Element(id: 107, body: octets("0000 07 02524c00000a")), 0, FrameError.Reason.otherKind),
        (Element(extensionID: 106, body: octets("0000 07 02524c00000a")), 0, .otherKind),
    ])
    func anotherElementIsRefused(element: Element, offset: Int, reason: FrameError.Reason) {
        #expect(throws: FrameError(offset: offset, reason: reason)) { try BasicMultiLinkElement(parsing: element) }
    }

    @Test(arguments: [
        ("the Probe Request variant", "0100 07 02524c00000a", 3, FrameError.Reason.otherKind),
        ("no control", "00", 3, .truncated(needed: 2, available: 1)),
        ("no common info", "0000", 5, .truncated(needed: 1, available: 0)),
        ("address cut", "0000 07 0252", 5, .truncated(needed: 7, available: 3)),
        ("length without the address", "0000 06 02524c00000a", 5, .impossibleLength(6)),
        ("no room for the link ID", "1000 07 02524c00000a 01", 5, .impossibleLength(7)),
        ("no room for the last field", "0004 08 02524c00000a 01", 5, .impossibleLength(8)),
    ])
    func malformedContentIsRefused(name: String, body: String, offset: Int, reason: FrameError.Reason) {
        let element = Element(extensionID: 107, body: octets(body))
        #expect(throws: FrameError(offset: offset, reason: reason)) { try BasicMultiLinkElement(parsing: element) }
    }
}
