import CaptureFiles
import Foundation
import IEEE80211
import Testing

/// Frames as this project writes them, read by tshark.
@Suite(.enabled(if: TShark.isThere, "needs tshark"))
struct TSharkTests {
    private static let alice = MACAddress(rawValue: 0x0252_4c01_000a)
    private static let bob = MACAddress(rawValue: 0x0252_4c01_000b)
    private static let element = Element.vendorSpecific(OUI(rawValue: 0x02524c), [1, 2, 3, 4])
    private static let parameters = BlockAckParameterSet(aMSDUSupported: true, policy: .delayed, tid: 5, bufferSize: 64)

    private static func action(_ action: Action) -> [UInt8] {
        ActionFrame(receiver: bob, transmitter: alice, action: action).serialized()
    }

    /// A frame, and what tshark has to say of it.
    private static let examples: [(mpdu: [UInt8], fields: [String: String])] = [
        (
            action(
                .addBlockAckRequest(
                    AddBlockAckRequest(
                        dialogToken: 7, parameters: parameters, timeout: 10,
                        startingSequence: SequenceControl(sequence: 0x123),
                        elements: [
                            element, BasicMultiLinkElement(mldAddress: alice, linkID: 3).element,
                            Element(id: 159, body: [1]),
                        ]))),
            [
                "wlan.fc.type_subtype": "0x000d", "wlan.ra": bob.description, "wlan.ta": alice.description,
                "wlan.bssid": "ff:ff:ff:ff:ff:ff", "wlan.fixed.category_code": "3", "wlan.fixed.action_code": "0x00",
                "wlan.fixed.dialog_token": "0x07", "wlan.fixed.baparams.amsdu": "1",
                "wlan.fixed.baparams.policy": "0", "wlan.fixed.baparams.tid": "0x0005",
                "wlan.fixed.baparams.buffersize": "64", "wlan.fixed.batimeout": "0x000a",
                "wlan.fixed.ssc.sequence": "291", "wlan.tag.number": "221,255,159", "wlan.tag.oui": "152140",
                "wlan.ext_tag.number": "107",
            ]
        ),
        (
            action(
                .addBlockAckResponse(
                    AddBlockAckResponse(
                        dialogToken: 7, status: .requestDeclined, parameters: parameters, elements: [element]))),
            [
                "wlan.fixed.category_code": "3", "wlan.fixed.action_code": "0x01", "wlan.fixed.dialog_token": "0x07",
                "wlan.fixed.status_code": "0x0025", "wlan.fixed.batimeout": "0x0000", "wlan.tag.number": "221",
            ]
        ),
        (
            action(
                .deleteBlockAck(
                    DeleteBlockAck(initiator: true, tid: 5, reason: .unknownBlockAck, elements: [element]))),
            [
                "wlan.fixed.category_code": "3", "wlan.fixed.action_code": "0x02",
                "wlan.fixed.delba.param.initiator": "1", "wlan.fixed.delba.param.tid": "0x0005",
                "wlan.fixed.reason_code": "0x0026", "wlan.tag.number": "221",
            ]
        ),
        (
            action(.vendorSpecific(VendorSpecificAction(oui: OUI(rawValue: 0x02524c), body: [1, 2, 3]))),
            ["wlan.fixed.category_code": "127", "wlan.tag.oui": "152140"]
        ),
        (
            // The body starts with LLC and SNAP (local experimental EtherType 1), without which tshark finds it malformed.
            QoSDataFrame(
                receiver: bob, transmitter: alice, tid: 5, ackPolicy: .noAck,
                body: [0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0xb5, 1, 2]
            ).serialized(),
            [
                "wlan.fc.type_subtype": "0x0028", "wlan.ra": bob.description, "wlan.ta": alice.description,
                "wlan.da": bob.description, "wlan.sa": alice.description, "wlan.qos.tid": "5",
                "wlan.qos.ack": "0x0001",
            ]
        ),
    ]

    /// Block Ack frames in the variants that tshark 4.0 reads, and what it has to say of them.
    private static let blockAckExamples: [(mpdu: [UInt8], fields: [String: String])] = [
        (
            BlockAckRequest(tid: 5, start: start(0x123)).serialized(receiver: bob, transmitter: alice),
            [
                "wlan.fc.type_subtype": "0x0018", "wlan.ra": bob.description, "wlan.ta": alice.description,
                "wlan.ba.basic.tidinfo": "0x0005", "wlan.fixed.ssc.sequence": "291",
            ]
        ),
        (
            BlockAck(tid: 5, window: .init(start: start(0x123, 4), bitmap: Array(repeating: 0xa5, count: 32)))
                .serialized(receiver: bob, transmitter: alice),
            [
                "wlan.fc.type_subtype": "0x0019", "wlan.ba.control.ba_type": "0x0002",
                "wlan.ba.basic.tidinfo": "0x0005",
                "wlan.fixed.ssc.sequence": "291", "wlan.ba.bm": String(repeating: "a5", count: 32),
            ]
        ),
        (
            blockAck(.multiTID, tidInfo: 1, .multiTID([.init(tid: 1, window: window), .init(tid: 4, window: window)])),
            [
                "wlan.ba.control.ba_type": "0x0003", "wlan.bar.mtid.tidinfo.value": "0x0001,0x0004",
                "wlan.fixed.ssc.sequence": "2,2", "wlan.ba.bm": "0100000000000000,0100000000000000",
            ]
        ),
        (
            blockAck(.gcr, tidInfo: 0, .group(start(2), alice, bitmap: window.bitmap)),
            [
                "wlan.ba.control.ba_type": "0x0006", "wlan.fixed.ssc.sequence": "2",
                "wlan.ba.gcr_group_addr": alice.description,
                "wlan.ba.bm": "0100000000000000",
            ]
        ),
        (
            blockAck(
                .multiSTA, tidInfo: 0,
                .multiSTA([
                    PerAIDTIDInfo(aid: 5, tid: 14, context: .acknowledged),
                    PerAIDTIDInfo(
                        aid: 6, tid: 3, context: .window(.init(start: start(1, 6), bitmap: [1, 2, 3, 4]))),
                    PerAIDTIDInfo(aid: 7, tid: 5, context: .window(window)),
                    PerAIDTIDInfo(aid: 2045, tid: 0, context: .unassociated(reserved: 0, alice)),
                ])),
            [
                "wlan.ba.control.ba_type": "0x000b", "wlan.ba.multi_sta.aid11": "0x0005,0x0006,0x0007,0x07fd",
                "wlan.ba.multi_sta.tid": "0x000e,0x0003,0x0005,0x0000", "wlan.ba.bm": "01020304,0100000000000000",
            ]
        ),
    ]

    private static let window = BlockAck.Window(start: start(2), bitmap: [1, 0, 0, 0, 0, 0, 0, 0])

    private static func start(_ sequence: UInt16, _ fragment: UInt8 = 0) -> SequenceControl {
        SequenceControl(sequence: sequence, fragment: fragment)
    }

    private static func blockAck(
        _ variant: BlockAckVariant, tidInfo: UInt8, _ information: BlockAck.Information
    ) -> [UInt8] {
        BlockAck(control: BlockAckControl(variant: variant, tidInfo: tidInfo, noAck: true), information: information)
            .serialized(receiver: bob, transmitter: alice)
    }

    @Test func blockAckFramesAreReadByTShark() throws {
        let examples = Self.blockAckExamples
        let names = Set(examples.flatMap(\.fields.keys)).sorted()
        let rows = try TShark.fields(names + ["_ws.malformed"], of: examples.map(\.mpdu), .pcap(.ieee80211))
        try #require(rows.count == examples.count)
        for (example, row) in zip(examples, rows) {
            for (name, value) in example.fields { #expect(row[name] == value, "\(name)") }
            #expect(row["_ws.malformed"] == "")
        }
    }

    @Test func framesAreReadByTShark() throws {
        let radiotap = RadiotapTransmitHeader(
            rate: 12, transmitFlags: [.noAck, .keepSequenceNumber, .keepOrder], dataRetries: 3)
        let packets = Self.examples.map { radiotap.serialized() + $0.mpdu }
        for format in [CaptureWriter.Format.pcap(.radiotap), .pcapng([.init(name: "relink1", linkType: .radiotap)])] {
            let names = Set(Self.examples.flatMap(\.fields.keys)).sorted()
            let rows = try TShark.fields(
                names + ["_ws.malformed", "radiotap.txflags", "radiotap.datarate"], of: packets, format)
            try #require(rows.count == packets.count)
            for (example, row) in zip(Self.examples, rows) {
                for (name, value) in example.fields { #expect(row[name] == value, "\(name)") }
                #expect(row["_ws.malformed"] == "")
                #expect(row["radiotap.txflags"] == "0x0038")
                #expect(row["radiotap.datarate"] == "6")
            }
        }
    }
}

/// The program tshark.
enum TShark {
    private static let program = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/tshark" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isThere: Bool { program != nil }

    /// What tshark says in these fields of each packet.
    static func fields(
        _ names: [String], of packets: [[UInt8]], _ format: CaptureWriter.Format
    ) throws -> [[String: String]] {
        let file = FileManager.default.temporaryDirectory.appending(path: "relink-\(UUID().uuidString).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        var writer = try CaptureWriter(path: file.path, format: format)
        for (number, packet) in packets.enumerated() {
            try writer.append(packet, timestamp: 1_700_000_000_000_000_000 + UInt64(number))
        }

        let process = Process()
        process.executableURL = URL(filePath: try #require(program))
        process.arguments = ["-r", file.path, "-T", "fields"] + names.flatMap { ["-e", $0] }
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return text.split(separator: "\n").map { line in
            let values = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
        }
    }
}
