import IEEE80211
import TestSupport
import Testing

@testable import SessionCore

/// The frames of this protocol, octet by octet as docs/protocol.md has them, in both directions.
@Suite struct FrameTests {
    private let session = SessionIdentifier(rawValue: 0x1122_3344_5566_7788)

    @Test("session element of a rebuild request")
    func sessionElement() throws {
        let octets: [UInt8] = [
            0xdd, 0x22, 0xd2, 0x52, 0x4c,  // vendor-specific, 34 octets, organization identifier
            0x01, 0x01, 0x15, 0x00, 0x00,  // session element, version 1, flags, reason, reserved
            0x04, 0x03, 0x02, 0x01,  // transmission
            0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,  // session
            0x02, 0x00, 0x00, 0x00,  // rebuild number
            0x01, 0x08, 0x03, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00,  // position: start, next
        ]
        let element = SessionElement(
            flags: [.supportsRebuild, .rebuild, .acknowledgmentRequested],
            transmission: TransmissionNumber(rawValue: 0x0102_0304), session: session, rebuildNumber: 2,
            position: ResumptionPosition(start: SequenceNumber(rawValue: 3), next: SequenceNumber(rawValue: 6)))
        #expect(element.element.serialized() == octets)
        #expect(try SessionElement(in: Element.list(parsing: octets)) == element)
    }

    @Test("a session element with fields of a later revision is read, its unknown fields skipped")
    func sessionElementUnknownField() throws {
        let known = SessionElement(
            flags: .supportsRebuild, transmission: TransmissionNumber(rawValue: 1), session: session)
        let body = try #require(known.element.vendorSpecific?.body)
        let extended = Element.vendorSpecific(SessionElement.oui, Array(body) + [0x7f, 2, 0xaa, 0xbb])
        #expect(try SessionElement(in: [extended]) == known)
    }

    @Test("a session element cut anywhere is an error, never a crash")
    func sessionElementCut() throws {
        let whole = SessionElement(
            flags: [], transmission: TransmissionNumber(rawValue: 1), session: session,
            position: ResumptionPosition(start: SequenceNumber(rawValue: 0), next: SequenceNumber(rawValue: 0)))
        let body = Array(try #require(whole.element.vendorSpecific?.body))
        for length in 1..<body.count where length != body.count - 10 {
            let cut = Element.vendorSpecific(SessionElement.oui, Array(body.prefix(length)))
            #expect(throws: SessionFrameError.truncated) { try SessionElement(in: [cut]) }
        }
    }

    @Test("another version is told apart from garbage")
    func otherVersion() throws {
        let element = Element.vendorSpecific(SessionElement.oui, [1, 9] + [UInt8](repeating: 0, count: 30))
        #expect(throws: SessionFrameError.versionNotSupported(9)) { try SessionElement(in: [element]) }
    }

    @Test("other vendors' elements are not ours")
    func otherVendors() throws {
        let microsoft = Element.vendorSpecific(OUI(rawValue: 0x0050f2), [1, 1, 0, 0])
        #expect(try SessionElement(in: [microsoft]) == nil)
    }

    static let actions: [(PeerAction, [UInt8])] = [
        (
            .heartbeat(
                Heartbeat(
                    flags: [.radioAcknowledges, .linkAlive], transmission: TransmissionNumber(rawValue: 7),
                    interval: 98,
                    sessions: [
                        Heartbeat.Entry(
                            session: SessionIdentifier(rawValue: 0x1122_3344_5566_7788), rebuildNumber: 2,
                            role: .receiver,
                            isLive: true, links: [link1, link2])
                    ])),
            [
                0x02, 0x01, 0x06, 0x07, 0x00, 0x00, 0x00, 0x62, 0x00, 0x01,
                0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x02, 0x00, 0x00, 0x00, 0x03, 0x06, 0x00,
            ]
        ),
        (.sessionAcknowledgment(TransmissionNumber(rawValue: 7)), [0x03, 0x01, 0x07, 0x00, 0x00, 0x00]),
        (
            .blockAcknowledgment(
                BlockAcknowledgment(
                    session: SessionIdentifier(rawValue: 0x1122_3344_5566_7788), start: SequenceNumber(rawValue: 5),
                    bitmap: [0b1010])),
            [0x04, 0x01, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x05, 0x00, 0x00, 0x00, 0x01, 0x0a]
        ),
        (
            .announcement(
                Announcement(
                    mldAddress: MACAddress(rawValue: 0x0252_4c00_000a), link: link2,
                    capabilities: [.rebuild, .protection],
                    interval: 977)),
            [
                0x09, 0x01,
                0xff, 0x0b, 0x6b, 0x10, 0x00, 0x08, 0x02, 0x52, 0x4c, 0x00, 0x00, 0x0a, 0x02,
                0xdd, 0x09, 0xd2, 0x52, 0x4c, 0x0a, 0x01, 0x09, 0x00, 0xd1, 0x03,
            ]
        ),
    ]

    @Test("vendor-specific action frames", arguments: actions)
    func peerActions(action: PeerAction, octets: [UInt8]) throws {
        #expect(action.action.body == octets)
        #expect(try PeerAction(body: octets) == action)
        for length in 0..<octets.count {
            #expect(throws: SessionFrameError.truncated) { try PeerAction(body: Array(octets.prefix(length))) }
        }
    }

    @Test("RAT-1: a heartbeat says behind its sessions what the sender's radio receives; other fields there are skipped")
    func heartbeatFields() throws {
        let heartbeat = Heartbeat(
            flags: [.linkAlive], transmission: TransmissionNumber(rawValue: 7), interval: 98, sessions: [],
            receives: RadioCapabilities(
                HTCapabilities(information: 0x103c, aggregation: 0x1b, modulations: [0xff, 0xff])))
        let head: [UInt8] = [0x02, 0x01, 0x04, 0x07, 0x00, 0x00, 0x00, 0x62, 0x00, 0x00]
        let field: [UInt8] = [0x01, 0x0d, 0x3c, 0x10, 0x1b, 0xff, 0xff] + [UInt8](repeating: 0, count: 8)
        #expect(PeerAction.heartbeat(heartbeat).action.body == head + field)
        let later: [UInt8] = [0x7f, 0x02, 0x01, 0x02]
        #expect(try PeerAction(body: head + later + field + later) == .heartbeat(heartbeat))
        for length in 1..<field.count {
            #expect(throws: SessionFrameError.truncated) { try PeerAction(body: head + field.prefix(length)) }
        }
    }

    @Test("RAT-5: VHT capabilities come behind the HT ones, and mean nothing without them")
    func veryHighThroughputField() throws {
        let highThroughput = HTCapabilities(information: 0x103c, aggregation: 0x1b, modulations: [0xff, 0xff])
        let veryHighThroughput = try #require(
            VHTCapabilities(information: 0x0380_0491, modulations: [0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]))
        var heartbeat = Heartbeat(
            flags: [.linkAlive], transmission: TransmissionNumber(rawValue: 7), interval: 98, sessions: [],
            receives: RadioCapabilities(highThroughput, veryHighThroughput: veryHighThroughput))
        let head: [UInt8] = [0x02, 0x01, 0x04, 0x07, 0x00, 0x00, 0x00, 0x62, 0x00, 0x00]
        let first: [UInt8] = [0x01, 0x0d, 0x3c, 0x10, 0x1b, 0xff, 0xff] + [UInt8](repeating: 0, count: 8)
        let second: [UInt8] = [0x02, 0x0c, 0x91, 0x04, 0x80, 0x03, 0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]
        #expect(PeerAction.heartbeat(heartbeat).action.body == head + first + second)
        #expect(try PeerAction(body: head + first + second) == .heartbeat(heartbeat))
        #expect(try PeerAction(body: head + second + first) == .heartbeat(heartbeat))
        for length in 1..<second.count {
            #expect(throws: SessionFrameError.truncated) {
                try PeerAction(body: head + first + second.prefix(length))
            }
        }
        heartbeat.receives = nil
        #expect(try PeerAction(body: head + second) == .heartbeat(heartbeat))
        heartbeat.receives = RadioCapabilities(highThroughput)
        let none: [UInt8] = [0x02, 0x0c, 0x91, 0x04, 0x80, 0x03, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]
        #expect(try PeerAction(body: head + first + none) == .heartbeat(heartbeat))
    }

    @Test("an announcement with elements and fields of a later revision is read, one without a link ID is not")
    func announcementElements() throws {
        let (action, octets) = try #require(Self.actions.last)
        let later: [UInt8] = [0xdd, 0x05, 0xd2, 0x52, 0x4c, 0x7f, 0x01]
        var body = octets.prefix(2) + later + octets.dropFirst(2) + [0xaa, 0xbb] + later
        body[2 + later.count + 14] += 2
        #expect(try PeerAction(body: Array(body)) == action)
        let noLink: [UInt8] = [0x09, 0x01, 0xff, 0x0a, 0x6b, 0x00, 0x00, 0x07, 0x02, 0x52, 0x4c, 0x00, 0x00, 0x0a]
        #expect(throws: SessionFrameError.inconsistentLength) {
            try PeerAction(body: noLink + octets.dropFirst(15))
        }
    }

    @Test("a heartbeat that lists more sessions than allowed is refused")
    func heartbeatTooLong() {
        let octets: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 98, 0, 33] + [UInt8](repeating: 0, count: 33 * 15)
        #expect(throws: SessionFrameError.inconsistentLength) { try PeerAction(body: octets) }
    }

    @Test("payload frame: header, check, and what breaks it")
    func payloadFrame() throws {
        let frame = PayloadFrame(
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 9), session: session, sequence: SequenceNumber(rawValue: 3),
                ahead: 1),
            payload: [0xca, 0xfe])
        let octets: [UInt8] = [
            0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x88, 0xb5,  // LLC/SNAP, EtherType for local experiments
            0x05, 0x01, 0x02, 0x00,  // payload, version, length
            0x09, 0x00, 0x00, 0x00,  // transmission
            0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,  // session
            0x03, 0x00, 0x00, 0x00,  // sequence number
            0x01, 0x00,  // ahead of WinStart
            0xca, 0xfe,
            0x08, 0xe0, 0x1a, 0xdd,
        ]
        #expect(frame.body == octets)
        #expect(try PayloadFrame(body: octets) == frame)
        #expect(try PayloadFrame(body: octets + [1, 2, 3, 4]) == frame, "a driver that leaves the FCS on")
        #expect(try PayloadFrame(body: [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, 0x45]) == nil, "IPv4 is not ours")
        for index in 10..<octets.count {
            var broken = octets
            broken[index] ^= 0x10
            #expect(throws: SessionFrameError.self, "octet \(index)") { try PayloadFrame(body: broken) }
        }
    }

    @Test(
        "the check of payloads is the lower half of XXH64, as its reference program computes it",
        arguments: [
            (0, 0x51d8e999), (1, 0xdb052768), (4, 0x0a55ac41), (7, 0x6f3da63e), (8, 0x65b924eb), (31, 0xb1e722b7),
            (32, 0x31a8c629), (33, 0xf8d65b94), (100, 0x8247d5db), (1437, 0xb31261e7),
        ] as [(Int, UInt32)])
    func payloadCheck(length: Int, expected: UInt32) {
        let octets = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(octets.withUnsafeBytes(PayloadCheck.value(of:)) == expected)
    }
}
