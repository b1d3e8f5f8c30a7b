import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("What packets of a monitor interface say")
struct RadioTrafficTests {
    private var traffic = RadioTraffic(acknowledgment: .mac)

    private func number(_ value: UInt32) -> TransmissionNumber { TransmissionNumber(rawValue: value) }

    @Test("the packet to inject asks for order, and for no retries where nobody can acknowledge")
    func transmitHeader() {
        let mac = RadioTraffic(acknowledgment: .mac).header
        let frame = RadioTraffic(acknowledgment: .frame).header
        #expect(mac == [0x00, 0x00, 0x0a, 0x00, 0x00, 0x80, 0x00, 0x00, 0x20, 0x00])
        #expect(frame == [0x00, 0x00, 0x0a, 0x00, 0x00, 0x80, 0x00, 0x00, 0x28, 0x00])
    }

    @Test(
        "a report is matched though the radio changed retry bit, duration and sequence number",
        arguments: [false, true])
    func report(failed: Bool) {
        var traffic = traffic
        traffic.sent(number: number(7), mpdu: Packets.sent().span)
        let indication = traffic.indication(of: Packets.report(on: Packets.sent(), failed: failed).span)
        #expect(indication?.indication == .transmitted(number: number(7), acknowledged: !failed))
        #expect(traffic.counters.acknowledged == (failed ? 0 : 1))
        #expect(traffic.counters.notAcknowledged == (failed ? 1 : 0))
        #expect(traffic.counters.received == 0)
    }

    @Test("a frame that came on another channel is not handed over, and is told once")
    func stray() {
        var there = RadioTraffic(acknowledgment: .mac, frequency: 2437)
        #expect(there.indication(of: Packets.received(Packets.fromPeer()).span) == nil)
        #expect(there.takeStray() == 2412)
        #expect(there.takeStray() == nil)
        #expect(there.counters.received == 0)
        var here = RadioTraffic(acknowledgment: .mac, frequency: 2412)
        #expect(here.indication(of: Packets.received(Packets.fromPeer()).span) != nil)
        #expect(here.takeStray() == nil)
    }

    @Test("beacons are handed over to nobody; on another channel they tell that the radio is there")
    func beacons() {
        var beacon = Packets.fromPeer(to: Packets.broadcast)
        beacon[0] = 0x80
        var here = RadioTraffic(acknowledgment: .mac, frequency: 2412)
        #expect(here.indication(of: Packets.received(beacon).span) == nil)
        #expect(here.takeStray() == nil)
        #expect(here.counters.received == 0)
        var there = RadioTraffic(acknowledgment: .mac, frequency: 2437)
        #expect(there.indication(of: Packets.received(beacon).span) == nil)
        #expect(there.takeStray() == 2412)
    }

    @Test("RAT-4: a frame that says that its transmitter sleeps is not handed over; whose it claims to be is told once")
    func sleepers() {
        var mpdu = Packets.fromPeer()
        mpdu[1] |= 0x10
        var traffic = traffic
        for _ in 0..<3 { #expect(traffic.indication(of: Packets.received(mpdu).span) == nil) }
        #expect(traffic.counters.sleeping == 3)
        #expect(traffic.counters.received == 0)
        #expect(traffic.takeAsleep() == [Packets.peer])
        #expect(traffic.takeAsleep() == [])
        // A control frame has the bit, too, and puts nobody to sleep.
        mpdu[0] = 0xa4
        _ = traffic.indication(of: Packets.received(mpdu).span)
        #expect(traffic.counters.sleeping == 3)
        #expect(traffic.takeAsleep() == [])
    }

    @Test("RAT-4: of sleepers under ever new addresses no more are kept than a bound")
    func manySleepers() {
        var mpdu = Packets.fromPeer()
        mpdu[1] |= 0x10
        var traffic = traffic
        for number in 0..<2 * RadioTraffic.mostAsleep {
            (mpdu[14], mpdu[15]) = (UInt8(number >> 8), UInt8(number & 0xff))
            _ = traffic.indication(of: Packets.received(mpdu).span)
        }
        #expect(traffic.counters.sleeping == UInt64(2 * RadioTraffic.mostAsleep))
        #expect(traffic.takeAsleep().count == RadioTraffic.mostAsleep)
    }

    @Test("a report counts once")
    func reportTwice() {
        var traffic = traffic
        let report = Packets.report(on: Packets.sent(), failed: false)
        traffic.sent(number: number(7), mpdu: Packets.sent().span)
        #expect(traffic.indication(of: report.span) != nil)
        #expect(traffic.indication(of: report.span) == nil)
        #expect(traffic.counters.unknownStatus == 1)
    }

    @Test("reports in another order find their frames, and equal frames are reported in the order of sending")
    func order() {
        var traffic = traffic
        traffic.sent(number: number(1), mpdu: Packets.sent(mark: 1).span)
        traffic.sent(number: number(2), mpdu: Packets.sent(mark: 2).span)
        traffic.sent(number: number(3), mpdu: Packets.sent(mark: 1).span)
        let indications = [(UInt8(2), true), (1, false), (1, true)].map { mark, failed in
            traffic.indication(of: Packets.report(on: Packets.sent(mark: mark), failed: failed).span)?.indication
        }
        #expect(
            indications == [
                .transmitted(number: number(2), acknowledged: false),
                .transmitted(number: number(1), acknowledged: true),
                .transmitted(number: number(3), acknowledged: false),
            ])
    }

    @Test("a report on another frame, or on one of another length, is nobody's")
    func unknownReport() {
        var traffic = traffic
        traffic.sent(number: number(1), mpdu: Packets.sent(mark: 1).span)
        #expect(traffic.indication(of: Packets.report(on: Packets.sent(mark: 2), failed: false).span) == nil)
        #expect(traffic.indication(of: Packets.report(on: Packets.sent(mark: 1) + [0], failed: false).span) == nil)
        #expect(traffic.counters.unknownStatus == 2)
    }

    @Test("the oldest frame is given up when too many wait for their reports")
    func limit() {
        var traffic = traffic
        for value in 0...UInt32(RadioTraffic.outstandingLimit) {
            traffic.sent(number: number(value), mpdu: Packets.sent(mark: UInt8(value % 2)).span)
        }
        #expect(traffic.counters.noStatus == 1)
        let indication = traffic.indication(of: Packets.report(on: Packets.sent(mark: 0), failed: false).span)
        #expect(indication?.indication == .transmitted(number: number(2), acknowledged: true))
    }

    @Test("without MAC acknowledgments a report is counted and not told: it always says failed")
    func frameAcknowledgment() {
        var traffic = RadioTraffic(acknowledgment: .frame)
        traffic.sent(number: number(1), mpdu: Packets.sent().span)
        #expect(traffic.indication(of: Packets.report(on: Packets.sent(), failed: true).span) == nil)
        #expect(traffic.counters.notAcknowledged == 1)
        #expect(traffic.counters.unknownStatus == 0)
    }

    @Test("the report on a frame to a group says nothing and is nobody's loss")
    func groupReport() {
        var traffic = traffic
        let mpdu = Packets.sent(to: Packets.broadcast)
        traffic.sent(number: number(1), mpdu: mpdu.span)
        #expect(traffic.indication(of: Packets.report(on: mpdu, failed: false).span) == nil)
        #expect(traffic.counters == expectedCounters { $0.sent = 1 })
    }

    @Test("a received frame comes without radiotap, with signal and frequency")
    func received() {
        var traffic = traffic
        let indication = traffic.indication(of: Packets.received(Packets.fromPeer()).span)
        #expect(indication == Told(.frame(signal: -30, frequency: 2412), Packets.fromPeer()))
        #expect(traffic.counters == expectedCounters { $0.received = 1 })
    }

    @Test("a frame check sequence is cut off")
    func frameCheckSequence() {
        var traffic = traffic
        let packet = Packets.received(flags: 0x10, Packets.fromPeer() + [1, 2, 3, 4])
        #expect(traffic.indication(of: packet.span) == Told(.frame(signal: -30, frequency: 2412), Packets.fromPeer()))
    }

    @Test(
        "what is no whole frame is counted and dropped",
        arguments: [
            [], [0x00], [0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00],
            Packets.received([]), Packets.received([0xd0, 0, 0, 0, 2, 0, 0, 0, 0]),
            Packets.received(flags: 0x10, [0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]),
            Packets.received(flags: 0x40, Packets.fromPeer()),
        ] as [[UInt8]])
    func malformed(packet: [UInt8]) {
        var traffic = traffic
        #expect(traffic.indication(of: packet.span) == nil)
        #expect(traffic.counters == expectedCounters { $0.malformed = 1 })
    }

    private func expectedCounters(_ change: (inout RadioCounters) -> Void) -> RadioCounters {
        var counters = RadioCounters()
        change(&counters)
        return counters
    }
}

/// What one packet says.
private struct Told: Equatable {
    let indication: RadioIndication
    let mpdu: [UInt8]

    init(_ indication: RadioIndication, _ mpdu: [UInt8]) {
        self.indication = indication
        self.mpdu = mpdu
    }
}

extension RadioTraffic {
    fileprivate mutating func indication(of packet: Span<UInt8>) -> Told? {
        var told: Told?
        read(packet) { indication, mpdu in told = Told(indication, mpdu.withUnsafeBytes { [UInt8]($0) }) }
        return told
    }
}
