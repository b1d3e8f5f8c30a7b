// Content too long for one element goes into several (IEEE Std 802.11-2020, 10.28.11 and 10.28.12): the first is full, with
// 255 octets behind its length field, and Fragment elements follow it at once; all but the last of them are full too.

extension Element {
    /// The Element ID of Fragment elements (9.4.2.188).
    static let fragmentID: UInt8 = 242
    /// The most octets behind a length field.
    private static let longest = 255

    /// Makes the elements that carry `body`, however long: one, and as many Fragment elements as it takes. `id` is not 255:
    /// that is an error of the program, and traps.
    public static func fragmented(id: UInt8, body: [UInt8]) -> [Element] {
        let first = Element(id: id, body: Array(body.prefix(longest)))
        return [first] + fragments(of: body.dropFirst(longest))
    }

    /// Makes the elements with an identifier extension that carry `body`, however long.
    public static func fragmented(extensionID: UInt8, body: [UInt8]) -> [Element] {
        let first = Element(extensionID: extensionID, body: Array(body.prefix(longest - 1)))
        return [first] + fragments(of: body.dropFirst(longest - 1))
    }

    private static func fragments(of rest: ArraySlice<UInt8>) -> [Element] {
        stride(from: rest.startIndex, to: rest.endIndex, by: longest).map { start in
            Element(id: fragmentID, body: Array(rest[start..<min(start + longest, rest.endIndex)]))
        }
    }

    /// Whether Fragment elements that follow carry on its content.
    private var isFull: Bool { length == Element.longest + 2 }

    /// The content of the element at `index` of a frame's elements, together with that of the Fragment elements that carry it
    /// on.
    public static func wholeBody(at index: Int, of elements: [Element]) -> [UInt8] {
        var body = elements[index].body
        var last = index
        while elements[last].isFull, last + 1 < elements.count, elements[last + 1].id == fragmentID {
            last += 1
            body += elements[last].body
        }
        return body
    }
}

extension BasicMultiLinkElement {
    /// Finds and reads the first Basic Multi-Link element among the elements of a frame, whether it is fragmented or not.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: `FrameError` as `init(parsing:)` for one element does; the offset counts from the Element ID octet, as if there
    ///   were no fragments.
    public init?(in elements: [Element]) throws(FrameError) {
        for (index, element) in elements.enumerated() where element.extensionID == Self.extensionID {
            do throws(FrameError) {
                try self.init(wholeBody: Element.wholeBody(at: index, of: elements))
                return
            } catch  where error.reason == .otherKind {
                continue
            }
        }
        return nil
    }

    /// The elements that carry it: one, or several where its Per-STA Profiles need the room.
    public var elements: [Element] { Element.fragmented(extensionID: Self.extensionID, body: body) }
}
