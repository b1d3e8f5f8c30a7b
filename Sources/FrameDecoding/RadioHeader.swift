import CaptureFiles
import IEEE80211

/// What the radio says of a frame, whatever header says it: radiotap, PPI, Prism, AVS, or none.
public struct RadioHeader: Hashable, Sendable {
    /// Octets before the frame.
    public private(set) var length = 0
    /// What stands behind the header: 802.11, but for PPI, which may have any packet.
    public private(set) var payload: LinkType
    /// Signal power at the antenna, in dBm.
    public private(set) var signal: Int8?
    /// Centre frequency of the channel, in MHz.
    public private(set) var frequency: UInt16?
    /// What became of one's own transmission.
    public private(set) var transmitFlags: RadiotapTransmitFlags?
    /// Whether the header says that the frame ends in its frame check sequence.
    public private(set) var announcesFCS = false
    /// Whether the body begins at a multiple of four octets.
    public private(set) var isPadded = false

    /// Reads the header at the start of a packet; `nil` for link types that are not read here.
    ///
    /// - Throws: `FrameError` where the header is cut short or contradicts itself.
    init?(parsing packet: Span<UInt8>, _ linkType: LinkType) throws(FrameError) {
        payload = .ieee80211
        switch linkType {
        case .ieee80211: break
        case .radiotap: read(try Radiotap(parsing: packet))
        case .ppi: read(try PPI(parsing: packet))
        case .avs: read(try AVS(parsing: packet))
        case .prism:
            // Some drivers have the AVS header under this number.
            if AVS.begins(packet) { read(try AVS(parsing: packet)) } else { read(try Prism(parsing: packet)) }
        default: return nil
        }
    }

    private mutating func read(_ radiotap: Radiotap) {
        length = radiotap.length
        signal = radiotap.antennaSignal
        frequency = radiotap.channel?.frequency
        transmitFlags = radiotap.transmitFlags
        announcesFCS = radiotap.flags?.contains(.fcsAtEnd) == true
        isPadded = radiotap.flags?.contains(.padded) == true
    }

    private mutating func read(_ ppi: PPI) {
        length = ppi.length
        payload = LinkType(rawValue: UInt16(clamping: ppi.linkType))
        signal = ppi.antennaSignal
        frequency = ppi.frequency
        announcesFCS = ppi.hasFCS == true
    }

    private mutating func read(_ avs: AVS) {
        length = avs.length
        signal = avs.antennaSignal
        frequency = avs.frequency
    }

    private mutating func read(_ prism: Prism) {
        length = prism.length
        frequency = prism.frequency
    }
}
