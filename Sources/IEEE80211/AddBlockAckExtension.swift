/// The ADDBA Extension element (IEEE Std 802.11-2020, 9.4.2.138) as far as it tells the upper bits of a buffer size
/// (IEEE Std 802.11be, Extended Buffer Size; Linux: `IEEE80211_ADDBA_EXT_BUF_SIZE_MASK`).
public struct AddBlockAckExtension: Hashable, Sendable {
    /// The element's ID.
    public static let elementID: UInt8 = 159

    /// What is added to the ten bits of the Block Ack Parameter Set, in units of 1024 frames, `0 ... 7`.
    public let extendedBufferSize: UInt8

    /// Makes the element for a buffer size.
    ///
    /// - Parameter bufferSize: frames, `0 ... 8191`.
    /// - Returns: `nil` when the ten bits suffice.
    public init?(bufferSize: Int) {
        guard bufferSize > 1023 else { return nil }
        extendedBufferSize = UInt8(truncatingIfNeeded: bufferSize >> 10) & 7
    }

    private init(capabilities: UInt8) { extendedBufferSize = capabilities >> 5 }

    /// The element as it travels.
    public var element: Element { Element(id: Self.elementID, body: [extendedBufferSize << 5]) }

    /// The buffer size that a parameter set and the elements behind it tell together, in frames.
    public static func bufferSize(of parameters: BlockAckParameterSet, _ elements: [Element]) -> Int {
        let capabilities = elements.first { $0.id == elementID }?.body.first ?? 0
        return Int(parameters.bufferSize) + Int(Self(capabilities: capabilities).extendedBufferSize) << 10
    }
}
