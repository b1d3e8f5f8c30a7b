import IEEE80211
import SessionCore
import Testing
import TestSupport

@testable import Recording

@Suite("Recordings as octets")
struct RoundTripTests {
    static let link1 = link(1)
    static let link2 = link(2)
    static let start = RecordingStart(
        seed: 0xfeed_face_0123_4567, clockOffset: 1_700_000_000_123_456_789, part: 3, isMidway: true, isProtected: true,
        configuration: "mld_address = \"ä\"\n", links: [link1, link2])
    static let interfaces = [
        RecordedInterface(
            link: link1, name: "relink1", frequency: 2412, address: MACAddress(rawValue: 0x0252_4c01_000a)),
        RecordedInterface(link: link2, name: "relink2", frequency: 5180, address: nil),
    ]
    static let peer = MACAddress(rawValue: 0x0252_4c00_000b)
    static let session = SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17)

    static func link(_ number: UInt8) -> LinkIdentifier {
        // Bit n of a set is link n.
        LinkSet(rawValue: 1 << UInt16(number)).first ?? [LinkIdentifier](LinkSet(rawValue: 1))[0]
    }

    static let inputs: [Input] =
        [
            .linkUp(link1, LinkProperties(address: peer, frequency: 2437, acknowledgment: .mac)),
            .linkUp(link2, LinkProperties(address: peer, frequency: 5180, acknowledgment: .frame)),
            .linkUp(
                link2,
                LinkProperties(
                    address: peer, frequency: 5180, acknowledgment: .mac,
                    receives: RadioCapabilities(
                        HTCapabilities(information: 0x3c, aggregation: 0x1b, modulations: [0xff, 0x7f])))),
            .linkUp(
                link2,
                LinkProperties(
                    address: peer, frequency: 5180, acknowledgment: .mac,
                    receives: RadioCapabilities(
                        HTCapabilities(information: 0x3c, aggregation: 0x1b, modulations: [0xff, 0x7f]),
                        veryHighThroughput: VHTCapabilities(
                            information: 0x0380_0491, modulations: [0xfa, 0xff, 1, 2, 0xfa, 0xff, 3, 4])))),
            .linkUp(link1, LinkProperties(address: peer, frequency: 2437, acknowledgment: .mac, outstanding: 7)),
            .linkUp(link1, LinkProperties(address: peer, frequency: 2437, acknowledgment: .mac, outstanding: .max)),
            .frameReceived(link: link1, mpdu: Array(0..<25), signal: -61),
            .frameReceived(link: link2, mpdu: Array(0..<28), signal: nil),
            .transmissionReported(link: link2, number: TransmissionNumber(rawValue: .max), acknowledged: true),
            .transmissionReported(link: link1, number: TransmissionNumber(rawValue: 7), acknowledged: false),
            .payload([], peer: peer, tid: .bestEffort), .payload(Array(1...7), peer: peer, tid: .bestEffort),
            .command(.connect(peer: peer, tid: .bestEffort)), .command(.close(session)),
            .command(.share(session, [link1, link2])), .command(.shutDown), .deadlineReached,
        ] + LinkDownCause.allCases.map { .linkDown(link2, $0) }

    static let outputs: [RecordedOutput] = [
        .transmit(link: link2, number: TransmissionNumber(rawValue: 0xffff_fffe), mpdu: Array(0..<31)),
        .deliver(Array(3...9), peer: peer, tid: .bestEffort), .event(RecordedEvent(Event(.linkUp, link: link1))),
        .event(
            RecordedEvent(
                Event(
                    .rebuilt, peer: peer, link: link2,
                    session: SessionDescription(identifier: session, tid: .bestEffort, role: .initiator),
                    cause: .refusal(.sessionDropped), elapsed: .nanoseconds(1_234_567), frames: 1, framesLost: 0,
                    links: [link1, link2]))),
    ]

    static let stations: [RecordedStation] = {
        var station = RecordedStation(link: link2, peer: peer)
        (station.rate, station.modulation, station.streams, station.expectedThroughput) = (1560, 8, 2, 110_000)
        (station.frames, station.retries, station.failures) = (.max, 7, 3)
        return [RecordedStation(link: link1, peer: peer), station]
    }()

    /// One of everything, as it is written and as it is read.
    static func all(kept: Int? = nil) -> (octets: [UInt8], items: [RecordedItem]) {
        var start = start
        start.keptOctets = kept
        var encoder = RecordingEncoder(start, interfaces: interfaces, program: "test")
        var items: [RecordedItem] = [.start(start)]
        var instant = MonotonicInstant(nanoseconds: 5_000_000_001)
        for input in inputs {
            encoder.append(input, at: instant)
            items.append(.input(input, instant))
            instant.nanoseconds += 1
        }
        for output in outputs {
            encoder.append(output, at: instant)
            items.append(.output(output, instant))
        }
        encoder.appendTurnEnd(at: instant)
        items.append(.turnEnd)
        // Nothing was before it.
        encoder.appendTurnEnd(at: instant)
        for station in stations {
            encoder.append(station, at: instant)
            items.append(.station(station, instant))
        }
        // Stations are no turn.
        encoder.appendTurnEnd(at: instant)
        return (encoder.octets, items)
    }

    @Test("everything that is written is read again, to the nanosecond", arguments: [nil, 9])
    func roundTrip(kept: Int?) throws {
        let (octets, items) = Self.all(kept: kept)
        var decoder = RecordingDecoder(octets: octets)
        for item in items { #expect(try decoder.next() == item) }
        #expect(try decoder.next() == nil)
        #expect(!decoder.isCut)
    }

    @Test("a recording that is cut at any octet is read up to the cut", arguments: [nil, 9])
    func cut(kept: Int?) throws {
        let (octets, items) = Self.all(kept: kept)
        for length in 0..<octets.count {
            var decoder = RecordingDecoder(octets: Array(octets[..<length]))
            var read: [RecordedItem] = []
            while let item = try decoder.next() { read.append(item) }
            #expect(read == Array(items.prefix(read.count)))
            #expect(decoder.isCut || length.isMultiple(of: 4))
        }
    }

    @Test("octets that are changed are read or refused, never more", arguments: [nil, 9])
    func damaged(kept: Int?) {
        let octets = Self.all(kept: kept).octets
        for index in octets.indices {
            var damaged = octets
            damaged[index] ^= 0xff
            var decoder = RecordingDecoder(octets: damaged)
            while (try? decoder.next()) != nil {}
        }
    }

    @Test("a kind of block that decides nothing and is not known is skipped, another one is refused")
    func later() throws {
        let (octets, items) = Self.all()
        // The last block: 8 octets of pcapng, "RLNK", the kind.
        let kind = octets.count - (12 + 16 + 32) + 12
        #expect(octets[kind] == 32)
        for (code, isSkipped) in [(33, true), (0xff, true), (31, false)] as [(UInt8, Bool)] {
            var changed = octets
            changed[kind] = code
            var decoder = RecordingDecoder(octets: changed)
            for item in items.dropLast() { #expect(try decoder.next() == item) }
            if isSkipped {
                #expect(try decoder.next() == nil)
            } else {
                #expect(throws: RecordingError.self) { try decoder.next() }
            }
        }
    }

    @Test("what is no recording is refused with its place")
    func foreign() {
        var empty = RecordingDecoder(octets: Array(repeating: 0, count: 64))
        #expect(throws: RecordingError(offset: 0, reason: .notPcapng)) { _ = try empty.next() }
    }
}
