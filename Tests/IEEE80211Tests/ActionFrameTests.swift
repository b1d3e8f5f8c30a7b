import IEEE80211
import Testing

/// The addresses of the literal frames below.
private let alice = MACAddress(rawValue: 0x0252_4c01_000a)
private let bob = MACAddress(rawValue: 0x0252_4c01_000b)
private let ourOUI = OUI(rawValue: 0x02524c)

/// Receiver bob, transmitter alice, wildcard BSSID, duration and sequence control zero.
private let plainHeader = "d000 0000 02524c01000b 02524c01000a ffffffffffff 0000"

/// Octets of an action frame, and what they say.
struct ActionExample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var octets: [UInt8]
    var frame: ActionFrame

    init(_ name: String, _ hex: String, _ action: Action, edit: (inout ActionFrame) -> Void = { _ in }) {
        testDescription = name
        octets = IEEE80211Tests.octets(hex)
        frame = ActionFrame(receiver: bob, transmitter: alice, action: action)
        edit(&frame)
    }

    static let all: [ActionExample] = [
        ActionExample(
            "ADDBA Request with our vendor-specific element",
            plainHeader + "03 00 07 1410 0a00 3012 dd06 02524c 010203",
            .addBlockAckRequest(
                AddBlockAckRequest(
                    dialogToken: 7, parameters: BlockAckParameterSet(policy: .delayed, tid: 5, bufferSize: 64),
                    timeout: 10, startingSequence: SequenceControl(sequence: 0x123),
                    elements: [.vendorSpecific(ourOUI, [1, 2, 3])]))),
        ActionExample(
            "ADDBA Request, immediate, A-MSDU, ADDBA Extension and unknown elements",
            plainHeader + "03 00 01 c3ff 0000 f1ff 9f01 20 ff03 fe aabb ff01 07 0000",
            .addBlockAckRequest(
                AddBlockAckRequest(
                    dialogToken: 1,
                    parameters: BlockAckParameterSet(
                        aMSDUSupported: true, policy: .immediate, tid: 0, bufferSize: 1023),
                    startingSequence: SequenceControl(sequence: 4095, fragment: 1),
                    elements: [
                        Element(id: 159, body: [0x20]), Element(extensionID: 0xfe, body: [0xaa, 0xbb]),
                        Element(extensionID: 7, body: []), Element(id: 0, body: []),
                    ]))),
        ActionExample(
            "ADDBA Response that declines",
            plainHeader + "03 01 07 2500 1410 e803",
            .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: 7, status: .requestDeclined,
                    parameters: BlockAckParameterSet(policy: .delayed, tid: 5, bufferSize: 64), timeout: 1000))),
        ActionExample(
            "ADDBA Response with a status and an element that nobody knows",
            plainHeader + "03 01 ff ffff 0000 0000 de01 55",
            .addBlockAckResponse(
                AddBlockAckResponse(
                    dialogToken: 255, status: StatusCode(rawValue: 0xffff),
                    parameters: BlockAckParameterSet(rawValue: 0), elements: [Element(id: 222, body: [0x55])]))),
        ActionExample(
            "DELBA by the initiator",
            plainHeader + "03 02 0058 2500",
            .deleteBlockAck(DeleteBlockAck(initiator: true, tid: 5, reason: .endBlockAck))),
        ActionExample(
            "DELBA by the recipient, with an element",
            plainHeader + "03 02 00f0 2700 dd04 02524c 09",
            .deleteBlockAck(
                DeleteBlockAck(
                    initiator: false, tid: 15, reason: .timeout, elements: [.vendorSpecific(ourOUI, [9])]))),
        ActionExample(
            "Vendor-specific action",
            plainHeader + "7f 02524c 01 deadbeef",
            .vendorSpecific(VendorSpecificAction(oui: ourOUI, body: [1, 0xde, 0xad, 0xbe, 0xef]))),
        ActionExample(
            "Vendor-specific action of nothing but the OUI", plainHeader + "7f 506f9a",
            .vendorSpecific(VendorSpecificAction(oui: OUI(rawValue: 0x506f9a), body: []))),
        ActionExample(
            "Protected vendor-specific action", plainHeader + "7e 506f9a 01",
            .protectedVendorSpecific(VendorSpecificAction(oui: OUI(rawValue: 0x506f9a), body: [1]))),
        ActionExample(
            "Public action: GAS Initial Request", plainHeader + "04 0a 2a 6c02 7f00",
            .publicAction(PublicAction(code: .gasInitialRequest, body: [0x2a, 0x6c, 2, 0x7f, 0]))),
        ActionExample(
            "Public action that nobody knows", plainHeader + "04 fe",
            .publicAction(PublicAction(code: .init(rawValue: 0xfe), body: []))),
        ActionExample(
            "Block Ack category, action of later editions", plainHeader + "03 80 01 02",
            .other(category: 3, body: [0x80, 1, 2])),
        ActionExample("Unknown category without anything", plainHeader + "e7", .other(category: 0xe7, body: [])),
        ActionExample(
            "Action No Ack with HT Control, duration, sequence number, BSSID",
            "e080 3c01 02524c01000b 02524c01000a 02524c010001 5034 78563412 00 04 0601",
            .other(category: 0, body: [4, 6, 1])
        ) { frame in
            frame.noAck = true
            frame.duration = 0x013c
            frame.bssid = MACAddress(rawValue: 0x0252_4c01_0001)
            frame.sequenceControl = SequenceControl(sequence: 0x345)
            frame.htControl = 0x1234_5678
        },
    ]
}

@Suite struct ActionFrameTests {
    @Test(arguments: ActionExample.all)
    func octetsAreReadAsTheFrame(_ example: ActionExample) throws {
        #expect(try ActionFrame(parsing: example.octets) == example.frame)
    }

    @Test(arguments: ActionExample.all)
    func theFrameIsWrittenAsTheOctets(_ example: ActionExample) {
        #expect(example.frame.serialized() == example.octets)
    }

    /// Flags and reserved bits of DELBA parameters have no setter, so they are tried from the octets and back.
    @Test(arguments: ["d038 ff7f", "d033 0000"])
    func flagsAndReservedBitsSurvive(start: String) throws {
        let mpdu = octets(start + "02524c01000b 02524c01000a ffffffffffff 0000 03 02 ff57 0100")
        let frame = try ActionFrame(parsing: mpdu)
        #expect(frame.flags.contains(.powerManagement) && frame.flags.contains(.moreData))
        #expect(frame.action == .deleteBlockAck(try #require(frame.action.asDelete)))
        #expect(frame.action.asDelete?.initiator == false && frame.action.asDelete?.tid == 5)
        #expect(frame.serialized() == mpdu)
    }

    @Test(arguments: [
        ("beacon", "8000", FrameError(offset: 0, reason: .otherKind)),
        ("QoS data", "8800", FrameError(offset: 0, reason: .otherKind)),
        ("ACK", "d400", FrameError(offset: 0, reason: .otherKind)),
        ("protocol version 1", "d100", FrameError(offset: 0, reason: .unsupportedVersion(1))),
        ("encrypted", "d040", FrameError(offset: 24, reason: .protected)),
        ("encrypted, with HT Control", "d0c0", FrameError(offset: 28, reason: .protected)),
        ("first of several fragments", "d004", FrameError(offset: 24, reason: .fragment)),
    ])
    func otherFramesAreRefusedWithTheReason(name: String, frameControl: String, error: FrameError) {
        let mpdu = octets(frameControl + plainHeader.dropFirst(4) + "03 02 0058 2500")
        #expect(throws: error) { try ActionFrame(parsing: mpdu) }
    }

    @Test func aLaterFragmentIsRefused() {
        let mpdu = octets(plainHeader.dropLast(4) + "0100 03 02 0058 2500")
        #expect(throws: FrameError(offset: 24, reason: .fragment)) { try ActionFrame(parsing: mpdu) }
    }

    /// Cut anywhere, a frame is an error at an offset within it, unless what is left is a whole frame too: cut between
    /// two elements, or within content that reaches to the end.
    @Test(arguments: ActionExample.all)
    func everyCutIsAnErrorThatSaysWhere(_ example: ActionExample) {
        for length in 0..<example.octets.count {
            let cut = Array(example.octets.prefix(length))
            do {
                #expect(try ActionFrame(parsing: cut).serialized() == cut)
            } catch {
                #expect(error.offset <= length)
                guard case .truncated(let needed, let available) = error.reason else {
                    Issue.record("\(error) for a cut at \(length)")
                    continue
                }
                #expect(available == length - error.offset && needed > available)
            }
        }
    }

    @Test(arguments: [
        ("no category", "", 24, 1, 0),
        ("Block Ack without action code", "03", 25, 1, 0),
        ("ADDBA Request ends in the timeout", "03 00 07 1410 0a", 29, 2, 1),
        ("ADDBA Response ends in the status", "03 01 07 00", 27, 2, 1),
        ("DELBA ends before the reason", "03 02 0058", 28, 2, 0),
        ("vendor-specific without a whole OUI", "7f 0252", 25, 3, 2),
        ("public without its code", "04", 25, 1, 0),
        ("protected vendor-specific without an OUI", "7e 02", 25, 3, 1),
        ("element without length", "03 02 0058 2500 dd", 30, 2, 1),
        ("element longer than the frame", "03 02 0058 2500 dd04 02524c", 30, 6, 5),
    ])
    func whatIsCutShortIsNamed(name: String, action: String, offset: Int, needed: Int, available: Int) {
        let expected = FrameError(offset: offset, reason: .truncated(needed: needed, available: available))
        #expect(throws: expected) { try ActionFrame(parsing: octets(plainHeader + action)) }
    }
}

@Suite struct PublicActionTests {
    @Test func vendorSpecificContentIsFound() throws {
        let content = try #require(PublicAction(code: .vendorSpecific, body: [0x50, 0x6f, 0x9a, 9]).vendorSpecific)
        #expect(content.oui == OUI(rawValue: 0x506f9a) && Array(content.body) == [9])
        #expect(PublicAction(code: .vendorSpecific, body: [0x50, 0x6f]).vendorSpecific == nil)
        #expect(PublicAction(code: .filsDiscovery, body: [0x50, 0x6f, 0x9a, 9]).vendorSpecific == nil)
    }

    @Test func onlySomeHaveADialogToken() {
        #expect(PublicAction(code: .gasComebackRequest, body: [7]).dialogToken == 7)
        #expect(PublicAction(code: .tdlsDiscoveryResponse, body: [8]).dialogToken == 8)
        #expect(PublicAction(code: .coexistenceManagement, body: [7]).dialogToken == nil)
    }
}

extension Action {
    /// The DELBA, if it is one.
    fileprivate var asDelete: DeleteBlockAck? {
        if case .deleteBlockAck(let delete) = self { delete } else { nil }
    }
}
