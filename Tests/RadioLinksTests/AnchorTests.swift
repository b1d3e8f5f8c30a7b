import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("What an anchor says, and what its stations can do")
struct AnchorTests {
    private let address = MACAddress(rawValue: 0x0252_4c01_000a)
    /// As hwsim has it: HT, two streams, 40 MHz, short guard intervals.
    private let highThroughput = HTCapabilities(
        information: 0x107e, aggregation: 0x1b, modulations: [0xff, 0xff])
    private let dsss: [UInt8] = [2, 4, 11, 22]
    private let ofdm: [UInt8] = [12, 18, 24, 36, 48, 72, 96, 108]

    @Test(
        "the beacon before the TIM element: header, interval of 1000 TU, privacy, an empty SSID, basic rates, the channel"
    )
    func head() {
        let beacon = AnchorBeacon(
            address: address, frequency: 2462, band: WiphyBand(rates: dsss + ofdm, capabilities: RadioCapabilities(highThroughput)))
        let header: [UInt8] = [
            0x80, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x52, 0x4c, 0x01, 0x00, 0x0a, 0x02, 0x52,
            0x4c,
            0x01, 0x00, 0x0a, 0x00, 0x00,
        ]
        let fixed: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 0x03, 0x11, 0x04]
        let elements: [UInt8] = [0, 0, 1, 8, 0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 3, 1, 11]
        #expect(beacon.head == header + fixed + elements)
        #expect(beacon.hasHighThroughput)
    }

    @Test("the beacon behind it: ERP, the other rates, HT for 20 MHz alone")
    func tail() {
        let beacon = AnchorBeacon(
            address: address, frequency: 2462, band: WiphyBand(rates: dsss + ofdm, capabilities: RadioCapabilities(highThroughput)))
        let capability: [UInt8] = [45, 26, 0x3c, 0x00, 0x1b, 0xff, 0xff] + [UInt8](repeating: 0, count: 21)
        let operation: [UInt8] = [61, 22, 11] + [UInt8](repeating: 0, count: 21)
        #expect(beacon.tail == [42, 1, 0, 50, 4, 48, 72, 96, 108] + capability + operation)
    }

    @Test("at 5 GHz there are OFDM rates alone; at 6 GHz no HT")
    func otherBands() {
        let five = AnchorBeacon(
            address: address, frequency: 5180, band: WiphyBand(rates: ofdm, capabilities: RadioCapabilities(highThroughput)))
        #expect(Array(five.head.suffix(14)) == [0x11, 0, 0, 0, 1, 8, 0x8c, 18, 0x98, 36, 0xb0, 72, 96, 108])
        #expect(Array(five.tail.prefix(2)) == [45, 26])
        #expect(Array(five.tail.suffix(24).prefix(3)) == [61, 22, 36])
        let six = AnchorBeacon(
            address: address, frequency: 5955, band: WiphyBand(rates: ofdm, capabilities: RadioCapabilities(highThroughput)))
        #expect(!six.hasHighThroughput)
        #expect(six.tail == [])
    }

    @Test("RAT-5: with VHT its capabilities and operation on 20 MHz follow")
    func veryHighThroughput() throws {
        let veryHighThroughput = try #require(
            VHTCapabilities(information: 0x3380_0471, modulations: [0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]))
        let capabilities = RadioCapabilities(highThroughput, veryHighThroughput: veryHighThroughput)
        let beacon = AnchorBeacon(
            address: address, frequency: 5180, band: WiphyBand(rates: ofdm, capabilities: capabilities))
        let capability: [UInt8] = [191, 12, 0x11, 0x04, 0x80, 0x03, 0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]
        #expect(beacon.tail.suffix(14 + 7) == capability + [192, 5, 0, 0, 0, 0xfc, 0xff])
        #expect(Array(beacon.tail.prefix(2)) == [45, 26])
    }

    @Test(
        "a station of which nothing is known receives MCS 0 to 7 without any option, and HT only from a radio that has it"
    )
    func lowest() {
        let band = WiphyBand(rates: ofdm, capabilities: RadioCapabilities(highThroughput))
        let station = AnchorStation(lowestOf: band, address: address, association: 2)
        #expect(station.rates == ofdm)
        #expect(station.capabilities?.highThroughput.elementBody == [0x0c, 0x00, 0x00, 0xff] + [UInt8](repeating: 0, count: 22))
        #expect(AnchorStation(lowestOf: WiphyBand(rates: ofdm), address: address, association: 2).capabilities == nil)
    }

    @Test("interfaces beside monitors have names that the kernel takes")
    func names() throws {
        func companion(_ interface: String) throws -> String {
            MonitorRadioConfiguration(
                identifier: try #require(.init(1)), wiphy: "phy0", interface: interface, frequency: 2412
            ).companion
        }
        #expect(try companion("relink1") == "relink1a")
        #expect(try companion("abcdefghijklmno") == "abcdefghijklmna")
        #expect(LinkCheck.interfaceName(wiphyIndex: 123_999).utf8.count == 14)
    }
}
