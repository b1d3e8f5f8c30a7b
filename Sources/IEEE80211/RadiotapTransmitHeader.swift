/// The radiotap header in front of a frame that is to be injected: orders to the kernel, which heeds those it knows and
/// skips the rest (Linux, net/mac80211/tx.c, ieee80211_parse_tx_radiotap).
public struct RadiotapTransmitHeader: Hashable, Sendable {
    /// Flags. With `.fcsAtEnd` the kernel cuts four octets off the frame's end.
    public var flags: RadiotapFlags?
    /// Legacy rate, in units of 500 kb/s; without one (and without `mcs`) the kernel chooses.
    public var rate: UInt8?
    /// How to treat the frame.
    public var transmitFlags: RadiotapTransmitFlags?
    /// How often the radio tries again when nobody acknowledges. The kernel heeds it only beside a rate.
    public var dataRetries: UInt8?
    /// Modulation for an HT frame.
    public var mcs: RadiotapMCS?

    /// Makes a header that leaves everything to the kernel which is not given.
    public init(
        flags: RadiotapFlags? = nil, rate: UInt8? = nil, transmitFlags: RadiotapTransmitFlags? = nil,
        dataRetries: UInt8? = nil, mcs: RadiotapMCS? = nil
    ) {
        self.flags = flags
        self.rate = rate
        self.transmitFlags = transmitFlags
        self.dataRetries = dataRetries
        self.mcs = mcs
    }

    /// The header as it stands before the MPDU.
    public func serialized() -> [UInt8] {
        var octets: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        var present: UInt32 = 0

        func begin(_ bit: Int) {
            present |= 1 << UInt32(bit)
            guard let (alignment, _) = RadiotapLayout.measure(of: bit) else { return }
            while octets.count < RadiotapLayout.align(octets.count, to: alignment) { octets.append(0) }
        }

        if let flags {
            begin(RadiotapLayout.Bit.flags)
            octets.append(flags.rawValue)
        }
        if let rate {
            begin(RadiotapLayout.Bit.rate)
            octets.append(rate)
        }
        if let transmitFlags {
            begin(RadiotapLayout.Bit.transmitFlags)
            octets.append(littleEndian: transmitFlags.rawValue)
        }
        if let dataRetries {
            begin(RadiotapLayout.Bit.dataRetries)
            octets.append(dataRetries)
        }
        if let mcs {
            begin(RadiotapLayout.Bit.mcs)
            octets += [mcs.known, mcs.flags, mcs.index]
        }

        octets[2] = UInt8(octets.count)
        for index in 0..<4 { octets[4 + index] = UInt8(truncatingIfNeeded: present >> (8 * index)) }
        return octets
    }
}
