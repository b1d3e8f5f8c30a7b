/// Where the fields of a radiotap header stand: in the order of the presence bits, each aligned from the start of the
/// header to its own measure.
struct RadiotapLayout {
    /// Bits with a meaning in this room. Bits 29 to 31 have theirs in every present word.
    enum Bit {
        static let tsft = 0
        static let flags = 1
        static let rate = 2
        static let channel = 3
        static let antennaSignal = 5
        static let antennaNoise = 6
        static let transmitPower = 10
        static let antenna = 11
        static let receiveFlags = 14
        static let transmitFlags = 15
        static let dataRetries = 17
        static let mcs = 19
        static let aMPDUStatus = 20
        static let nextIsRadiotap = 29
        static let nextIsVendor = 30
        static let anotherWord = 31
    }

    /// Alignment and length of a field of the radiotap namespace, in octets; `nil` for bits that nobody has defined, or
    /// that announce a list of another form (28, TLV): what follows can't be found.
    static func measure(of bit: Int) -> (alignment: Int, length: Int)? {
        switch bit {
        case 0: (8, 8)  // TSFT
        case 1, 2: (1, 1)  // Flags, Rate
        case 3: (2, 4)  // Channel
        case 4: (2, 2)  // FHSS
        case 5, 6: (1, 1)  // Antenna signal, antenna noise, in dBm
        case 7, 8, 9: (2, 2)  // Lock quality, TX attenuation, the same in dB
        case 10, 11, 12, 13: (1, 1)  // TX power, Antenna, antenna signal and noise in dB
        case 14, 15: (2, 2)  // RX flags, TX flags
        case 16, 17: (1, 1)  // RTS retries, data retries
        case 18: (4, 8)  // XChannel
        case 19: (1, 3)  // MCS
        case 20: (4, 8)  // A-MPDU status
        case 21: (2, 12)  // VHT
        case 22: (8, 12)  // Timestamp
        case 23, 24: (2, 12)  // HE, HE-MU
        case 25: (2, 6)  // HE-MU other user
        case 26: (1, 1)  // 0-length PSDU
        case 27: (2, 4)  // L-SIG
        default: nil
        }
    }

    /// The first offset from `offset` on that is a multiple of `alignment`, a power of two.
    static func align(_ offset: Int, to alignment: Int) -> Int {
        (offset + alignment - 1) & -alignment
    }
}

extension RadiotapLayout {
    /// Goes through the fields of the header at the start of `octets`, in their order, and hands each bit of the radiotap
    /// namespace with the offset of its field to `field`. Fields of vendors are skipped by the length they declare. Ends
    /// silently at the first bit without a known length.
    ///
    /// - Throws: `.truncated` where the header's length leaves no room for a present word or a field.
    static func walk(
        _ octets: Span<UInt8>, length: Int, field: (_ bit: Int, _ offset: Int) throws(FrameError) -> Void
    ) throws(FrameError) {
        let header = octets.extracting(first: length)
        var offset = try endOfPresentWords(header)
        var wordOffset = 4
        var firstBit = 0
        var inRadiotap = true
        while true {
            let word: UInt32 = try header.number(at: wordOffset)
            if inRadiotap {
                var left = word & (1 << Bit.nextIsRadiotap - 1)
                while left != 0 {
                    let bit = left.trailingZeroBitCount
                    left &= left - 1
                    guard let (alignment, length) = measure(of: firstBit + bit) else { return }
                    offset = align(offset, to: alignment)
                    try header.require(length, at: offset)
                    try field(bit, offset)
                    offset += length
                }
            }
            if word >> Bit.nextIsVendor & 1 == 1 {
                offset = try skipVendorNamespace(header, at: offset)
                inRadiotap = false
            } else if word >> Bit.nextIsRadiotap & 1 == 1 {
                firstBit = 0
                inRadiotap = true
            } else {
                firstBit += 32
            }
            guard word >> Bit.anotherWord & 1 == 1 else { return }
            wordOffset += 4
        }
    }

    /// The offset behind the last present word.
    private static func endOfPresentWords(_ header: Span<UInt8>) throws(FrameError) -> Int {
        var offset = 4
        while true {
            let word: UInt32 = try header.number(at: offset)
            offset += 4
            guard word >> Bit.anotherWord & 1 == 1 else { return offset }
        }
    }

    /// The offset behind a vendor namespace: OUI, sub-namespace, the length to skip, and as many octets.
    private static func skipVendorNamespace(_ header: Span<UInt8>, at start: Int) throws(FrameError) -> Int {
        let offset = align(start, to: 2)
        let skipped: UInt16 = try header.number(at: offset + 4)
        try header.require(6 + Int(skipped), at: offset)
        return offset + 6 + Int(skipped)
    }
}
