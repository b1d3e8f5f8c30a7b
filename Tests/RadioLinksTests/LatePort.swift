import IEEE80211

@testable import RadioLinks

/// A monitor interface whose capture has packets from before: they come with the next packets that are received.
final class LatePort: PortDecorator {
    /// The packets from before.
    var late: [[UInt8]] = []

    override func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        let packets = late
        late = []
        for packet in packets { body(packet.span) }
        return try base.receive(limit: limit, body)
    }
}
