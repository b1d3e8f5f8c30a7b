import IEEE80211
import Testing

/// RA 02:00:00:00:00:01, TA 02:00:00:00:00:02.
private let requestHeader = "8400 0000 020000000001 020000000002"
private let blockAckHeader = "9400 0000 020000000001 020000000002"
private let receiver = MACAddress(rawValue: 0x0200_0000_0001)
private let transmitter = MACAddress(rawValue: 0x0200_0000_0002)
private let group = MACAddress(rawValue: 0x0100_5e00_0001)

private func start(_ sequence: UInt16, _ fragment: UInt8 = 0) -> SequenceControl {
    SequenceControl(sequence: sequence, fragment: fragment)
}

private func bits(_ octet: String, _ count: Int) -> String { String(repeating: octet, count: count) }

/// Octets behind the MAC header, and what they say.
struct BlockAckRequestExample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var octets: [UInt8]
    var request: BlockAckRequest
    /// TID and starting sequence number, or dashes.
    var summary: String

    static let all: [BlockAckRequestExample] = [
        example(
            "basic", "0150 3012", BlockAckRequest(variant: .basic, tid: 5, start: start(0x123), noAck: true), "5 291"),
        example("compressed", "0470 f0ff", BlockAckRequest(tid: 7, start: start(4095)), "7 4095"),
        example(
            "extended compressed, fragment 1", "0200 1100",
            BlockAckRequest(variant: .extendedCompressed, tid: 0, start: start(1, 1)), "0 1"),
        example(
            "multi-TID, two", "0610 0030 1000 0060 2000",
            BlockAckRequest(
                control: BlockAckControl(variant: .multiTID, tidInfo: 1),
                information: .multiTID([.init(tid: 3, start: start(1)), .init(tid: 6, start: start(2))])), "- -"),
        example(
            "multi-TID, one", "0600 0030 1000",
            BlockAckRequest(
                control: BlockAckControl(variant: .multiTID, tidInfo: 0),
                information: .multiTID([.init(tid: 3, start: start(1))])), "3 1"),
        example(
            "GCR", "0c00 2000 01005e000001",
            BlockAckRequest(
                control: BlockAckControl(variant: .gcr, tidInfo: 0), information: .group(start(2), group)), "- 2"),
        example(
            "GLK-GCR", "1400 2000 01005e000001",
            BlockAckRequest(
                control: BlockAckControl(variant: .glkGCR, tidInfo: 0), information: .group(start(2), group)), "- 2"),
        example(
            "a variant that nobody knows", "0ee0 aabbcc",
            BlockAckRequest(
                control: BlockAckControl(rawValue: 0xe00e), information: .other([0xaa, 0xbb, 0xcc])), "- -"),
    ]

    private static func example(
        _ name: String, _ hex: String, _ request: BlockAckRequest, _ summary: String
    ) -> BlockAckRequestExample {
        BlockAckRequestExample(
            testDescription: name, octets: IEEE80211Tests.octets(hex), request: request, summary: summary)
    }
}

/// Octets behind the MAC header, and what they say.
struct BlockAckExample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var octets: [UInt8]
    var blockAck: BlockAck
    /// TID, starting sequence number and number of bits set, or dashes.
    var summary: String

    static let all: [BlockAckExample] = [
        example(
            "basic", "0150 3012" + bits("01", 128), BlockAck(variant: .basic, tid: 5, window: window(0x123, 0, 1, 128)),
            "5 291 128"),
        example("compressed, 64", "0570 3012" + bits("03", 8), compressed(0, 3, 8), "7 291 16"),
        example("compressed, 256", "0570 3412" + bits("ff", 32), compressed(4, 255, 32), "7 291 256"),
        example("compressed, 512", "0570 3812" + bits("00", 64), compressed(8, 0, 64), "7 291 0"),
        example("compressed, 1024", "0570 3a12" + bits("80", 128), compressed(10, 128, 128), "7 291 128"),
        example("compressed, level 3 fragments", "0570 3112" + bits("03", 8), compressed(1, 3, 8), "7 291 16"),
        example("compressed, a length that nobody knows", "0570 3e12 0102", compressed(14, [1, 2]), "7 291 2"),
        example(
            "extended compressed", "0320 3012" + bits("07", 8) + "40",
            BlockAck(
                control: BlockAckControl(variant: .extendedCompressed, tidInfo: 2, noAck: true),
                information: .extended(window(0x123, 0, 7, 8), receiveBufferCapacity: 64)), "2 291 24"),
        example(
            "multi-TID", "0710 0010 1000" + bits("01", 8) + "0040 2000" + bits("02", 8),
            BlockAck(
                control: BlockAckControl(variant: .multiTID, tidInfo: 1, noAck: true),
                information: .multiTID([
                    .init(tid: 1, window: window(1, 0, 1, 8)), .init(tid: 4, window: window(2, 0, 2, 8)),
                ])), "- - -"),
        example(
            "GCR", "0d00 2000 01005e000001" + bits("01", 8),
            BlockAck(
                control: BlockAckControl(variant: .gcr, tidInfo: 0, noAck: true),
                information: .group(start(2), group, bitmap: Array(repeating: 1, count: 8))), "- 2 8"),
        example(
            "GLK-GCR", "1500 2000 01005e000001" + bits("01", 8),
            BlockAck(
                control: BlockAckControl(variant: .glkGCR, tidInfo: 0, noAck: true),
                information: .group(start(2), group, bitmap: Array(repeating: 1, count: 8))), "- 2 8"),
        example(
            "multi-STA: acknowledged, 32 and 128 bits, not associated",
            "1700 05e8 0630 1600 11111111 0750 1200" + bits("22", 16) + "fd07 00000000 020000000009",
            BlockAck(
                control: BlockAckControl(variant: .multiSTA, tidInfo: 0, noAck: true),
                information: .multiSTA([
                    PerAIDTIDInfo(aid: 5, tid: 14, context: .acknowledged),
                    PerAIDTIDInfo(aid: 6, tid: 3, context: .window(window(1, 6, 0x11, 4))),
                    PerAIDTIDInfo(aid: 7, tid: 5, context: .window(window(1, 2, 0x22, 16))),
                    PerAIDTIDInfo(
                        aid: 2045, tid: 0,
                        context: .unassociated(reserved: 0, MACAddress(rawValue: 0x0200_0000_0009))),
                ])), "- - -"),
        example(
            "multi-STA, one", "1700 0630 1000" + bits("01", 8),
            BlockAck(
                control: BlockAckControl(variant: .multiSTA, tidInfo: 0, noAck: true),
                information: .multiSTA([PerAIDTIDInfo(aid: 6, tid: 3, context: .window(window(1, 0, 1, 8)))])), "3 1 8"),
        example(
            "a variant that nobody knows", "0ee0 aabbcc",
            BlockAck(control: BlockAckControl(rawValue: 0xe00e), information: .other([0xaa, 0xbb, 0xcc])), "- - -"),
    ]

    private static func window(_ sequence: UInt16, _ fragment: UInt8, _ octet: UInt8, _ count: Int) -> BlockAck.Window {
        BlockAck.Window(start: start(sequence, fragment), bitmap: Array(repeating: octet, count: count))
    }

    private static func compressed(_ fragment: UInt8, _ octet: UInt8, _ count: Int) -> BlockAck {
        BlockAck(tid: 7, window: window(0x123, fragment, octet, count))
    }

    private static func compressed(_ fragment: UInt8, _ bitmap: [UInt8]) -> BlockAck {
        BlockAck(tid: 7, window: BlockAck.Window(start: start(0x123, fragment), bitmap: bitmap))
    }

    private static func example(_ name: String, _ hex: String, _ blockAck: BlockAck, _ summary: String)
        -> BlockAckExample
    {
        BlockAckExample(testDescription: name, octets: IEEE80211Tests.octets(hex), blockAck: blockAck, summary: summary)
    }
}

private func text(_ number: (some BinaryInteger)?) -> String { number.map { String($0) } ?? "-" }

@Suite struct BlockAckRequestTests {
    @Test(arguments: BlockAckRequestExample.all)
    func octetsAndRequestAreTheSame(_ example: BlockAckRequestExample) throws {
        let mpdu = octets(requestHeader) + example.octets
        #expect(example.request.serialized(receiver: receiver, transmitter: transmitter) == mpdu)
        let request = try BlockAckRequest(parsing: mpdu.span, from: 16)
        #expect(request == example.request)
        #expect("\(text(request.tid)) \(text(request.start?.sequence))" == example.summary)
        var written: [UInt8] = []
        example.request.append(to: &written)
        #expect(written == example.octets)
    }

    @Test(arguments: BlockAckRequestExample.all)
    func everyCutIsAnErrorOrAWholeRequest(_ example: BlockAckRequestExample) {
        for length in 0..<example.octets.count {
            let cut = Array(example.octets.prefix(length))
            guard let request = try? BlockAckRequest(parsing: cut.span, from: 0) else { continue }
            var written: [UInt8] = []
            request.append(to: &written)
            #expect(written == cut)
            guard case .other = request.information else {
                Issue.record("\(request) from a cut at \(length)")
                continue
            }
        }
    }

    @Test func octetsBehindTheRequestSurvive() throws {
        let request = try BlockAckRequest(parsing: octets("0470 f0ff eeee").span, from: 0)
        #expect(request.trailing == [0xee, 0xee])
        var written: [UInt8] = []
        request.append(to: &written)
        #expect(written == octets("0470 f0ff eeee"))
    }
}

@Suite struct BlockAckTests {
    @Test(arguments: BlockAckExample.all)
    func octetsAndBlockAckAreTheSame(_ example: BlockAckExample) throws {
        let mpdu = octets(blockAckHeader) + example.octets
        #expect(example.blockAck.serialized(receiver: receiver, transmitter: transmitter) == mpdu)
        let blockAck = try BlockAck(parsing: mpdu.span, from: 16)
        #expect(blockAck == example.blockAck)
        let window = blockAck.window
        let received = window.map { BlockAckBitmap.count($0.bitmap) }
        #expect("\(text(blockAck.tid)) \(text(window?.start.sequence)) \(text(received))" == example.summary)
        var written: [UInt8] = []
        example.blockAck.append(to: &written)
        #expect(written == example.octets)
    }

    /// Cut anywhere, what is read is written as the same octets, and an error says that something is missing.
    @Test(arguments: BlockAckExample.all)
    func everyCutIsAnErrorThatSaysWhere(_ example: BlockAckExample) {
        for length in 0..<example.octets.count {
            let cut = Array(example.octets.prefix(length))
            do {
                var written: [UInt8] = []
                try BlockAck(parsing: cut.span, from: 0).append(to: &written)
                #expect(written == cut)
            } catch {
                guard case .truncated(let needed, let available) = error.reason else {
                    Issue.record("\(error) for a cut at \(length)")
                    continue
                }
                #expect(available == length - error.offset && needed > available)
            }
        }
    }

    @Test func octetsBehindTheBlockAckSurvive() throws {
        let octets = octets("0570 3012" + bits("03", 8) + "eeee")
        let blockAck = try BlockAck(parsing: octets.span, from: 0)
        #expect(blockAck.trailing == [0xee, 0xee] && blockAck.window?.bitmap.count == 8)
        var written: [UInt8] = []
        blockAck.append(to: &written)
        #expect(written == octets)
    }

    @Test(arguments: [
        ("no control", "05", 0, FrameError.Reason.truncated(needed: 2, available: 1)),
        ("no start", "0570 30", 2, .truncated(needed: 2, available: 1)),
        ("compressed bitmap cut", "0570 3412" + bits("ff", 31), 4, .truncated(needed: 32, available: 31)),
        ("basic bitmap cut", "0150 3012" + bits("01", 127), 4, .truncated(needed: 128, available: 127)),
        ("no buffer capacity", "0320 3012" + bits("07", 8), 12, .truncated(needed: 1, available: 0)),
        ("second TID missing", "0710 0010 1000" + bits("01", 8), 14, .truncated(needed: 2, available: 0)),
        ("multi-STA, reserved length", "1700 0630 1e00" + bits("01", 8), 4, .impossibleLength(14)),
    ])
    func whatIsMalformedIsNamed(name: String, hex: String, offset: Int, reason: FrameError.Reason) {
        #expect(throws: FrameError(offset: offset, reason: reason)) { try BlockAck(parsing: octets(hex).span, from: 0) }
    }

    @Test func controlFieldsHaveTheirPlaces() {
        let control = BlockAckControl(rawValue: 0xa017)
        #expect(control.noAck && control.variant == .multiSTA && control.tidInfo == 10)
        #expect(BlockAckControl(variant: .multiSTA, tidInfo: 10, noAck: true) == control)
    }
}
