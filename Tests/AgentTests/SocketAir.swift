import Glibc
import IEEE80211
import RadioLinks
import SessionCore
import Synchronization

@testable import Agent

/// One link between two agents in two threads: what one sends the other receives, and each hears what became of its frames,
/// as on an active monitor. It can be made deaf while both radios stay up.
final class SocketAir: Sendable {
    private let isDeaf = Atomic(false)
    /// Two sockets: what is written into the second of each pair, the radio with that number receives.
    private let inboxes: [[CInt]]

    init() {
        inboxes = (0..<2).map { _ in
            var ends: [CInt] = [-1, -1]
            socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &ends)
            for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
            return ends
        }
    }

    deinit { for end in inboxes.joined() { close(end) } }

    /// From now on nobody hears anybody.
    func goDeaf() { isDeaf.store(true, ordering: .relaxed) }

    fileprivate func inbox(of side: Int) -> CInt { inboxes[side][0] }

    /// Carries a frame from one side to the other and tells the sender whether it arrived; false when there is no room.
    fileprivate func carry(_ number: TransmissionNumber, _ mpdu: [UInt8], from side: Int) -> Bool {
        let arrives = !isDeaf.load(ordering: .relaxed)
        if arrives && !put([0] + mpdu, into: 1 - side) { return false }
        let digits = (0..<4).map { UInt8(truncatingIfNeeded: number.rawValue >> ($0 * 8)) }
        return put([arrives ? 2 : 1] + digits, into: side)
    }

    private func put(_ record: [UInt8], into side: Int) -> Bool {
        send(inboxes[side][1], record, record.count, CInt(MSG_NOSIGNAL)) == record.count
    }
}

/// One of the two radios of a `SocketAir`.
final class SocketRadio: AgentRadio {
    let identifier: LinkIdentifier
    let properties: LinkProperties
    let interfaceIndex: UInt32 = 1
    let companionIndex: UInt32? = nil
    let way = RadioWay.active
    let notes: [String] = []
    let counters = RadioCounters()
    private let air: SocketAir
    private let side: Int

    init(_ configuration: MonitorRadioConfiguration, address: MACAddress, air: SocketAir, side: Int) {
        identifier = configuration.identifier
        properties = LinkProperties(address: address, frequency: configuration.frequency, acknowledgment: .mac)
        self.air = air
        self.side = side
    }

    var readinessDescriptor: CInt { air.inbox(of: side) }

    func setPeers(_ radios: [PeerRadio]) {}
    func report(of address: MACAddress) -> StationReport? { nil }

    func send(_ frames: FrameBatch) -> Int {
        var taken = 0
        var hasRoom = true
        frames.visitFirst(frames.count) { number, mpdu in
            hasRoom = hasRoom && air.carry(number, mpdu.withUnsafeBytes { [UInt8]($0) }, from: side)
            if hasRoom { taken += 1 }
        }
        return taken
    }

    func receive(limit: Int, _ handler: (RadioIndication, Span<UInt8>) -> Void) -> Int {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for number in 0..<limit {
            let count = recv(readinessDescriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return number }
            if buffer[0] == 0 {
                handler(.frame(signal: nil, frequency: nil), buffer.span.extracting(1..<count))
            } else {
                let number = (0..<4).reduce(UInt32(0)) { $0 | UInt32(buffer[1 + $1]) << ($1 * 8) }
                handler(
                    .transmitted(number: TransmissionNumber(rawValue: number), acknowledged: buffer[0] == 2),
                    buffer.span.extracting(first: 0))
            }
        }
        return limit
    }

    func check() {}
    let isSwitchedOff = false
    let wiphy = "phy0"
    let permanentAddress: MACAddress? = nil
    func restore(settingUp: Bool) {}
    func close() {}
}
