import CaptureFiles
import FrameDecoding
import IEEE80211
import SessionCore

/// The words for a frame in a line of decisions.
struct FrameWords {
    /// A payload, as far as its frame is not encrypted.
    struct Carried: Equatable {
        var session: SessionIdentifier
        var sequence: SequenceNumber
    }

    /// The kind and content of the frame.
    var text: String
    /// The payload in it that can be read.
    private(set) var carried: Carried?
    /// True for payload traffic: a payload, or a report on which payloads arrived.
    private(set) var isTraffic = false
    /// True if it carries a payload, readable or not.
    private(set) var isPayload = false
    /// True for a frame that is not of this protocol, or is damaged.
    private(set) var isForeign = false
    /// Who sent it, and to whom.
    let transmitter: MACAddress?
    let receiver: MACAddress?

    init(_ mpdu: [UInt8]) {
        let record = CaptureRecord(linkType: .ieee80211, timestamp: nil, originalLength: mpdu.count, octets: mpdu)
        let report = FrameReport(number: 0, record)
        var line: [UInt8] = []
        report.appendContents(to: &line)
        let whole = String(decoding: line, as: UTF8.self)
        // Nobody but the radio numbers these frames.
        let prefix = "Action 0: "
        text = whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
        transmitter = report.header?.transmitter
        receiver = report.header?.receiver
        switch report.body {
        case .payload(.success(let frame)):
            carried = Carried(session: frame.header.session, sequence: frame.header.sequence)
            isPayload = true
        case .encrypted: isPayload = report.header?.kind == .qosData
        case .action(_, .vendorSpecific(let action)):
            let own = try? PeerAction(body: action.body)
            if case .blockAcknowledgment? = own { isTraffic = true }
            isForeign = own == nil && (try? HandshakeFrame.message(in: .vendorSpecific(action))) == nil
        case .action(_, .some): break
        default: isForeign = true
        }
        isTraffic = isTraffic || isPayload
    }

    /// A frame of this device's own. Its transmission number and the MAC's sequence number are left out of text and hash: one frame
    /// more would change all lines that follow.
    ///
    /// - Parameter number: the number that the core gave the transmission; another one in the frame stays.
    init(sent mpdu: [UInt8], number: TransmissionNumber) {
        var masked = mpdu
        if let header = try? MACHeader(parsing: mpdu), header.frameControl.kind == .qosData {
            masked[Self.sequenceControl] &= 0x0f
            masked[Self.sequenceControl + 1] = 0
        }
        self.init(masked)
        text = text.replacing(", transmission \(number.rawValue)", with: "")
        if let place = Self.place(of: number, in: mpdu) {
            for index in place..<place + 4 { masked[index] = 0 }
            // Behind a readable payload stands a check, which covers the number, and fits.
            if carried != nil { masked.removeLast(4) }
        }
        text += " [\(mpdu.count) octets, \(DecisionHash.text(masked))]"
    }

    /// The place of the sequence control in a data frame (IEEE Std 802.11-2020, 9.3.2.1); its lowest four bits are the fragment number.
    private static let sequenceControl = 22

    private static func place(of number: TransmissionNumber, in mpdu: [UInt8]) -> Int? {
        let octets = (0..<4).map { UInt8(truncatingIfNeeded: number.rawValue >> ($0 * 8)) }
        return mpdu.indices.dropLast(3).first { place in octets.indices.allSatisfy { mpdu[place + $0] == octets[$0] } }
    }
}

/// A short hash, so that a changed octet shows: eight hexadecimal digits of CRC-32.
enum DecisionHash {
    static func text(_ octets: [UInt8]) -> String {
        let digits = String(FrameCheckSequence.value(of: octets.span), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
