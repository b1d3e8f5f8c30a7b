import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("The rates that payloads are ordered to go at")
struct PayloadRatesTests {
    private static let texts = ["MCS 7", "24", "5.5"]
    private let rates = Self.texts.compactMap(TransmitRate.init)
    private let other = MACAddress(rawValue: 0x0252_4c01_00ff)
    // Data retries 3; MCS 7 with bandwidth, index and guard interval known; TX flags 0x0020.
    private let mcs7: [UInt8] = [0, 0, 14, 0, 0, 0x80, 0x0a, 0, 0x20, 0, 3, 0x07, 0, 7]
    private let legacy24: [UInt8] = [0, 0, 13, 0, 0x04, 0x80, 0x02, 0, 48, 0, 0x20, 0, 3]
    private let legacy5: [UInt8] = [0, 0, 13, 0, 0x04, 0x80, 0x02, 0, 11, 0, 0x20, 0, 3]

    @Test("a text is read, and written as it was")
    func reading() {
        #expect(rates == [.modulation(7), .legacy(48), .legacy(11)])
        #expect(rates.map(\.text) == Self.texts)
        for wrong in ["", "7", "MCS", "MCS 32", "MCS -1", "mcs 7", "5.50", "5,5", "65"] {
            #expect(TransmitRate(wrong) == nil, "\(wrong)")
        }
    }

    @Test("two failures in a row take the next rate, for that receiver alone; the last one stays")
    func down() throws {
        var payloads = try #require(PayloadRates(rates, transmitFlags: .keepOrder))
        #expect(payloads.header(to: Packets.peer) == mcs7)
        payloads.reported(to: Packets.peer, acknowledged: false)
        payloads.reported(to: Packets.peer, acknowledged: true)
        payloads.reported(to: Packets.peer, acknowledged: false)
        #expect(payloads.header(to: Packets.peer) == mcs7)
        payloads.reported(to: Packets.peer, acknowledged: false)
        #expect(payloads.header(to: Packets.peer) == legacy24)
        #expect(payloads.header(to: other) == mcs7)
        for _ in 0..<10 { payloads.reported(to: Packets.peer, acknowledged: false) }
        #expect(payloads.header(to: Packets.peer) == legacy5)
    }

    @Test("after 64 in a row the faster rate is tried again, and left with the first failure")
    func up() throws {
        var payloads = try #require(PayloadRates(rates, transmitFlags: .keepOrder))
        for _ in 0..<2 { payloads.reported(to: Packets.peer, acknowledged: false) }
        for _ in 0..<63 { payloads.reported(to: Packets.peer, acknowledged: true) }
        #expect(payloads.header(to: Packets.peer) == legacy24)
        payloads.reported(to: Packets.peer, acknowledged: true)
        #expect(payloads.header(to: Packets.peer) == mcs7)
        payloads.reported(to: Packets.peer, acknowledged: false)
        #expect(payloads.header(to: Packets.peer) == legacy24)
    }

    @Test("payloads go at an ordered rate, all else at the lowest; what has one header goes together")
    func batch() {
        var frames = FrameBatch()
        let action = Packets.sent()
        var payload = Packets.sent()
        payload[0] = 0x88
        for (index, mpdu) in [action, action, payload, payload, payload, action].enumerated() {
            frames.append(TransmissionNumber(rawValue: UInt32(index)), mpdu.span)
        }
        var traffic = RadioTraffic(acknowledgment: .mac, rates: rates)
        let first = traffic.header(of: frames)
        #expect(first.header == traffic.header)
        #expect(first.count == 2)
        frames.removeFirst(2)
        let second = traffic.header(of: frames)
        #expect(second.header == mcs7)
        #expect(second.count == 3)
        for number: UInt32 in 0..<2 {
            traffic.sent(number: TransmissionNumber(rawValue: number), mpdu: payload.span)
            traffic.read(Packets.report(on: payload, failed: true).span) { _, _ in }
        }
        #expect(traffic.header(of: frames).header == legacy24)
        let plain = RadioTraffic(acknowledgment: .mac).header(of: frames)
        #expect(plain.header == traffic.header)
        #expect(plain.count == frames.count)
    }
}
