import LinkSecurity

/// Where payloads lie while the core has them: slots of one size in one block of memory, so that a payload costs no memory of
/// its own. Around each there is room for the headers and the check of the frame that carries it, which is built in place.
struct PayloadStore {
    /// The longest payload, in octets: the largest MSDU (IEEE Std 802.11-2020, 9.2.4.7).
    static let largestPayload = 2304
    /// In front of a payload: the MAC header of a QoS Data frame, the GCMP header, and `PayloadHeader`.
    static let headroom = 64
    /// Behind a payload: the check, or the MIC.
    static let tailroom = 16
    private static let stride = headroom + largestPayload + tailroom
    /// Slots that come at a time when all are in use.
    private static let growth = 64

    private var octets: [UInt8] = []
    private var slots: [Slot] = []
    private var free: [Int32] = []
    /// Room for one frame that is encrypted: the payload itself stays readable, since it may have to be sent again.
    private var sealed: [UInt8] = []

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
    ///   - after: octets behind it, at most `tailroom`.
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

    /// Lends a protected frame that carries a payload that is held; not, if it can't be sealed.
    ///
    /// - Parameters:
    ///   - build: writes what is in front of the payload, `headroom` octets.
    ///   - body: gets the frame.
    mutating func withSealedFrame(
        around payload: StoredPayload, by protection: inout PeerProtection?,
        build: (UnsafeMutableRawBufferPointer) -> Void, _ body: (Span<UInt8>) -> Void
    ) {
        if sealed.isEmpty { sealed = [UInt8](repeating: 0, count: Self.stride) }
        let length = length(of: payload)
        let start = Int(payload.slot) * Self.stride + Self.headroom
        let count = Self.headroom + length + Self.tailroom
        let isSealed = octets.withUnsafeBytes { octets in
            sealed.withUnsafeMutableBytes { sealed in
                UnsafeMutableRawBufferPointer(rebasing: sealed[Self.headroom..<Self.headroom + length])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: octets[start..<start + length]))
                let octets = UnsafeMutableRawBufferPointer(rebasing: sealed[..<count])
                build(octets)
                var frame = MutableRawSpan(_unsafeBytes: octets)
                return protection?.seal(&frame) ?? false
            }
        }
        if isSealed { body(sealed.span.extracting(0..<count)) }
    }

    /// Takes in a protected frame, and decrypts it where its payload is to lie.
    ///
    /// - Returns: what it proved, and what `read` makes of the content; `nil` when it is too long or not authentic, and nothing
    ///   is held then.
    mutating func open(
        _ mpdu: Span<UInt8>, by protection: inout PeerProtection?
    ) -> (frame: AuthenticFrame, payload: StoredPayload)? {
        guard mpdu.count >= Self.headroom + Self.tailroom, mpdu.count <= Self.stride else {
            protection?.refusals.notAuthentic += 1
            return nil
        }
        if free.isEmpty { grow() }
        let slot = Int(free[free.count - 1])
        let range = slot * Self.stride..<slot * Self.stride + mpdu.count
        let authentic = octets.withUnsafeMutableBytes { octets in
            let octets = UnsafeMutableRawBufferPointer(rebasing: octets[range])
            mpdu.withUnsafeBytes { octets.copyMemory(from: $0) }
            var frame = MutableRawSpan(_unsafeBytes: octets)
            return protection?.open(&frame)
        }
        guard let authentic else { return nil }
        free.removeLast()
        slots[slot].count = UInt16(mpdu.count - Self.headroom - Self.tailroom)
        return (authentic, StoredPayload(slot: Int32(slot), generation: slots[slot].generation))
    }

    /// Lends the content of a protected frame that was just opened: what is in front of the payload behind the GCMP header, and
    /// the payload.
    func withContent<Result, Failure: Error>(
        _ payload: StoredPayload, from offset: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = Int(payload.slot) * Self.stride
        return try body(octets.span.extracting(start + offset..<start + Self.headroom + length(of: payload)))
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
