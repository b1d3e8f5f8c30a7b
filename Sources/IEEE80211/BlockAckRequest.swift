/// What a BlockAckReq frame says behind its MAC header (IEEE Std 802.11-2020, 9.3.1.7). Whatever can be parsed is serialised
/// to the same octets.
public struct BlockAckRequest: Hashable, Sendable {
    /// The BAR Information field.
    public enum Information: Hashable, Sendable {
        /// Basic, Compressed, Extended Compressed: one TID.
        case single(SequenceControl)
        /// Multi-TID.
        case multiTID([PerTIDInfo])
        /// GCR and GLK-GCR: the group, and where its window is to start.
        case group(SequenceControl, MACAddress)
        /// A variant that is not known: its octets.
        case other([UInt8])
    }

    /// One TID of a Multi-TID frame (9.3.1.7.5).
    public struct PerTIDInfo: Hashable, Sendable {
        /// The Per TID Info field: 12 reserved bits, TID.
        public var info: UInt16
        /// Where the window is to start.
        public var start: SequenceControl

        /// Makes an entry; only the low four bits of `tid` count.
        public init(tid: UInt8, start: SequenceControl) {
            info = UInt16(tid & 15) << 12
            self.start = start
        }

        /// The traffic identifier, `0 ... 15`.
        public var tid: UInt8 { UInt8(info >> 12) }

        fileprivate init(parsing octets: Span<UInt8>, at offset: Int) throws(FrameError) {
            info = try octets.number(at: offset)
            start = SequenceControl(rawValue: try octets.number(at: offset + 2))
        }
    }

    /// The BAR Control field. Its variant must fit `information`; in Multi-TID frames TID_INFO is the number of TIDs less one.
    public var control: BlockAckControl
    /// What is asked.
    public var information: Information
    /// Octets behind all that the variant has.
    public var trailing: [UInt8] = []

    /// Makes a request for one TID.
    public init(variant: BlockAckVariant = .compressed, tid: UInt8, start: SequenceControl, noAck: Bool = false) {
        control = BlockAckControl(variant: variant, tidInfo: tid, noAck: noAck)
        information = .single(start)
    }

    /// Makes a request from its parts.
    public init(control: BlockAckControl, information: Information) {
        self.control = control
        self.information = information
    }

    /// The traffic identifier, where the frame is about exactly one.
    public var tid: UInt8? {
        switch information {
        case .single: control.variant.hasTID ? control.tidInfo : nil
        case .multiTID(let infos): infos.count == 1 ? infos.first?.tid : nil
        case .group, .other: nil
        }
    }

    /// Where the window is to start, where the frame names exactly one place.
    public var start: SequenceControl? {
        switch information {
        case .single(let start), .group(let start, _): start
        case .multiTID(let infos): infos.count == 1 ? infos.first?.start : nil
        case .other: nil
        }
    }
}

// MARK: - On the air

extension BlockAckRequest {
    /// Parses what stands behind the MAC header, from `offset` to the end of `mpdu`.
    ///
    /// - Throws: `FrameError`: `.truncated` where a field is cut short.
    public init(parsing mpdu: Span<UInt8>, from offset: Int) throws(FrameError) {
        control = BlockAckControl(rawValue: try mpdu.number(at: offset))
        var end = offset + 2
        switch control.variant {
        case .basic, .compressed, .extendedCompressed:
            information = .single(SequenceControl(rawValue: try mpdu.number(at: end)))
            end += 2
        case .multiTID:
            var infos: [PerTIDInfo] = []
            for _ in 0...control.tidInfo {
                infos.append(try PerTIDInfo(parsing: mpdu, at: end))
                end += 4
            }
            information = .multiTID(infos)
        case .gcr, .glkGCR:
            information = .group(
                SequenceControl(rawValue: try mpdu.number(at: end)), try mpdu.address(at: end + 2))
            end += 8
        default:
            information = .other(mpdu.copy(from: end, to: mpdu.count))
            end = mpdu.count
        }
        trailing = mpdu.copy(from: end, to: mpdu.count)
    }

    /// The MPDU without FCS: duration and all flags are zero, the radio fills them in.
    public func serialized(receiver: MACAddress, transmitter: MACAddress) -> [UInt8] {
        var octets: [UInt8] = []
        octets.append(littleEndian: FrameControl(kind: .blockAckRequest).rawValue)
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
        case .single(let start): octets.append(littleEndian: start.rawValue)
        case .multiTID(let infos):
            for info in infos {
                octets.append(littleEndian: info.info)
                octets.append(littleEndian: info.start.rawValue)
            }
        case .group(let start, let address):
            octets.append(littleEndian: start.rawValue)
            octets.append(address)
        case .other(let rest): octets += rest
        }
        octets += trailing
    }
}
