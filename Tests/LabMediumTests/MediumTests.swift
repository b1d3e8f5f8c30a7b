import IEEE80211
import LabMedium
import SessionCore
import Testing

/// Radios of a medium in virtual time, with their hosts.
struct Stage {
    var medium: Medium
    var now = MonotonicInstant(nanoseconds: 1_000_000)
    /// Radios whose host takes nothing.
    var deaf: Set<String> = []
    /// What came out: who, what and when.
    var log: [String] = []
    /// The records of the air.
    var air: [AirRecord] = []
    private let origin = MonotonicInstant(nanoseconds: 1_000_000)
    private var cookie: UInt64 = 0

    static let names = ["a", "b", "c"]

    init(
        settings: [Change] = [], changes: [TimedChange] = [], seed: UInt64 = 1, radios: Int = 2, links: Int = 1,
        shared: Bool = true, acknowledges: Bool = true, keepsAir: Bool = false
    ) throws {
        let script = Script(
            links: (1...links).map { LinkSection(id: $0, frequency: Self.frequency($0), shared: shared) },
            radios: (1...links).flatMap { link in
                Self.names.prefix(radios).map {
                    RadioSection(
                        name: $0, link: link, hwsim: Self.permanent($0, link).description,
                        address: Self.address($0, link).description, acknowledges: acknowledges)
                }
            },
            settings: settings, changes: changes)
        medium = try Medium(script: script, seed: seed, keepsAir: keepsAir, now: now)
    }

    static func frequency(_ link: Int) -> UInt32 { UInt32(2407 + 5 * link) }
    static func permanent(_ name: String, _ link: Int) -> MACAddress {
        MACAddress(rawValue: 0x0200_0000_0000 + UInt64(link) << 8 + UInt64(names.firstIndex(of: name) ?? 0))
    }
    static func address(_ name: String, _ link: Int) -> MACAddress {
        MACAddress(rawValue: permanent(name, link).rawValue + 0x524c_0000)
    }

    /// A frame of 24 octets and more whose last octet is a number.
    @discardableResult
    mutating func send(
        _ number: UInt8, from: String, to: String?, link: Int = 1, octets count: Int = 25,
        wantsAcknowledgment: Bool = true, control: UInt8 = 0xd0, body: [UInt8] = []
    ) -> UInt64 {
        let receiver = to.map { Self.address($0, link) } ?? .broadcast
        var octets: [UInt8] = [control, 0, 0, 0] + (0..<6).map(receiver.octet)
        octets += (0..<6).map(Self.address(from, link).octet)
        octets += [0, 0, 0, 0, 0, 0, 0, 0].prefix(max(count - octets.count - 1, 0)) + body
        octets += [UInt8](repeating: 0, count: max(count - octets.count - 1, 0)) + [number]
        cookie += 1
        medium.transmit(
            Transmission(
                radio: Medium.hwsimAddress(ofPermanent: Self.permanent(from, link)), frequency: Self.frequency(link),
                octets: octets, cookie: cookie, wantsAcknowledgment: wantsAcknowledgment), now: now)
        return cookie
    }

    /// Lets time pass, stopping wherever the medium wants to do something.
    mutating func run(for duration: Duration = .seconds(100)) {
        let end = now + duration
        while true {
            while let output = medium.nextOutput(now: now) { take(output) }
            guard let deadline = medium.nextDeadline, deadline <= end else { break }
            now = max(now, deadline)
        }
        now = end
    }

    private mutating func take(_ output: MediumOutput) {
        let at = (now - origin).microseconds
        switch output {
        case .deliver(let delivery):
            let name = name(delivery.radio)
            let isTaken = !deaf.contains(name)
            let retry = delivery.octets[1] & 0x08 != 0 ? " again" : ""
            log.append("\(at) \(name) \(isTaken ? "hears" : "refuses") \(delivery.octets.last ?? 0)\(retry)")
            medium.handedOver(delivery, isTaken: isTaken)
        case .report(let report):
            let verdict = report.isAcknowledged ? "acknowledged" : "not acknowledged"
            log.append("\(at) \(name(report.radio)) told \(report.cookie) \(verdict) after \(report.tries)")
        case .heard(let record): air.append(record)
        }
    }

    private func name(_ radio: MACAddress) -> String {
        Self.names[Int(truncatingIfNeeded: radio.rawValue & 0xff)]
    }

    /// The counters of a direction.
    func direction(_ from: String, _ to: String, link: Int = 1) -> DirectionCounters? {
        medium.counters.directions.first { $0.from == from && $0.to == to && $0.link == link }
    }
}

func change(
    link: Int? = nil, from: String? = nil, to: String? = nil, _ set: (inout Change) -> Void
) -> Change {
    var change = Change(link: link, from: from, to: to)
    set(&change)
    return change
}

@Suite("What becomes of a frame")
struct MediumTests {
    @Test("a frame is delivered, then its sender is told that it was acknowledged")
    func perfect() throws {
        var stage = try Stage()
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 b hears 7", "0 a told 1 acknowledged after 1"])
    }

    @Test("a lost frame is not delivered, and its sender is told that nobody acknowledged")
    func frameLost() throws {
        var stage = try Stage(settings: [change { $0.loss = 1 }])
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 a told 1 not acknowledged after 1"])
        #expect(stage.direction("a", "b")?.lost == 1)
        #expect(stage.direction("b", "a")?.acknowledgments == 0)
    }

    @Test("a frame is delivered, and its acknowledgment gets lost")
    func acknowledgmentLost() throws {
        var stage = try Stage(settings: [change(from: "b") { $0.acknowledgmentLoss = 1 }])
        stage.send(7, from: "a", to: "b")
        stage.send(8, from: "b", to: "a")
        stage.run()
        #expect(
            stage.log == [
                "0 b hears 7", "0 a told 1 not acknowledged after 1", "0 a hears 8", "0 b told 2 acknowledged after 1",
            ])
        #expect(stage.direction("a", "b")?.delivered == 1)
        #expect(stage.direction("b", "a")?.acknowledgmentsLost == 1)
        #expect(stage.direction("a", "b")?.acknowledgmentsLost == 0)
    }

    @Test("a lost acknowledgment with retries makes duplicates that carry the Retry bit")
    func retries() throws {
        var stage = try Stage(settings: [change { $0.retries = 2 }, change(from: "b") { $0.acknowledgmentLoss = 1 }])
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(
            stage.log == [
                "0 b hears 7", "0 b hears 7 again", "0 b hears 7 again", "0 a told 1 not acknowledged after 3",
            ])
    }

    @Test("a link that is cut in one direction loses frames that go there, and acknowledgments that go there")
    func cutOneWay() throws {
        var stage = try Stage(settings: [change(from: "a", to: "b") { $0.cut = true }])
        stage.send(7, from: "a", to: "b")
        stage.send(8, from: "b", to: "a")
        stage.run()
        #expect(
            stage.log == [
                "0 a told 1 not acknowledged after 1", "0 a hears 8", "0 b told 2 not acknowledged after 1",
            ])
    }

    @Test("a cut of one link leaves the others alone, and ends when it is told to")
    func cutOneLink() throws {
        var stage = try Stage(links: 2)
        try stage.medium.apply(change(link: 1) { $0.cut = true })
        stage.send(1, from: "a", to: "b", link: 1)
        stage.send(2, from: "a", to: "b", link: 2)
        stage.run(for: .milliseconds(1))
        try stage.medium.apply(change(link: 1) { $0.cut = false })
        stage.send(3, from: "a", to: "b", link: 1)
        stage.run()
        #expect(stage.log.filter { $0.contains("hears") } == ["0 b hears 2", "1000 b hears 3"])
    }

    @Test("a radio that is off acknowledges nothing")
    func refused() throws {
        var stage = try Stage()
        stage.deaf = ["b"]
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 b refuses 7", "0 a told 1 not acknowledged after 1"])
        #expect(stage.direction("a", "b")?.refused == 1)
    }

    @Test("a plain monitor hears and does not acknowledge")
    func plainMonitor() throws {
        var stage = try Stage(acknowledges: false)
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 b hears 7", "0 a told 1 not acknowledged after 1"])
    }

    @Test("what is for everybody reaches everybody once, and nobody acknowledges it")
    func broadcast() throws {
        var stage = try Stage(settings: [change { $0.retries = 3 }], radios: 3)
        stage.send(7, from: "a", to: nil, wantsAcknowledgment: false)
        stage.run()
        #expect(stage.log == ["0 b hears 7", "0 c hears 7", "0 a told 1 not acknowledged after 1"])
        #expect(stage.medium.counters.radios.map(\.unacknowledged) == [0, 0, 0])
    }

    @Test("others hear what is not for them, with luck of their own")
    func bystander() throws {
        var stage = try Stage(settings: [change(from: "a", to: "b") { $0.loss = 1 }], radios: 3)
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 c hears 7", "0 a told 1 not acknowledged after 1"])
    }

    @Test("nobody hears a radio that is not in the script, or on another channel than its link's")
    func strangers() throws {
        var stage = try Stage()
        for (radio, frequency) in [(Stage.permanent("c", 9), 2412), (Stage.permanent("a", 1), 5180)] {
            stage.medium.transmit(
                Transmission(
                    radio: Medium.hwsimAddress(ofPermanent: radio), frequency: UInt32(frequency),
                    octets: [UInt8](repeating: 0, count: 24), cookie: 9), now: stage.now)
        }
        stage.run()
        #expect(stage.log.count == 2 && stage.log.allSatisfy { $0.hasSuffix("told 9 not acknowledged after 1") })
        #expect(stage.medium.counters.strangers == 2)
    }

    @Test("a witness hears every try, and every acknowledgment, lost or not")
    func witness() throws {
        var stage = try Stage(
            settings: [change { $0.retries = 1 }, change(from: "b") { $0.acknowledgmentLoss = 1 }], keepsAir: true)
        stage.send(7, from: "a", to: "b")
        stage.run()
        #expect(stage.air.map { $0.octets[0] } == [0xd0, 0xd4, 0xd0, 0xd4])
        #expect(stage.air.map { $0.octets[1] } == [0, 0, 0x08, 0])
        #expect(stage.air[1].octets == [0xd4, 0, 0, 0] + (0..<6).map(Stage.address("a", 1).octet))
    }

    @Test("settings change when the script says so")
    func timedChanges() throws {
        let changes = [
            TimedChange(atMilliseconds: 20, change: change { $0.cut = false }),
            TimedChange(atMilliseconds: 10, change: change { $0.cut = true }),
        ]
        var stage = try Stage(changes: changes)
        for number in 0..<3 {
            stage.run(for: .milliseconds(number == 0 ? 5 : 10))
            stage.send(UInt8(number), from: "a", to: "b")
        }
        stage.run()
        #expect(stage.log.filter { $0.contains("hears") } == ["5000 b hears 0", "25000 b hears 2"])
    }
}
