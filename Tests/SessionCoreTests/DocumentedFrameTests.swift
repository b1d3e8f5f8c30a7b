import Foundation
import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import Testing

/// docs/protocol.md shows a frame of every kind in hex. They are the frames that the code makes, not a memory of them.
@Suite struct DocumentedFrameTests {
    private static let session = SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17)
    private static let parameters = BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 64)

    private static func action(_ action: Action, from station: Int, on link: LinkIdentifier) -> [UInt8] {
        ActionFrame(
            receiver: Pair.address(1 - station, link), transmitter: Pair.address(station, link), bssid: .broadcast,
            action: action
        ).serialized()
    }

    private static func elements(_ element: SessionElement, from station: Int, on link: LinkIdentifier) -> [Element] {
        [BasicMultiLinkElement(mldAddress: Pair.mldAddress(station), linkID: link.rawValue).element, element.element]
    }

    private static func number(_ number: UInt32) -> TransmissionNumber { TransmissionNumber(rawValue: number) }

    static let frames: [(name: String, octets: [UInt8])] = [
        (
            "session request",
            action(
                .addBlockAckRequest(
                    AddBlockAckRequest(
                        dialogToken: 0x2a, parameters: parameters, startingSequence: SequenceControl(sequence: 0),
                        elements: elements(
                            SessionElement(flags: .supportsRebuild, transmission: number(0x101), session: session),
                            from: Pair.a, on: link1))), from: Pair.a, on: link1)
        ),
        (
            "session response",
            action(
                .addBlockAckResponse(
                    AddBlockAckResponse(
                        dialogToken: 0x2a, status: .success, parameters: parameters,
                        elements: elements(
                            SessionElement(flags: .supportsRebuild, transmission: number(0x201), session: session),
                            from: Pair.b, on: link1))), from: Pair.b, on: link1)
        ),
        (
            "rebuild request",
            action(
                .addBlockAckRequest(
                    AddBlockAckRequest(
                        dialogToken: 0x5c, parameters: parameters, startingSequence: SequenceControl(sequence: 3),
                        elements: elements(
                            SessionElement(
                                flags: [.supportsRebuild, .rebuild], transmission: number(0x102), session: session,
                                rebuildNumber: 1,
                                position: ResumptionPosition(
                                    start: SequenceNumber(rawValue: 3), next: SequenceNumber(rawValue: 6))),
                            from: Pair.a, on: link2))), from: Pair.a, on: link2)
        ),
        (
            "refusal of a rebuild",
            action(
                .addBlockAckResponse(
                    AddBlockAckResponse(
                        dialogToken: 0x5c, status: .requestDeclined, parameters: parameters,
                        elements: elements(
                            SessionElement(
                                flags: .rebuild, reason: .unknownSession, transmission: number(0x202), session: session,
                                rebuildNumber: 1), from: Pair.b, on: link2))), from: Pair.b, on: link2)
        ),
        (
            "sharing request",
            action(
                .addBlockAckRequest(
                    AddBlockAckRequest(
                        dialogToken: 0x5d, parameters: parameters, startingSequence: SequenceControl(sequence: 3),
                        elements: elements(
                            SessionElement(
                                flags: [.supportsSharing, .sharing], transmission: number(0x106), session: session,
                                rebuildNumber: 2, links: [link1, link2]),
                            from: Pair.a, on: link2))), from: Pair.a, on: link2)
        ),
        (
            "refusal of sharing",
            action(
                .addBlockAckResponse(
                    AddBlockAckResponse(
                        dialogToken: 0x5d, status: .requestDeclined, parameters: parameters,
                        elements: elements(
                            SessionElement(
                                flags: .sharing, reason: .sharingNotSupported, transmission: number(0x203),
                                session: session, rebuildNumber: 2), from: Pair.b, on: link2))), from: Pair.b, on: link2
            )
        ),
        (
            "session end",
            action(
                .deleteBlockAck(
                    DeleteBlockAck(
                        initiator: true, tid: 0, reason: .endBlockAck,
                        elements: [SessionElement(flags: [], transmission: number(0x103), session: session).element])),
                from: Pair.a, on: link1)
        ),
        (
            "heartbeat",
            action(
                .vendorSpecific(
                    PeerAction.heartbeat(
                        Heartbeat(
                            flags: [.radioAcknowledges, .linkAlive], transmission: number(0x104), interval: 98,
                            sessions: [
                                Heartbeat.Entry(
                                    session: session, rebuildNumber: 1, role: .initiator, isLive: true, links: [link2])
                            ])
                    ).action), from: Pair.a, on: link1)
        ),
        (
            "session acknowledgment",
            action(.vendorSpecific(PeerAction.sessionAcknowledgment(number(0x102)).action), from: Pair.b, on: link2)
        ),
        (
            "block acknowledgment",
            action(
                .vendorSpecific(
                    PeerAction.blockAcknowledgment(
                        BlockAcknowledgment(session: session, start: SequenceNumber(rawValue: 3), bitmap: [0b0110])
                    )
                    .action), from: Pair.b, on: link2)
        ),
        (
            "announcement",
            ActionFrame(
                receiver: .broadcast, transmitter: Pair.address(Pair.a, link1), bssid: .broadcast,
                action: .vendorSpecific(
                    PeerAction.announcement(
                        Announcement(
                            mldAddress: Pair.mldAddress(Pair.a), link: link1,
                            capabilities: [.rebuild, .sharing, .radioAcknowledges], interval: 977)
                    ).action)
            ).serialized()
        ),
        (
            "payload",
            QoSDataFrame(
                receiver: Pair.address(Pair.b, link2), transmitter: Pair.address(Pair.a, link2), address3: .broadcast,
                tid: 0,
                body: PayloadFrame(
                    header: PayloadHeader(
                        transmission: number(0x105), session: session, sequence: SequenceNumber(rawValue: 3)),
                    payload: Array("Relink".utf8)
                ).body
            ).serialized()
        ),
        (
            "probe",
            QoSDataFrame(
                receiver: Pair.address(Pair.b, link2), transmitter: Pair.address(Pair.a, link2), address3: .broadcast,
                tid: 0,
                body: PayloadFrame(
                    header: PayloadHeader(
                        transmission: number(0x106), session: session, sequence: SequenceNumber(rawValue: 0),
                        isProbe: true),
                    payload: [0, 0, 0, 0, 0, 0]
                ).body
            ).serialized()
        ),
    ]

    @Test("the hex in docs/protocol.md is what the code makes", arguments: frames)
    func documented(name: String, octets: [UInt8]) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
        #expect(text.contains("<!-- \(name) -->\n```\n\(Self.hex(octets))\n```"), "should be:\n\(Self.hex(octets))")
    }

    static func hex(_ octets: [UInt8]) -> String {
        stride(from: 0, to: octets.count, by: 16).map { start in
            let row = octets[start..<min(start + 16, octets.count)].map { String(format: "%02x", $0) }
            return String(format: "%04x  ", start) + row.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
