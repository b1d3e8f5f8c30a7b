import IEEE80211

@testable import RadioLinks

/// A fault around any monitor interface: a radio that reports every frame as acknowledged, whoever it was for, as some drivers do.
final class LyingPort: MonitorPort {
    private let base: any MonitorPort

    init(_ base: any MonitorPort) { self.base = base }

    var interfaceIndex: UInt32 { base.interfaceIndex }
    var companionIndex: UInt32? { base.companionIndex }
    var address: MACAddress { base.address }
    var stationKeeper: (any StationKeeper)? { base.stationKeeper }
    var descriptor: CInt { base.descriptor }
    var dropped: UInt64 { base.dropped }

    func frequencyReadBack() throws(RadioError) -> UInt16? { try base.frequencyReadBack() }
    func check() throws(RadioError) { try base.check() }
    func restore(settingUp: Bool) throws(RadioError) { try base.restore(settingUp: settingUp) }
    func send(_ header: [UInt8], _ frames: FrameBatch, count: Int) throws(RadioError) -> Int {
        try base.send(header, frames, count: count)
    }

    func receive(limit: Int, _ body: (Span<UInt8>) -> Void) throws(RadioError) -> Int {
        try base.receive(limit: limit) { packet in
            guard let header = try? Radiotap(parsing: packet), header.isTransmitEcho else { return body(packet) }
            // A radiotap header with nothing but TX flags that say: not failed.
            var report: [UInt8] = [0x00, 0x00, 0x0a, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00]
            for index in header.mpduRange(ofPacketWithCount: packet.count) { report.append(packet[index]) }
            body(report.span)
        }
    }
}
