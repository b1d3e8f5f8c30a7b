import IEEE80211
import Testing

@Suite struct ElementFragmentTests {
    /// Octets of content, and the length fields of the elements that carry it.
    @Test(arguments: [
        (0, [0]), (255, [255]), (256, [255, 1]), (510, [255, 255]), (511, [255, 255, 1]),
    ])
    func longContentGoesIntoFragments(count: Int, lengths: [Int]) throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let elements = Element.fragmented(id: 221, body: body)
        #expect(elements.map { $0.serialized().count - 2 } == lengths)
        #expect(elements.map(\.id) == [221] + Array(repeating: 242, count: lengths.count - 1))
        #expect(Element.wholeBody(at: 0, of: elements) == body)
        let wire = elements.flatMap { $0.serialized() }
        #expect(try Element.list(parsing: wire) == elements)
    }

    @Test func anIdentifierExtensionTakesRoom() {
        let body = [UInt8](repeating: 7, count: 255)
        let elements = Element.fragmented(extensionID: 107, body: body)
        #expect(elements.map { $0.body.count } == [254, 1])
        #expect(Element.wholeBody(at: 0, of: elements) == body)
    }

    /// Only a full element is carried on, only by Fragment elements, and only by those that follow at once.
    @Test func whatIsNoFragmentIsNotTakenForOne() {
        let full = Element(id: 221, body: Array(repeating: 1, count: 255))
        let fragment = Element(id: 242, body: [2])
        let short = Element(id: 221, body: [3])
        #expect(Element.wholeBody(at: 0, of: [short, fragment]) == [3])
        #expect(Element.wholeBody(at: 0, of: [full, short, fragment]).count == 255)
        #expect(Element.wholeBody(at: 0, of: [full, fragment, fragment]).count == 256)
        #expect(Element.wholeBody(at: 1, of: [full, full, fragment]).count == 256)
    }

    @Test func aLongMultiLinkElementIsReadFromItsFragments() throws {
        var element = BasicMultiLinkElement(mldAddress: MACAddress(rawValue: 0x0252_4c00_000a), linkID: 3)
        element.linkInfo = Array(repeating: 0x5a, count: 600)
        let elements = element.elements
        #expect(elements.count == 3)
        let others = [Element(id: 0, body: [1]), Element(extensionID: 107, body: [1, 0])]
        #expect(try BasicMultiLinkElement(in: others + elements) == element)
        #expect(try BasicMultiLinkElement(in: others) == nil)
        #expect(throws: FrameError.self) {
            try BasicMultiLinkElement(in: [Element(extensionID: 107, body: [0, 0, 7])])
        }
    }
}
