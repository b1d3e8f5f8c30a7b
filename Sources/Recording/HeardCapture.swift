import CaptureFiles
import IEEE80211
import SessionCore

/// Makes of somebody's capture what one device would have heard, and what became of what it sent.
public struct HeardCapture {
    /// The links come up at the first packet; then the frames to this device.
    public private(set) var items: [RecordedItem] = []
    /// What became of this device's own frames, by link ID: whether an ACK follows, or a later TX report says so.
    public private(set) var fates = [[WhatIf.Fate]](repeating: [], count: 16)
    /// The last instant of the capture.
    public private(set) var end = MonotonicInstant(nanoseconds: 0)

    /// The longest time between two packets: a device that heard nothing would have gone on sending heartbeats.
    public private(set) var longestPause = Duration.zero

    private let links: [RecordedInterface]
    private let sources: [AcknowledgmentSource]
    /// Frames of this device that no ACK has followed yet: the link and the number of the fate.
    private var unanswered: [MACAddress: (link: Int, index: Int)] = [:]

    /// Makes a listener for a device with these links; each has an address.
    public init(links: [RecordedInterface], sources: [AcknowledgmentSource]) {
        self.links = links
        self.sources = sources
    }

    /// Takes the next packet.
    public mutating func take(_ record: CaptureRecord) {
        guard let timestamp = record.timestamp else { return }
        let instant = MonotonicInstant(nanoseconds: Int64(clamping: timestamp))
        if items.isEmpty {
            bringUp(at: instant)
        } else if instant > end {
            longestPause = max(longestPause, instant - end)
        }
        end = max(end, instant)
        let packet = record.octets.span
        var range = 0..<packet.count
        var frequency: UInt16?
        var report: Bool?
        var signal: Int8?
        if record.linkType == .radiotap {
            guard let radiotap = try? Radiotap(parsing: packet) else { return }
            range = radiotap.mpduRange(ofPacketWithCount: packet.count)
            frequency = radiotap.channel?.frequency
            signal = radiotap.antennaSignal
            report = radiotap.transmitFlags.map { !$0.contains(.failed) }
        } else if record.linkType != .ieee80211 {
            return
        }
        let heard = packet.extracting(range).withUnsafeBytes { [UInt8]($0) }
        guard let octets = record.whole(heard, from: range.lowerBound),
            let header = try? MACHeader(parsing: octets.span)
        else { return }
        if header.frameControl.kind == .acknowledgment {
            if let receiver = header.receiver, let sent = unanswered.removeValue(forKey: receiver) {
                fates[sent.link][sent.index].acknowledged = true
            }
            return
        }
        for interface in links where frequency == nil || frequency == interface.frequency {
            guard let address = interface.address else { continue }
            let link = Int(interface.link.rawValue)
            if header.transmitter == address {
                fates[link].append(WhatIf.Fate(instant: instant, acknowledged: report ?? false))
                if report == nil { unanswered[address] = (link, fates[link].count - 1) }
            } else if header.receiver == address, report == nil {
                items.append(.input(.frameReceived(link: interface.link, mpdu: octets, signal: signal), instant))
            }
        }
    }

    private mutating func bringUp(at instant: MonotonicInstant) {
        for (interface, source) in zip(links, sources) {
            guard let address = interface.address else { continue }
            let properties = LinkProperties(
                address: address, frequency: interface.frequency, acknowledgment: source)
            items.append(.input(.linkUp(interface.link, properties), instant))
        }
    }
}

extension CaptureRecord {
    /// An MPDU of which the capture may have kept only the start; `nil` when what is missing matters to somebody who hears it.
    ///
    /// - Parameters:
    ///   - mpdu: what there is of it.
    ///   - offset: where in the packet it begins.
    public func whole(_ mpdu: [UInt8], from offset: Int) -> [UInt8]? {
        guard octets.count < originalLength else { return mpdu }
        guard originalLength < RecordingFormat.longestCut else { return nil }
        return PayloadFrame.restored(mpdu, length: originalLength - offset, keeping: .max)
    }
}
