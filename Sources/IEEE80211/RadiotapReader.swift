/// What a radio says about a frame, as far as an agent needs to know.
public struct RadiotapSummary: Equatable, Sendable {
    /// Octets of the whole header; the frame begins there.
    public internal(set) var length: Int
    /// How the frame was received, and whether it ends in an FCS.
    public internal(set) var flags: RadiotapFlags?
    /// Centre frequency of the primary channel, in MHz.
    public internal(set) var frequency: UInt16?
    /// Signal power at the antenna, in dBm.
    public internal(set) var antennaSignal: Int8?
    /// What became of one's own transmission; received frames have none.
    public internal(set) var transmitFlags: RadiotapTransmitFlags?

    /// Where in a captured packet of `count` octets the MPDU stands, without the FCS if the flags say that there is one. A
    /// packet too short for an FCS that it announces has no MPDU.
    public func mpduRange(ofPacketWithCount count: Int) -> Range<Int> {
        let fcsLength = flags?.contains(.fcsAtEnd) == true ? FrameCheckSequence.length : 0
        return length..<max(length, count - fcsLength)
    }
}

/// Reads the radiotap headers of one radio. They are laid out alike, so where the fields stand is worked out once for each layout
/// and not for each packet. What it tells is what `Radiotap` tells.
public struct RadiotapReader: Sendable {
    private var layouts: [Layout] = []

    /// A radio has one layout for what it received and one for what it sent, and few more.
    private static let mostLayouts = 8

    /// Makes a reader that has seen nothing yet.
    public init() {}

    /// Where the fields stand in headers that begin with the same words: version, length, present words.
    private struct Layout {
        /// The header up to its last present word. That one says that no other follows, so headers with the same words are laid
        /// out alike, but for what vendors add.
        let words: [UInt32]
        let length: Int
        var flags: Int?
        var channel: Int?
        var antennaSignal: Int?
        var transmitFlags: Int?

        /// - Returns: `nil` when fields of a vendor are in it, whose length stands elsewhere.
        init?(_ packet: Span<UInt8>) throws(FrameError) {
            length = try Radiotap.length(of: packet)
            var words: [UInt32] = [try packet.number(at: 0)]
            repeat {
                words.append(try packet.number(at: words.count * 4))
                if words[words.count - 1] >> RadiotapLayout.Bit.nextIsVendor & 1 == 1 { return nil }
            } while words[words.count - 1] >> RadiotapLayout.Bit.anotherWord & 1 == 1
            self.words = words
            try RadiotapLayout.walk(packet, length: length) { bit, offset throws(FrameError) in
                switch bit {
                case RadiotapLayout.Bit.flags: flags = flags ?? offset
                case RadiotapLayout.Bit.channel: channel = channel ?? offset
                case RadiotapLayout.Bit.antennaSignal: antennaSignal = antennaSignal ?? offset
                case RadiotapLayout.Bit.transmitFlags: transmitFlags = transmitFlags ?? offset
                default: break
                }
            }
        }

        func fits(_ packet: Span<UInt8>) -> Bool {
            guard packet.count >= length else { return false }
            return packet.withUnsafeBytes { octets in
                words.indices.allSatisfy {
                    UInt32(littleEndian: octets.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) == words[$0]
                }
            }
        }

        func summary(of packet: Span<UInt8>) -> RadiotapSummary {
            packet.withUnsafeBytes { octets in
                RadiotapSummary(
                    length: length, flags: flags.map { RadiotapFlags(rawValue: octets[$0]) },
                    frequency: channel.map {
                        UInt16(littleEndian: octets.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
                    },
                    antennaSignal: antennaSignal.map { Int8(bitPattern: octets[$0]) },
                    transmitFlags: transmitFlags.map {
                        RadiotapTransmitFlags(
                            rawValue: UInt16(littleEndian: octets.loadUnaligned(fromByteOffset: $0, as: UInt16.self)))
                    })
            }
        }
    }

    /// Reads the header at the start of a captured packet.
    ///
    /// - Throws: what `Radiotap.init(parsing:)` throws.
    public mutating func read(_ packet: Span<UInt8>) throws(FrameError) -> RadiotapSummary {
        for index in layouts.indices where layouts[index].fits(packet) { return layouts[index].summary(of: packet) }
        guard let layout = try Layout(packet) else { return try Radiotap(parsing: packet).summary }
        if layouts.count == Self.mostLayouts { layouts.removeFirst() }
        layouts.append(layout)
        return layout.summary(of: packet)
    }
}

extension Radiotap {
    /// What an agent needs to know of it.
    public var summary: RadiotapSummary {
        RadiotapSummary(
            length: length, flags: flags, frequency: channel?.frequency, antennaSignal: antennaSignal,
            transmitFlags: transmitFlags)
    }
}
