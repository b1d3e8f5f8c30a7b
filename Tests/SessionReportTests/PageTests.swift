import CaptureFiles
import Foundation
import IEEE80211
import LinkSecurity
import Recording
import SessionCore
import TestSupport
import Testing

@testable import SessionReport

/// A browser that draws without a screen.
enum Browser {
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The page's body element after its script has run.
    static func body(of page: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path ?? "")
        process.arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.absoluteString]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let start = try #require(text.range(of: "<body"), "the browser printed no page")
        return String(text[start.lowerBound...].prefix { $0 != ">" })
    }
}

@Suite("The page of a report", .timeLimit(.minutes(2)))
struct PageTests {
    /// Both ends of a pair whose link dies and whose session is rebuilt.
    static func builder(
        both: Bool = true, clockOffset: Int64 = 0, isDiscovering: Bool = false, isSecured: Bool = false,
        hasKeys: Bool = false
    ) throws -> ReportBuilder {
        var configurations: [EngineConfiguration] = []
        var pair = Pair(isSecured: isSecured) { _, configuration in
            if isDiscovering {
                configuration.peers = []
                configuration.discovery.mode = .announce
            }
            configurations.append(configuration)
        }
        if isDiscovering {
            pair.run(for: .seconds(2))
            pair.hand(.command(.connect(peer: Pair.mldAddress(Pair.b), tid: .bestEffort)), to: Pair.a)
        }
        let link = pair.run(untilEvent: .established, at: Pair.a)?.link
        pair.send((0..<20).map { [UInt8($0)] })
        pair.run(for: .milliseconds(30))
        if let link { pair.setDead(link, true) }
        pair.send((20..<40).map { [UInt8($0)] })
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        var keys: [LoggedKey] = []
        var recordings: [(station: Int, items: [RecordedItem])] = []
        for station in both ? [Pair.a, Pair.b] : [Pair.a] {
            let seed = 1 + UInt64(station)
            var engine = Engine(configuration: configurations[station], seed: seed, secrets: Pair.secrets(seed))
            engine.beginKeyLog()
            let offset = 1_700_000_000_000_000_000 + (station == Pair.b ? clockOffset : 0)
            var items: [RecordedItem] = [
                .start(RecordingStart(seed: 0, clockOffset: offset, configuration: "", links: []))
            ]
            items += Self.stations(of: Pair.mldAddress(1 - station))
            for (input, instant) in pair.inputs[station] {
                items.append(.input(input, instant))
                engine.handle(input, now: instant)
                while let output = engine.nextOutput() { items.append(.output(RecordedOutput(output), instant)) }
                keys += engine.takeLoggedKeys()
            }
            recordings.append((station, items))
        }
        var builder = ReportBuilder(keys: hasKeys ? try FrameKeyRing(keys) : nil)
        for (station, items) in recordings {
            builder.add(
                recording: items, configuration: configurations[station], names: [Pair.mldAddress(1): "</script>"],
                file: "\(station)")
        }
        return builder
    }

    /// The kernel's reports of a peer's radio on link 1: it is added anew after the second.
    private static func stations(of peer: MACAddress) -> [RecordedItem] {
        guard let link = LinkIdentifier(1) else { return [] }
        let figures: [(rate: UInt32, modulation: UInt8?, streams: UInt8?, frames: UInt32)] = [
            (0, nil, nil, 0), (60, nil, nil, 10), (1560, 8, 2, 100), (1300, 7, 2, 30), (0, nil, nil, 30),
        ]
        return figures.map { figure in
            var station = RecordedStation(link: link, peer: peer)
            (station.rate, station.modulation, station.streams) = (figure.rate, figure.modulation, figure.streams)
            (station.frames, station.retries) = (figure.frames, figure.frames / 10)
            station.expectedThroughput = 90_500
            return .station(station, MonotonicInstant(nanoseconds: 0))
        }
    }

    @Test("the kernel's reports of a peer's radio become rates of each device and link; those of other peers do not")
    func rates() throws {
        var builder = try Self.builder()
        let model = builder.build()
        let expected = ReportModel.Rates(
            device: 0, lane: 0, first: 6, median: 130, last: 130, modulation: "VHT MCS 7x2", expectedThroughput: 90.5,
            frames: 130, retries: 13, failures: 0)
        var other = expected
        other.device = 1
        #expect(model.rates == [expected, other])
        var none = ReportBuilder()
        none.add(
            recording: Self.stations(of: Pair.mldAddress(2)),
            configuration: EngineConfiguration(mldAddress: Pair.mldAddress(0), peers: []), names: [:], file: "a")
        #expect(none.build().rates.isEmpty)
    }

    @Test("the links of a peer that was discovered are those that it announced", arguments: [false, true])
    func discovered(both: Bool) throws {
        var builder = try Self.builder(both: both, isDiscovering: true)
        let model = builder.build()
        #expect(model.lanes.map(\.link) == [1, 2])
        #expect(model.devices.map(\.name) == ["\(Pair.mldAddress(0))", "</script> (\(Pair.mldAddress(1)))"])
        #expect(model.frames.contains { $0.kind == .payload && $0.fate == .arrived })
        #expect(model.failovers.count == 1)
    }

    @Test("of devices that say as much to each other, those with the lowest addresses are shown", arguments: 0..<8)
    func tied(number: UInt64) {
        var builder = ReportBuilder()
        func hear(_ sender: UInt64, _ receiver: UInt64) {
            func octets(_ address: UInt64) -> [UInt8] { [0x02, 0x52, 0x4c, 0, UInt8(number), UInt8(address)] }
            // A Null frame.
            let mpdu = [0x48, 0, 0, 0] + octets(receiver) + octets(sender) + octets(0) + [0, 0]
            builder.add(
                CaptureRecord(linkType: .ieee80211, timestamp: 1, originalLength: mpdu.count, octets: mpdu))
        }
        for (low, high) in [(5, 6), (1, 9), (3, 4), (7, 8)] as [(UInt64, UInt64)] {
            hear(low, high)
            hear(high, low)
        }
        let expected = [1, 9].map { MACAddress(rawValue: 0x0252_4c00_0000 + number << 8 + $0) }
        #expect(builder.build().devices.map(\.name) == expected.map { "\($0)" })
    }

    @Test("both ends' recordings become one story, however far their clocks are apart")
    func merged() throws {
        var builder = try Self.builder()
        let model = builder.build()
        var shifted = try Self.builder(clockOffset: 3_000_000_000)
        let other = shifted.build()
        #expect(model.failovers.count == 1)
        let failover = try #require(model.failovers.first)
        #expect(failover.lostLane != failover.newLane)
        let good = try #require(failover.lastGood)
        let declared = try #require(failover.declared)
        let acknowledged = try #require(failover.acknowledged)
        let firstNew = try #require(failover.firstNew)
        let drained = try #require(failover.drained)
        #expect(good < declared && declared <= failover.requested && failover.requested < acknowledged)
        #expect(failover.requested <= firstNew && firstNew < drained)
        // The rebuild is told when the peer's agent has confirmed it, and took until its request was acknowledged (`REB-6`).
        let rebuilt = try #require(builder.sources[0].events.map(\.1).first { $0.kind == "rebuilt" && $0.confirmed != nil })
        let (elapsed, confirmed) = (try #require(rebuilt.elapsed), try #require(rebuilt.confirmed))
        #expect(elapsed < confirmed)
        #expect(abs(acknowledged - failover.requested - Double(elapsed) / 1e6) < 0.002)
        #expect(model.frames.contains { $0.fate == .lost })
        #expect(model.frames.contains { $0.received != nil })
        #expect(Set(model.series.map(\.name)) == ["sent", "acknowledged", "delivered"])
        #expect(Set(model.bands.map(\.state)).isSuperset(of: ["alive", "suspect", "lost", "rebuilding"]))
        // A clock that is three seconds ahead changes nothing that is to be seen.
        #expect(other.frames.count == model.frames.count)
        #expect(other.end - other.origin < 2 * (model.end - model.origin))
    }

    @Test("what is encrypted has no sequence numbers; with the keys there are windows, and a failover's payloads")
    func protected() throws {
        var dark = try Self.builder(isSecured: true)
        let without = dark.build()
        #expect(without.failovers.count == 1 && without.failovers.first?.firstNew == nil)
        #expect(without.frames.contains { $0.kind == .payload })
        var builder = try Self.builder(isSecured: true, hasKeys: true)
        let model = builder.build()
        let failover = try #require(model.failovers.first)
        let firstNew = try #require(failover.firstNew)
        let drained = try #require(failover.drained)
        #expect(failover.requested <= firstNew && firstNew < drained)
        #expect(Set(model.series.map(\.name)) == ["sent", "acknowledged", "delivered"])
        #expect(model.frames.contains { $0.kind == .payload && $0.text.hasSuffix(" of session \(failover.session)") })
    }

    @Test("one recording tells of its own links alone")
    func alone() throws {
        var builder = try Self.builder(both: false)
        let model = builder.build()
        #expect(model.failovers.count == 1)
        #expect(Set(model.bands.map(\.device)) == [0])
    }

    @Test("a recording that says nonsense of what was sent is reported as far as it makes sense")
    func nonsense() throws {
        let link = try #require(LinkIdentifier(1))
        let instant = MonotonicInstant(nanoseconds: 1)
        let number = TransmissionNumber(rawValue: 1)
        var builder = ReportBuilder()
        builder.add(
            recording: [
                .output(.transmit(link: link, number: number, mpdu: [1, 2, 3]), instant),
                .input(.transmissionReported(link: link, number: number, acknowledged: true), instant),
            ], configuration: EngineConfiguration(mldAddress: Pair.mldAddress(0), peers: []), names: [:], file: "a")
        #expect(builder.build().frames.isEmpty)
    }

    @Test("no text ends an element of the page")
    func escaping() throws {
        var builder = try Self.builder()
        let page = String(
            decoding: ReportPage.html(builder.build(), title: "</title><b>", sources: ["</script>"]), as: UTF8.self)
        #expect(page.components(separatedBy: "</script>").count == 4)
        #expect(page.components(separatedBy: "</title>").count == 2)
        #expect(!page.contains("http://") && !page.contains("https://"))
    }

    @Test(
        "a browser draws every frame, and finds no fault",
        .enabled(if: Browser.path != nil, "no chromium here; tools/setup installs it"), arguments: [true, false])
    func browser(both: Bool) throws {
        var builder = try Self.builder(both: both)
        let model = builder.build()
        let page = FileManager.default.temporaryDirectory.appending(path: "relink-report-\(UUID().uuidString).html")
        defer { try? FileManager.default.removeItem(at: page) }
        try Data(ReportPage.html(model, title: "A test", sources: ["a"])).write(to: page)
        let body = try Browser.body(of: page)
        #expect(body.contains("data-frames=\"\(model.frames.count)\""), "\(body)")
        #expect(body.contains("data-drawn=\"\(model.frames.count)\""), "\(body)")
        #expect(body.contains("data-problems=\"0\""), "\(body)")
    }
}
