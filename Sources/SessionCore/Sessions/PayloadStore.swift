/// Where payloads lie while the core has them: slots of one size in one block of memory, so that a payload costs no memory of
/// its own. Around each there is room for the headers and the check of the frame that carries it, which is built in place.
struct PayloadStore {
    /// The longest payload, in octets: the largest MSDU (IEEE Std 802.11-2020, 9.2.4.7).
    static let largestPayload = 2304
    /// In front of a payload: the MAC header of a QoS Data frame, and `PayloadHeader`.
    static let headroom = 64
    private static let stride = headroom + largestPayload + 8
    /// Slots that come at a time when all are in use.
    private static let growth = 64

    private var octets: [UInt8] = []
    private var slots: [Slot] = []
    private var free: [Int32] = []

    private struct Slot {
        var generation: UInt32 = 0
        var count: UInt16 = 0
    }

    /// Payloads that are held.
    var count: Int { slots.count - free.count }

    /// Takes in a copy of a payload; `nil` when it is too long.
    mutating func insert(_ payload: Span<UInt8>) -> StoredPayload? {
        guard payload.count <= Self.largestPayload else { return nil }
        if free.isEmpty { grow() }
        let slot = Int(free.removeLast())
        slots[slot].count = UInt16(payload.count)
        let start = slot * Self.stride + Self.headroom
        octets.withUnsafeMutableBytes { octets in
            payload.withUnsafeBytes { payload in
                UnsafeMutableRawBufferPointer(rebasing: octets[start..<start + payload.count]).copyMemory(from: payload)
            }
        }
        return StoredPayload(slot: Int32(slot), generation: slots[slot].generation)
    }

    /// Gives up a payload; from now on it is not there.
    mutating func remove(_ payload: StoredPayload) {
        guard contains(payload) else { return }
        slots[Int(payload.slot)].generation &+= 1
        free.append(payload.slot)
    }

    /// Whether a payload is still held.
    func contains(_ payload: StoredPayload) -> Bool { slots[Int(payload.slot)].generation == payload.generation }

    /// The length of a payload that is held.
    func length(of payload: StoredPayload) -> Int { Int(slots[Int(payload.slot)].count) }

    /// Lends a payload that is held.
    func withPayload<Result>(_ payload: StoredPayload, _ body: (Span<UInt8>) -> Result) -> Result {
        let start = Int(payload.slot) * Self.stride + Self.headroom
        return body(octets.span.extracting(start..<start + length(of: payload)))
    }

    /// Lends a frame that is built around a payload that is held.
    ///
    /// - Parameters:
    ///   - before: octets in front of the payload, at most `headroom`.
    ///   - after: octets behind it, at most 8.
    ///   - build: writes what is around the payload.
    mutating func withFrame<Result>(
        around payload: StoredPayload, before: Int, after: Int, build: (UnsafeMutableRawBufferPointer) -> Void,
        _ body: (Span<UInt8>) -> Result
    ) -> Result {
        let start = Int(payload.slot) * Self.stride + Self.headroom
        let range = start - before..<start + length(of: payload) + after
        octets.withUnsafeMutableBytes { build(UnsafeMutableRawBufferPointer(rebasing: $0[range])) }
        return body(octets.span.extracting(range))
    }

    private mutating func grow() {
        let first = slots.count
        octets.append(contentsOf: repeatElement(0, count: Self.growth * Self.stride))
        slots.append(contentsOf: repeatElement(Slot(), count: Self.growth))
        free.append(contentsOf: (first..<first + Self.growth).reversed().map(Int32.init))
    }
}

/// A payload in the store.
struct StoredPayload: Equatable {
    fileprivate let slot: Int32
    fileprivate let generation: UInt32
}
