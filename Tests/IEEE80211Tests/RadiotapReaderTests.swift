import IEEE80211
import TestSupport
import Testing

@Suite("Reading the radiotap headers of one radio")
struct RadiotapReaderTests {
    @Test("what is told of a layout seen before is what the new header says")
    func sameLayout() throws {
        var reader = RadiotapReader()
        for (signal, failed) in [(-30, 0), (-91, 1), (-1, 0)] as [(Int8, UInt8)] {
            let received: [UInt8] = [0, 0, 15, 0, 0x2e, 0, 0, 0, 0x10, 2, 0x6c, 9, 0xa0, 0, UInt8(bitPattern: signal)]
            let summary = try reader.read((received + [1, 2, 3]).span)
            #expect(summary.antennaSignal == signal && summary.frequency == 2412 && summary.flags == .fcsAtEnd)
            #expect(summary.transmitFlags == nil && summary.length == 15)
            #expect(summary.mpduRange(ofPacketWithCount: 100) == 15..<96)
            let report: [UInt8] = [0, 0, 13, 0, 4, 0x80, 2, 0, 2, 0, failed, 0, 6]
            let told = try reader.read(report.span)
            #expect(told.transmitFlags == RadiotapTransmitFlags(rawValue: UInt16(failed)) && told.antennaSignal == nil)
            #expect(throws: FrameError.self, "cut short") { try reader.read(report.span.extracting(first: 12)) }
        }
    }

    @Test("on headers of all kinds it tells what the whole header's parser tells, or fails as that does")
    func agreesWithParser() {
        let seed = Environment.seed ?? Environment.fresh
        print("radiotap headers: RELINK_SEED=\(seed)")
        var random = Generator(state: seed)
        var reader = RadiotapReader()
        var good = 0
        for _ in 0..<3000 {
            let words = Self.presentWords(&random)
            let length = UInt16(4 + words.count * 4 + Int.random(in: 0...90, using: &random))
            // The same layout several times, each time with other fields.
            for _ in 0..<3 {
                var packet: [UInt8] = [UInt8.random(in: 0...20, using: &random) == 0 ? 1 : 0, 0]
                packet += [UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
                for word in words {
                    for shift in [0, 8, 16, 24] { packet.append(UInt8(truncatingIfNeeded: word >> shift)) }
                }
                let whole = Int(length) + Int.random(in: -3...40, using: &random)
                while packet.count < whole { packet.append(UInt8.random(in: 0...3, using: &random)) }
                let expected = Result { try Radiotap(parsing: packet).summary }
                let told = Result { try reader.read(packet.span) }
                switch (expected, told) {
                case (.success(let expected), .success(let told)):
                    good += 1
                    #expect(expected == told, "\(packet)")
                case (.failure(let expected as FrameError), .failure(let told as FrameError)):
                    #expect(expected == told, "\(packet)")
                default: Issue.record("\(expected) but \(told): \(packet)")
                }
            }
        }
        #expect(good > 1000)
    }

    /// Up to three present words, of fields that mostly are there in life.
    private static func presentWords(_ random: inout Generator) -> [UInt32] {
        var words: [UInt32] = []
        repeat {
            var word =
                UInt32.random(in: 0...UInt32.max, using: &random) & UInt32.random(in: 0...UInt32.max, using: &random)
            word &= 0x1fff_ffff
            let form = Int.random(in: 0...9, using: &random)
            if form == 0 { word |= 1 << 30 }
            if form > 6 { word |= 1 << 29 }
            words.append(word)
        } while words.count < 3 && Bool.random(using: &random)
        for index in words.indices.dropLast() { words[index] |= 1 << 31 }
        return words
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0xbf58_476d_1ce4_e5b9
        }
    }
}
