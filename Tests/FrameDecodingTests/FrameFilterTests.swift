import CaptureFiles
import FrameDecoding
import IEEE80211
import SessionCore
import Testing

@Suite struct FrameFilterTests {
    private static let heartbeat =
        Frames.action + "7f d2524c 02 01 06 04010000 6200 01 176ec493f0215d8b 01000000 02 0400"
    private static let acknowledgment = Frames.action + "7f d2524c 04 01 176ec493f0215d8b 03000000 01 06"
    private static let beacon =
        "8000 0000 ffffffffffff 02524c01000a 02524c01000a 5034 0000000000000000 6400 0000"

    private static func accepts(_ hex: String, interface: Int = 0, _ change: (inout FrameFilter) -> Void) -> Bool {
        var filter = FrameFilter()
        change(&filter)
        return filter.accepts(FrameReport(number: 1, Frames.record(hex, interface: interface)))
    }

    @Test(arguments: [
        ("management", beacon, true), ("control", beacon, false), ("Beacon", beacon, true),
        ("probe-request", beacon, false), ("action", heartbeat, true), ("heartbeat", heartbeat, true),
        ("heartbeat", beacon, false), ("heartbeat", acknowledgment, false),
        ("block-acknowledgment", acknowledgment, true), ("session-acknowledgment", acknowledgment, false),
        ("session-acknowledgment", Frames.action + "7f d2524c 03 01 02010000", true),
        ("addba-request", Frames.rebuildRequest, true), ("addba-response", Frames.rebuildRequest, false),
        ("addba-response", Frames.action + "0301 07 2500 1010 0000", true),
        ("delba", Frames.action + "0302 0058 2500", true), ("delba", Frames.rebuildRequest, false),
        ("announcement", Frames.announcement, true), ("announcement", heartbeat, false),
        ("heartbeat", Frames.announcement, false), ("ack", "d400 0000 02524c01000b", true),
        ("data", "0800 0000", false),
    ])
    func kindsAreNamed(name: String, hex: String, fits: Bool) throws {
        let kind = try #require(FrameFilter.Kind(name))
        #expect(Self.accepts(hex) { $0.kinds = [kind] } == fits)
    }

    @Test func whatIsNoNameIsRefused() {
        for name in ["", "reserved-data-frame", "beacons", "192"] { #expect(FrameFilter.Kind(name) == nil) }
        for name in ["", "15", "-1", "interface:", "interface:-1", "wlan0"] { #expect(FrameFilter.Link(name) == nil) }
    }

    @Test func anAddressFitsInAnyPart() throws {
        let parts = ["02:52:4c:01:00:0a", "ff:ff:ff:ff:ff:ff"].compactMap { MACAddress($0) }
        for part in parts { #expect(Self.accepts(Self.beacon) { $0.addresses = [part] }) }
        let other = try #require(MACAddress("02:52:4c:01:00:0b"))
        #expect(!Self.accepts(Self.beacon) { $0.addresses = [other] })
        #expect(Self.accepts(Self.beacon) { $0.addresses = [other] + parts })
    }

    @Test func aSessionIsFoundWhereverItIsNamed() throws {
        let session = SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17)
        for hex in [Self.heartbeat, Self.acknowledgment, Frames.rebuildRequest, Frames.sharingRequest] {
            #expect(Self.accepts(hex) { $0.sessions = [session] })
            #expect(!Self.accepts(hex) { $0.sessions = [SessionIdentifier(rawValue: 1)] })
        }
        #expect(!Self.accepts(Self.beacon) { $0.sessions = [session] })
        let payload = PayloadFrame(
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 1), session: session,
                sequence: SequenceNumber(rawValue: 7)), payload: [1])
        var record = Frames.record("8800 0000" + Frames.addresses + "ffffffffffff 5034 0600")
        record.octets += payload.body
        var filter = FrameFilter()
        filter.sessions = [session]
        filter.kinds = [.payload]
        #expect(filter.accepts(FrameReport(number: 1, record)))
    }

    /// The rebuild request comes over link 2; the sharing request too, and it names 1 and 2; the heartbeat names 2.
    @Test(arguments: [
        (Frames.rebuildRequest, "2", true), (Frames.rebuildRequest, "1", false), (Frames.sharingRequest, "1", true),
        (heartbeat, "2", true), (heartbeat, "1", false), (Frames.announcement, "2", true),
        (Frames.announcement, "1", false), (beacon, "0", false), (beacon, "interface:3", true),
        (beacon, "interface:0", false),
    ])
    func linksAreIdentifiersOrInterfaces(hex: String, name: String, fits: Bool) throws {
        let link = try #require(FrameFilter.Link(name))
        #expect(Self.accepts(hex, interface: 3) { $0.links = [link] } == fits)
    }

    @Test func allPropertiesMustFit() {
        let own = MACAddress(rawValue: 0x0252_4c01_000a)
        func accepts(_ kinds: [FrameFilter.Kind], _ addresses: [MACAddress], _ links: [FrameFilter.Link]) -> Bool {
            Self.accepts(Self.beacon) { ($0.kinds, $0.addresses, $0.links) = (kinds, addresses, links) }
        }
        #expect(accepts([.subtype(.beacon), .heartbeat], [own], []))
        #expect(!accepts([.heartbeat], [own], []))
        #expect(!accepts([.subtype(.beacon)], [], [.interface(1)]))
    }

    /// Numbers stay those of the file.
    @Test func onlyWhatFitsIsWritten() throws {
        let bare = "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 69000000"
        func record(_ hex: String) -> String {
            let length = String(octets(hex).count, radix: 16)
            let word = (length.count == 1 ? "0" : "") + length + "000000"
            return "00000000 00000000" + word + word + hex
        }
        let file = bare + record(Self.beacon) + record(Self.heartbeat)
        var filter = FrameFilter()
        filter.kinds = [.heartbeat]
        var decoder = CaptureDecoder(CaptureReader(octets: octets(file)), form: .json, filter: filter)
        var lines: [UInt8] = []
        while try decoder.appendNext(to: &lines) {}
        #expect(String(decoding: lines, as: UTF8.self).hasPrefix(#"{"number":2,"#))
        #expect(lines.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(decoder.count == 2)
    }
}
