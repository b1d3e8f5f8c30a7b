import IEEE80211

@testable import RadioLinks

/// A fault around any monitor interface: a radio that changes payload frames, as the reports on them show.
final class RewritingPort: PortDecorator {
    private let rewrite: (inout [UInt8]) -> Void

    init(_ base: any MonitorPort, _ rewrite: @escaping (inout [UInt8]) -> Void) {
        self.rewrite = rewrite
        super.init(base)
    }

    override func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        try base.receive(limit: limit) { packet in
            guard let header = try? Radiotap(parsing: packet), header.isTransmitEcho else { return body(packet) }
            let range = header.mpduRange(ofPacketWithCount: packet.count)
            var mpdu = range.map { packet[$0] }
            // QoS Data.
            if mpdu[0] == 0x88 { rewrite(&mpdu) }
            let changed = (0..<range.lowerBound).map { packet[$0] } + mpdu
            body(changed.span)
        }
    }
}
