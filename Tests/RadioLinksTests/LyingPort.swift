import IEEE80211

@testable import RadioLinks

/// A fault around any monitor interface: a radio that reports every frame as acknowledged, whoever it was for, as some drivers do.
final class LyingPort: PortDecorator {
    override func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        try base.receive(limit: limit) { packet in
            guard let header = try? Radiotap(parsing: packet), header.isTransmitEcho else { return body(packet) }
            // A radiotap header with nothing but TX flags that say: not failed.
            var report: [UInt8] = [0x00, 0x00, 0x0a, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00]
            for index in header.mpduRange(ofPacketWithCount: packet.count) { report.append(packet[index]) }
            body(report.span)
        }
    }
}
