import CaptureFiles
import FrameDecoding
import SessionCore
import Testing

@Suite struct TextTests {
    /// Octets of bare frames, and words of their lines.
    static let frames: [Example] = [
        Example(
            Frames.rebuildRequest.replacing("01 01 05 00 00", with: "01 01 25 00 00"),
            "rebuild 1 by its receiver, position 3"
        ),
        Example(
            Frames.rebuildRequest.replacing("01 01 05 00 00", with: "01 01 03 00 00"),
            "session 0x8b5d21f093c46e17 supports rebuild supports sharing, position 3"),
        Example(
            Frames.rebuildRequest.replacing("01 01 05 00 00", with: "01 01 04 01 00"),
            "position 3 to 6, refused: unknownSession,"
        ),
        Example(
            Frames.rebuildRequest,
            "ADDBA Request, token 92, TID 0, buffer 64, delayed, start 3; Relink session 0x8b5d21f093c46e17 rebuild 1, "
                + "position 3 to 6, transmission 258; MLD 02:52:4c:00:00:00 link 2"
        ),
        Example(
            Frames.sharingRequest,
            "Relink session 0x8b5d21f093c46e17 sharing 2, links 1, 2, transmission 262; MLD 02:52:4c:00:00:00 link 2"
        ),
        Example(
            Frames.sharingRequest.replacing("01 01 0a 00 00", with: "01 01 08 06 00").replacing(
                "02 02 0600", with: "02 02 0000"),
            "session 0x8b5d21f093c46e17 sharing 2, links none, refused: sharingNotSupported, transmission 262"
        ),
        Example(
            Frames.action + "0300 07 1210 0a00 3012",
            "ADDBA Request, token 7, TID 4, buffer 64, immediate, timeout 10, start 291"),
        Example(
            Frames.action + "0301 07 2500 1010 0000", "ADDBA Response, token 7, status 37, TID 4, buffer 64, delayed"),
        Example(Frames.action + "0302 0058 2500", "DELBA by the originator, TID 5, reason 37"),
        Example(Frames.action + "0302 0050 2500", "DELBA by the recipient, TID 5, reason 37"),
        Example(
            Frames.action + "7f d2524c 02 01 06 04010000 6200 01 176ec493f0215d8b 01000000 02 0400",
            "Action 837: Relink heartbeat, transmission 260, link alive, next in 98 TU, "
                + "session 0x8b5d21f093c46e17 live on link 2  ("
        ),
        Example(
            Frames.action
                + "7f d2524c 02 01 06 04010000 6200 02 176ec493f0215d8b 01000000 02 0640 186ec493f0215d8b 00000000 00 0000",
            "session 0x8b5d21f093c46e17 live on links 1, 2, 14, session 0x8b5d21f093c46e18 interrupted  ("
        ),
        Example(
            Frames.action + "7f d2524c 02 01 06 04010000 6200 00 7f01aa 010d 3c001b ffff 0000000000000000",
            "next in 98 TU, receives up to MCS 15  ("),
        Example(
            Frames.action
                + "7f d2524c 02 01 06 04010000 6200 00 010d 3c001b ffff 0000000000000000 020c 91048003 f5ff0000 f5ff0000",
            "next in 98 TU, receives up to MCS 15, VHT MCS 8 with 2 streams  ("),
        Example(Frames.action + "7f d2524c 03 01 02010000", "Relink acknowledgment of transmission 258"),
        Example(
            Frames.action + "7f d2524c 04 01 176ec493f0215d8b 03000000 01 06",
            "Relink block acknowledgment, session 0x8b5d21f093c46e17, all before 3 and 2 more received"
        ),
        Example(Frames.action + "7f d2524c 04 02", "Relink action, not readable: version 2 is not known"),
        Example(Frames.action + "7f d2524c 1f 01", "Relink action, not readable: type 31 is not known"),
        Example(
            Frames.announcement,
            "Relink announcement, MLD 02:52:4c:00:00:0a link 2, supports rebuild, protection, next in 977 TU"
        ),
        Example(
            Frames.announcement.replacing("0109 00", with: "0100 00"),
            "Relink announcement, MLD 02:52:4c:00:00:0a link 2, supports nothing, next in 977 TU"
        ),
        Example(Frames.action + "7f 506f9a 01", "Vendor-specific of 50-6f-9a"),
        Example(Frames.action + "04 09 506f9a 01", "Public, action 9 of 50-6f-9a"),
        Example(Frames.action + "0d 01", "Mesh, action 1"), Example(Frames.action + "e7 01", "category 231, action 1"),
        Example(Frames.action + "0302 0058 2500 dd05 d2524c 01 01", "Relink element, not readable: cut short"),
        Example(
            "9400 0000" + Frames.addresses + "0570 3012 0300000000000000",
            "BlockAck, compressed, TID 7, start 291, 2 of 64 received"),
        Example("8400 0000" + Frames.addresses + "0470 f0ff", "BlockAckReq, compressed, TID 7, start 4095"),
        Example("c000 0000" + Frames.addresses + "ffffffffffff 5034 0700", "Deauthentication 837, reason 7"),
        Example("8048 0000" + Frames.addresses + "ffffffffffff 5034 0700", "Beacon 837, encrypted, retry"),
        Example("8804 0000" + Frames.addresses + "ffffffffffff 5134 0600", "QoS Data 837.1, TID 6, fragment"),
        Example("d400 0000 02524c01000b", "  02:52:4c:01:00:0b  Ack  (10 octets)"),
        Example("7400 0000 02524c01000b d400 00000000", "Control Wrapper, Ack"),
        Example("d500 0000", "malformed: octet 0: version 1 is not known"),
    ]

    @Test(arguments: TextTests.frames)
    func theLineSaysWhatTheFrameSays(_ example: Example) {
        let line = Frames.text(Frames.record(example.hex))
        #expect(line.contains(example.text), "\(line)")
        #expect(line.hasSuffix(" octets)\n"))
    }

    @Test func aPayloadIsNamed() {
        let payload = PayloadFrame(
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 1),
                session: SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17), sequence: SequenceNumber(rawValue: 70_000)),
            payload: [1, 2, 3])
        let header = octets("8800 0000" + Frames.addresses + "ffffffffffff 5034 0600")
        func line(_ body: [UInt8], _ radiotap: [UInt8] = []) -> String {
            let octets = radiotap + header + body
            return Frames.text(
                CaptureRecord(
                    linkType: radiotap.isEmpty ? .ieee80211 : .radiotap, timestamp: nil, originalLength: octets.count,
                    octets: octets))
        }
        let words = "QoS Data 837, TID 6; Relink payload 70000, 3 octets, session 0x8b5d21f093c46e17"
        #expect(line(payload.body).contains(words))
        #expect(line([0, 0] + payload.body, octets(Frames.radiotap(flags: "20"))).contains(words))
        #expect(line(payload.body.dropLast() + [0xff]).contains("Relink payload, not readable: its integrity check"))
        #expect(!line([0] + payload.body).contains("Relink"))
    }

    @Test func aPayloadThatTheCaptureCutIsNamed() {
        let payload = PayloadFrame(
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 1),
                session: SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17), sequence: SequenceNumber(rawValue: 7)),
            payload: [UInt8](repeating: 1, count: 1000))
        let whole = octets("8800 0000" + Frames.addresses + "ffffffffffff 5034 0600") + payload.body
        func report(_ count: Int) -> FrameReport {
            FrameReport(
                number: 1,
                CaptureRecord(
                    linkType: .ieee80211, timestamp: nil, originalLength: whole.count,
                    octets: Array(whole.prefix(count))))
        }
        var line: [UInt8] = []
        report(160).appendText(to: &line, origin: nil)
        let words = "Relink payload 7, 1000 octets, session 0x8b5d21f093c46e17  (1060 octets)"
        #expect(String(decoding: line, as: UTF8.self).contains(words))
        var filter = FrameFilter()
        filter.sessions = [SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17)]
        #expect(filter.accepts(report(160)))
        filter.sessions = [SessionIdentifier(rawValue: 1)]
        #expect(!filter.accepts(report(160)))
        line = []
        report(55).appendText(to: &line, origin: nil)
        #expect(String(decoding: line, as: UTF8.self).contains("payload, not readable"))
    }

    @Test func timeInterfaceAndRadioAreTold() {
        let record = Frames.record(Frames.radiotap() + "d400 0000 02524c01000b", linkType: .radiotap, interface: 3)
        let line = Frames.text(record, number: 7)
        #expect(line == "7  1.250000  interface 3  02:52:4c:01:00:0b  Ack, 2412 MHz, -30 dBm  (25 octets)\n")
        #expect(Frames.text(record, origin: 1_700_000_000_000_042_000).hasPrefix("1  -0.000042  "))
        #expect(Frames.text(record, origin: nil).hasPrefix("1  -  "))
    }

    @Test func anEchoSaysWhatBecameOfIt() {
        let acknowledgment = "d400 0000 02524c01000b"
        let failed = Frames.record("00 00 0a00 00800000 0100" + acknowledgment, linkType: .radiotap)
        let sent = Frames.record("00 00 0a00 00800000 0000" + acknowledgment, linkType: .radiotap)
        #expect(Frames.text(failed).contains("Ack, sent in vain  ("))
        #expect(Frames.text(sent).contains("Ack, sent  ("))
    }

    @Test func anotherLinkTypeIsNamed() {
        let line = Frames.text(Frames.record("0102", linkType: LinkType(rawValue: 1)))
        #expect(line == "1  1.250000  link type 1 is not read here  (2 octets)\n")
    }
}
