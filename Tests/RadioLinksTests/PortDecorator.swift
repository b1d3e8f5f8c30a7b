import IEEE80211

@testable import RadioLinks

/// Stands around another monitor interface and changes nothing; what derives from it changes one thing.
class PortDecorator: MonitorPort {
    let base: any MonitorPort

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
        try base.receive(limit: limit, body)
    }
}
