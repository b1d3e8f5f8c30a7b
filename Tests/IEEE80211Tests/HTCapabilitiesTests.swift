import Testing

@testable import IEEE80211

@Suite("HT Capabilities")
struct HTCapabilitiesTests {
    /// As hwsim has it: two streams, 40 MHz, short guard intervals.
    private let capabilities = HTCapabilities(information: 0x107e, aggregation: 0x1b, modulations: [0xff, 0xff])

    @Test("the element's content has 26 octets: information, A-MPDU parameters, MCS set, zeros")
    func element() {
        #expect(
            capabilities.elementBody == [0x7e, 0x10, 0x1b, 0xff, 0xff] + [UInt8](repeating: 0, count: 21))
    }

    @Test("on 20 MHz nothing is said of 40 MHz")
    func narrow() {
        #expect(capabilities.on20MHz.information == 0x003c)
        #expect(capabilities.on20MHz.modulations == capabilities.modulations)
    }

    @Test("what is packed is read again, and fewer octets are not")
    func packed() {
        #expect(capabilities.packed.count == HTCapabilities.packedLength)
        #expect(HTCapabilities(packed: capabilities.packed) == capabilities)
        #expect(HTCapabilities(packed: capabilities.packed + [1, 2]) == capabilities)
        #expect(HTCapabilities(packed: capabilities.packed.dropLast()) == nil)
    }

    @Test("the highest MCS is that of the last bit; no more than ten octets count")
    func highest() {
        #expect(capabilities.highestModulation == 15)
        #expect(HTCapabilities.least.highestModulation == 7)
        #expect(HTCapabilities(information: 0, aggregation: 0, modulations: []).highestModulation == nil)
        let long = HTCapabilities(information: 0, aggregation: 0, modulations: [UInt8](repeating: 1, count: 16))
        #expect(long.modulations.count == 10)
    }
}
