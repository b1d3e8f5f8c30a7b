import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import Recording

@Suite("Decisions as text")
struct DecisionTextTests {
    private static func turns(_ configuration: EngineConfiguration, _ items: [RecordedItem]) -> [Stimulus.Turn] {
        var stimulus = Stimulus(configuration: configuration, seed: 1, fates: WhatIf.fates(of: items))
        return stimulus.turns(of: items)
    }

    private static func lines(_ configuration: EngineConfiguration, _ items: [RecordedItem]) -> [String] {
        DecisionText(turns(configuration, items)).lines
    }

    @Test("every input that is no traffic has its line, with the time, and what is decided stands beneath it")
    func form() throws {
        let (configuration, items) = ReplayTests.recording(seed: 1)
        let lines = Self.lines(configuration, items)
        #expect(lines.first == "0.000000 link 1 up: \(Pair.address(0, link1)), 2412 MHz, acknowledgment mac")
        let lost = try #require(lines.firstIndex { $0.hasPrefix("    event linkLost, ") })
        #expect(lines[lost...].contains { $0.hasPrefix("    event rebuilt, ") })
        #expect(lines[..<lost].contains { $0.contains(" not acknowledged link ") })
        #expect(lines[lost...].contains { $0.hasPrefix("    send link 2 ") && $0.contains(" rebuild 1, position ") })
        let full = DecisionText(Self.turns(configuration, items), isFull: true).lines
        #expect(full.count { !$0.hasPrefix(" ") } == items.count { if case .input = $0 { true } else { false } })
        #expect(full.count { $0.hasPrefix(" ") } == items.count { if case .output = $0 { true } else { false } })
        #expect(full.filter { $0.hasPrefix("    event ") } == lines.filter { $0.hasPrefix("    event ") })
        #expect(lines.count < full.count)
    }

    @Test("a run of payloads is one line that says how many, which, and where")
    func traffic() {
        let (configuration, items) = ReplayTests.recording(seed: 1)
        let runs = Self.lines(configuration, items).filter { $0.contains(" traffic, ") }
        #expect(runs.contains { $0.contains(": host 40, ") && $0.contains("send 40 link ") && $0.contains(" 0-39") }, "\(runs)")
    }

    /// One payload that the host hands over and that goes out in a frame with this number.
    private static func sending(_ number: UInt32, _ payload: [UInt8], signs: Int = 1) -> [Stimulus.Turn] {
        let session = SessionIdentifier(rawValue: 7)
        return (0..<signs).map { index in
            let header = PayloadHeader(
                transmission: TransmissionNumber(rawValue: number &+ UInt32(index)), session: session,
                sequence: SequenceNumber(rawValue: UInt32(index)))
            let mpdu =
                [0x88, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2] + [UInt8](repeating: 0xff, count: 6) + [0, 0, 0, 0]
                + PayloadFrame(header: header, payload: payload).body
            let input = Input.payload(payload, peer: Pair.mldAddress(1), tid: .bestEffort)
            return Stimulus.Turn(
                inputs: [Stimulus.Handed(input: input, instant: MonotonicInstant(nanoseconds: 0), due: nil)],
                outputs: [.transmit(link: link1, number: header.transmission, mpdu: mpdu)])
        }
    }

    @Test("a changed octet changes its line, and the line of its run; another transmission number only says so once")
    func hashes() {
        let one = DecisionText(Self.sending(100, [1, 2, 3])).lines
        #expect(one.count == 2)
        let start = "    send link 1 to 02:00:00:00:00:01, number 100: QoS Data 0, TID 0; Relink payload 0, 3 octets, "
        #expect(one[1].hasPrefix(start))
        #expect(DecisionText(Self.sending(100, [1, 2, 4])).lines[1] != one[1])
        let other = DecisionText(Self.sending(900, [1, 2, 3])).lines
        #expect(other[1] == one[1].replacing("number 100", with: "number 900"))
        let run = DecisionText(Self.sending(100, [1, 2, 3], signs: 5)).lines
        #expect(run.count == 1 && run[0].hasPrefix("0.000000 traffic, 10 lines ["))
        #expect(run[0].hasSuffix("]: host 5, send 5 link 1 session 0000000000000007 0-4"))
        #expect(DecisionText(Self.sending(100, [1, 2, 4], signs: 5)).lines != run)
    }

    @Test("a frame that is damaged, and one whose number is not its transmission's, show")
    func damaged() {
        func line(_ change: (inout [UInt8]) -> Void) -> String {
            var turns = Self.sending(100, [1, 2, 3])
            guard case .transmit(let link, let number, var mpdu) = turns[0].outputs[0] else { return "" }
            change(&mpdu)
            turns[0].outputs = [.transmit(link: link, number: number, mpdu: mpdu)]
            return DecisionText(turns).lines[1]
        }
        let sound = line { _ in }
        let length = sound.utf8.count
        #expect(length > 0)
        // Each octet of the frame, its check and its number among them, but for the MAC's sequence number.
        for place in 0..<26 + PayloadFrame.overhead + 3 where place != 23 {
            #expect(line { $0[place] ^= 1 } != sound, "octet \(place)")
        }
        #expect(line { ($0[22], $0[23]) = (0xf0, 0xff) } == sound)
    }

    @Test("what the recording says of frames' octets, of events and of payloads decides nothing")
    func expectation() {
        let (configuration, items) = ReplayTests.recording(seed: 1)
        let changed = items.compactMap { item -> RecordedItem? in
            switch item {
            case .output(.transmit(let link, let number, _), let instant):
                .output(.transmit(link: link, number: number, mpdu: []), instant)
            case .output(.event, _), .output(.deliver, _): nil
            default: item
            }
        }
        #expect(Self.turns(configuration, changed) == Self.turns(configuration, items))
    }

    @Test("a core that sends other frames is handed deadlines and reports that fit, and goes on")
    func leaving() throws {
        let (configuration, items) = ReplayTests.recording(seed: 1)
        // As if the core that was recorded had not sent its fifth frame, nor had a report on it.
        let numbers = items.compactMap { item -> TransmissionNumber? in
            if case .output(.transmit(_, let number, _), _) = item { number } else { nil }
        }
        let absent = numbers[4]
        func shifted(_ number: TransmissionNumber) -> TransmissionNumber? {
            number == absent ? nil : TransmissionNumber(rawValue: number.rawValue &- (number > absent ? 1 : 0))
        }
        let changed = items.compactMap { item -> RecordedItem? in
            switch item {
            case .output(.transmit(let link, let number, let mpdu), let instant):
                shifted(number).map { .output(.transmit(link: link, number: $0, mpdu: mpdu), instant) }
            case .input(.transmissionReported(let link, let number, let acknowledged), let instant):
                shifted(number).map {
                    .input(.transmissionReported(link: link, number: $0, acknowledged: acknowledged), instant)
                }
            default: item
            }
        }
        let turns = Self.turns(configuration, changed)
        #expect(turns.count { $0.leavesRecording } == 1)
        let lines = DecisionText(turns).lines
        #expect(lines.count { $0.hasPrefix("From here on") } == 1)
        let events = lines.filter { $0.hasPrefix("    event ") }
        for kind in ["established", "linkLost", "rebuilt"] {
            #expect(events.count { $0.hasPrefix("    event \(kind), ") } == 1, "\(kind)")
        }
        // With the reports of the recording, which name other frames now, both links would be lost.
        #expect(!lines.contains { $0.contains("no frame of this core") })
    }
}
