import Testing

@testable import IEEE80211

@Suite("VHT Capabilities")
struct VHTCapabilitiesTests {
    /// Two streams up to MCS 9, 80+80 MHz, beamforming, short guard intervals on 80 and 160 MHz, TXOP power save.
    private let octets: [UInt8] = [0xfa, 0x1f, 0xa0, 0x33, 0xfa, 0xff, 0x0c, 0x03, 0xfa, 0xff, 0x0c, 0x03]

    @Test("the element's content has 12 octets; fewer are not read, and what follows is ignored")
    func element() throws {
        let capabilities = try #require(VHTCapabilities(elementBody: octets))
        #expect(capabilities.information == 0x33a0_1ffa)
        #expect(capabilities.elementBody == octets)
        #expect(VHTCapabilities(elementBody: octets + [1, 2]) == capabilities)
        #expect(VHTCapabilities(elementBody: octets.dropLast()) == nil)
        #expect(VHTCapabilities(information: 0, modulations: [0xfa]) == nil)
    }

    @Test("on 20 MHz nothing is said of wider channels, beamforming and power save")
    func narrow() throws {
        let capabilities = try #require(VHTCapabilities(elementBody: octets)).on20MHz
        // The longest MPDU, LDPC, both STBC, the longest A-MPDU.
        #expect(capabilities.elementBody == [0x92, 0x07, 0x80, 0x03] + octets.dropFirst(4))
    }

    @Test(
        "the streams are those of the highest pair of bits that is not 3, and MCS 7, 8 or 9 is what the pair says",
        arguments: [
            ([0xfc, 0xff] as [UInt8], 1, 7), ([0xf5, 0xff], 2, 8), ([0xaa, 0xaa], 8, 9), ([0xbf, 0xff], 4, 9),
        ] as [([UInt8], Int, Int)])
    func highest(map: [UInt8], streams: Int, modulation: Int) throws {
        let capabilities = try #require(
            VHTCapabilities(information: 0, modulations: map + [UInt8](repeating: 0, count: 6)))
        #expect(capabilities.streams == streams)
        #expect(capabilities.highestModulation == modulation)
    }

    @Test("a radio that receives no stream is no VHT radio")
    func none() {
        #expect(VHTCapabilities(information: 0, modulations: [0xff, 0xff] + [UInt8](repeating: 0, count: 6)) == nil)
    }
}
