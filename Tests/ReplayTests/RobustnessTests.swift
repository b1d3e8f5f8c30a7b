import CaptureFiles
import Foundation
import IEEE80211
import Testing

/// Real frames and files, cut and changed: whatever comes out, nothing traps, and what is taken for a frame is written as
/// the same octets again.
struct RobustnessTests {
    private static let framesPerCapture = 12
    private static let cutsPerFrame = 60
    private static let changesPerFrame = 20

    @Test(arguments: Captures.names)
    func framesCutAndChangedAreReadOrRefused(name: String) throws {
        let file = try Captures.file(name)
        let (records, _) = readAll(try CaptureReader(path: file.path))
        var random = SeededRandom(of: name)
        for record in records.shuffled(using: &random).prefix(Self.framesPerCapture) {
            for _ in 0..<Self.cutsPerFrame {
                try read(record, as: Self.cut(record.octets, using: &random))
            }
            for _ in 0..<Self.changesPerFrame {
                try read(record, as: Self.changed(record.octets, using: &random))
            }
        }
    }

    @Test(arguments: Captures.names)
    func filesCutAndChangedAreReadOrRefused(name: String) throws {
        let file = try Captures.file(name)
        let octets = [UInt8](try Data(contentsOf: file).prefix(20_000))
        var random = SeededRandom(of: name)
        let whole = readAll(CaptureReader(octets: octets)).records
        for _ in 0..<10 {
            let cut = readAll(CaptureReader(octets: Self.cut(octets, using: &random)))
            #expect(cut.records == Array(whole.prefix(cut.records.count)))
        }
        for _ in 0..<3 {
            for record in readAll(CaptureReader(octets: Self.changed(octets, using: &random))).records {
                try read(record, as: record.octets)
            }
        }
    }

    /// Reads octets as everything that they could be.
    private func read(_ record: CaptureRecord, as octets: [UInt8]) throws {
        var record = record
        record.octets = octets
        _ = Decoded(record)

        let start = (try? Radiotap(parsing: octets))?.length ?? 0
        let mpdu = Array(octets[start...])
        if let frame = try? ActionFrame(parsing: mpdu) { #expect(frame.serialized() == mpdu) }
        if let frame = try? QoSDataFrame(parsing: mpdu) { #expect(frame.serialized() == mpdu) }
        if let header = try? MACHeader(parsing: mpdu) {
            var written: [UInt8] = []
            header.append(to: &written)
            #expect(written == Array(mpdu.prefix(header.headerLength)))
            // Whatever frame it is: what stands there is taken for a BlockAckReq and a BlockAck too.
            var request = written
            if (try? BlockAckRequest(parsing: mpdu.span, from: header.headerLength))?.append(to: &request) != nil {
                #expect(request == mpdu)
            }
            if (try? BlockAck(parsing: mpdu.span, from: header.headerLength))?.append(to: &written) != nil {
                #expect(written == mpdu)
            }
        }
        for offset in stride(from: 24, to: min(mpdu.count, 40), by: 4) {
            guard let elements = try? Element.list(parsing: Array(mpdu[offset...])) else { continue }
            #expect(elements.flatMap { $0.serialized() } == Array(mpdu[offset...]))
        }
        if let element = try? BasicMultiLinkElement(parsing: Element(extensionID: 107, body: Array(mpdu.prefix(254)))) {
            #expect(element.element.body == Array(mpdu.prefix(254)))
        }
    }

    /// The octets up to a random place.
    private static func cut(_ octets: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        Array(octets.prefix(Int.random(in: 0...octets.count, using: &random)))
    }

    /// The octets with one in a hundred replaced, and at least one.
    private static func changed(_ octets: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        guard !octets.isEmpty else { return octets }
        var changed = octets
        for _ in 0..<max(1, octets.count / 100) {
            changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return changed
    }
}
