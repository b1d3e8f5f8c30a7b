/// What a BlockAck frame says behind its MAC header (IEEE Std 802.11-2020, 9.3.1.8). Whatever can be parsed is serialised to
/// the same octets.
public struct BlockAck: Hashable, Sendable {
    /// The BA Information field.
    public enum Information: Hashable, Sendable {
        /// Basic (128 octets of bitmap) and Compressed (8, 32, 64 or 128).
        case single(Window)
        /// Extended Compressed: with RBUFCAP, the buffers that are left.
        case extended(Window, receiveBufferCapacity: UInt8)
        /// Multi-TID.
        case multiTID([PerTIDInfo])
        /// GCR and GLK-GCR: of which group.
        case group(SequenceControl, MACAddress, bitmap: [UInt8])
        /// Multi-STA.
        case multiSTA([PerAIDTIDInfo])
        /// A variant that is not known: its octets.
        case other([UInt8])
    }

    /// Which frames were received.
    public struct Window: Hashable, Sendable {
        /// The number of the bitmap's first bit; its fragment number tells the length of the bitmap.
        public var start: SequenceControl
        /// Bit i of octet i/8 is sequence number start + i. In a Basic BlockAck each number has 16 bits, one a fragment.
        public var bitmap: [UInt8]

        /// Makes a window.
        public init(start: SequenceControl, bitmap: [UInt8]) {
            self.start = start
            self.bitmap = bitmap
        }
    }

    /// One TID of a Multi-TID frame (9.3.1.8.5).
    public struct PerTIDInfo: Hashable, Sendable {
        /// The Per TID Info field: 12 reserved bits, TID.
        public var info: UInt16
        /// What was received of it.
        public var window: Window

        /// Makes an entry; only the low four bits of `tid` count.
        public init(tid: UInt8, window: Window) {
            info = UInt16(tid & 15) << 12
            self.window = window
        }

        /// The traffic identifier, `0 ... 15`.
        public var tid: UInt8 { UInt8(info >> 12) }
    }

    /// The BA Control field. Its variant must fit `information`; in Multi-TID frames TID_INFO is the number of TIDs less one.
    public var control: BlockAckControl
    /// What was received.
    public var information: Information
    /// Octets behind all that the variant has.
    public var trailing: [UInt8] = []

    /// Makes a BlockAck for one TID; the window's bitmap has the length that the variant and its fragment number tell.
    public init(variant: BlockAckVariant = .compressed, tid: UInt8, window: Window, noAck: Bool = true) {
        control = BlockAckControl(variant: variant, tidInfo: tid, noAck: noAck)
        information = .single(window)
    }

    /// Makes a BlockAck from its parts.
    public init(control: BlockAckControl, information: Information) {
        self.control = control
        self.information = information
    }

    /// The traffic identifier, where the frame is about exactly one.
    public var tid: UInt8? {
        switch information {
        case .single, .extended: control.variant.hasTID ? control.tidInfo : nil
        case .multiTID(let infos): infos.count == 1 ? infos.first?.tid : nil
        case .multiSTA(let infos): infos.count == 1 ? infos.first?.tid : nil
        case .group, .other: nil
        }
    }

    /// Where the bitmap starts and what it says, where the frame has exactly one.
    public var window: Window? {
        switch information {
        case .single(let window), .extended(let window, _): return window
        case .multiTID(let infos): return infos.count == 1 ? infos.first?.window : nil
        case .group(let start, _, let bitmap): return Window(start: start, bitmap: bitmap)
        case .multiSTA(let infos):
            guard infos.count == 1, case .window(let window)? = infos.first?.context else { return nil }
            return window
        case .other: return nil
        }
    }
}

// MARK: - On the air

extension BlockAck {
    private static let shortBitmap = 8
    private static let basicBitmap = 128

    /// Parses what stands behind the MAC header, from `offset` to the end of `mpdu`.
    ///
    /// - Throws: `FrameError`: `.truncated` where a field is cut short.
    public init(parsing mpdu: Span<UInt8>, from offset: Int) throws(FrameError) {
        control = BlockAckControl(rawValue: try mpdu.number(at: offset))
        var end = offset + 2
        switch control.variant {
        case .basic:
            information = .single(try Window(parsing: mpdu, at: &end, length: Self.basicBitmap))
        case .compressed:
            // What nobody can tell the length of reaches to the end.
            let start = SequenceControl(rawValue: try mpdu.number(at: end))
            let length = BlockAckBitmap.length(forFragment: start.fragment) ?? max(0, mpdu.count - end - 2)
            information = .single(try Window(parsing: mpdu, at: &end, length: length))
        case .extendedCompressed:
            let window = try Window(parsing: mpdu, at: &end, length: Self.shortBitmap)
            information = .extended(window, receiveBufferCapacity: try mpdu.octet(at: end))
            end += 1
        case .multiTID:
            var infos: [PerTIDInfo] = []
            for _ in 0...control.tidInfo {
                infos.append(try PerTIDInfo(parsing: mpdu, at: &end))
            }
            information = .multiTID(infos)
        case .gcr, .glkGCR:
            let start = SequenceControl(rawValue: try mpdu.number(at: end))
            let address = try mpdu.address(at: end + 2)
            try mpdu.require(Self.shortBitmap, at: end + 8)
            information = .group(start, address, bitmap: mpdu.copy(from: end + 8, to: end + 8 + Self.shortBitmap))
            end += 8 + Self.shortBitmap
        case .multiSTA:
            var infos: [PerAIDTIDInfo] = []
            while end < mpdu.count { infos.append(try PerAIDTIDInfo(parsing: mpdu, at: &end)) }
            information = .multiSTA(infos)
        default:
            information = .other(mpdu.copy(from: end, to: mpdu.count))
            end = mpdu.count
        }
        trailing = mpdu.copy(from: end, to: mpdu.count)
    }

    /// The MPDU without FCS: duration and all flags are zero, the radio fills them in.
    public func serialized(receiver: MACAddress, transmitter: MACAddress) -> [UInt8] {
        var octets: [UInt8] = []
        octets.append(littleEndian: FrameControl(kind: .blockAck).rawValue)
        octets += [0, 0]
        octets.append(receiver)
        octets.append(transmitter)
        append(to: &octets)
        return octets
    }

    /// Appends the octets as they are sent behind the MAC header.
    public func append(to octets: inout [UInt8]) {
        octets.append(littleEndian: control.rawValue)
        switch information {
        case .single(let window): window.append(to: &octets)
        case .extended(let window, let capacity):
            window.append(to: &octets)
            octets.append(capacity)
        case .multiTID(let infos):
            for info in infos {
                octets.append(littleEndian: info.info)
                info.window.append(to: &octets)
            }
        case .group(let start, let address, let bitmap):
            octets.append(littleEndian: start.rawValue)
            octets.append(address)
            octets += bitmap
        case .multiSTA(let infos):
            for info in infos { info.append(to: &octets) }
        case .other(let rest): octets += rest
        }
        octets += trailing
    }
}

extension BlockAck.Window {
    /// Parses a window with a bitmap of `length` octets, and moves `offset` behind it.
    init(parsing octets: Span<UInt8>, at offset: inout Int, length: Int) throws(FrameError) {
        start = SequenceControl(rawValue: try octets.number(at: offset))
        try octets.require(length, at: offset + 2)
        bitmap = octets.copy(from: offset + 2, to: offset + 2 + length)
        offset += 2 + length
    }

    /// Appends the window as it is sent.
    func append(to octets: inout [UInt8]) {
        octets.append(littleEndian: start.rawValue)
        octets += bitmap
    }
}

extension BlockAck.PerTIDInfo {
    /// Parses an entry, and moves `offset` behind it.
    fileprivate init(parsing octets: Span<UInt8>, at offset: inout Int) throws(FrameError) {
        info = try octets.number(at: offset)
        offset += 2
        window = try BlockAck.Window(parsing: octets, at: &offset, length: 8)
    }
}
