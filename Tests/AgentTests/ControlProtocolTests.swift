import Testing

@testable import ControlProtocol

@Suite("What travels over the control socket")
struct ControlProtocolTests {
    private var rebuilt: EventReport {
        var report = EventReport(
            event: "rebuilt", monotonicNanoseconds: 123, wallClock: "2026-01-01T12:03:04.123456Z",
            device: "02:52:4c:00:00:0a")
        report.peer = "02:52:4c:00:00:0b"
        report.link = 2
        report.session = "0123456789abcdef"
        report.tid = 0
        report.role = "initiator"
        report.elapsedMicroseconds = 400
        report.frames = 1
        report.framesLost = 0
        report.acknowledgment = "mac"
        return report
    }

    @Test("requests are the lines that the documentation shows")
    func requests() {
        #expect(text(ControlRequest.status) == "{\"request\":\"status\"}\n")
        for (value, line) in [
            (ControlRequest.connect(peer: "b", tid: 5), "{\"peer\":\"b\",\"request\":\"connect\",\"tid\":5}"),
            (.close(session: "8b5d21f093c46e17"), "{\"request\":\"close\",\"session\":\"8b5d21f093c46e17\"}"),
            (
                .share(session: "8b5d21f093c46e17", links: [2, 3]),
                "{\"links\":[2,3],\"request\":\"share\",\"session\":\"8b5d21f093c46e17\"}"
            ),
            (
                .record(file: "/a", fileLength: 7, files: 2, isWhole: true),
                "{\"file\":\"/a\",\"fileLength\":7,\"files\":2,\"request\":\"record\",\"whole\":true}"
            ),
            (
                .record(file: "/a", fileLength: 7, files: 2),
                "{\"file\":\"/a\",\"fileLength\":7,\"files\":2,\"request\":\"record\"}"
            ),
        ] {
            #expect(text(value) == line + "\n")
            #expect(request(line) == value)
        }
        #expect(request("{\"request\":\"connect\",\"peer\":\"b\"}") == .connect(peer: "b", tid: 0))
        #expect(text(ControlRequest.events(all: true)) == "{\"all\":true,\"request\":\"events\"}\n")
        #expect(request("{\"request\":\"events\"}") == .events(all: false))
        #expect(request("{\"request\":\"events\",\"all\":1}") == nil)
    }

    @Test("messages survive the way there and back")
    func messages() {
        let messages: [ControlMessage] = [
            .greeting(version: 1), .status(.example), .event(rebuilt), .refused("no"), .farewell,
        ]
        for message in messages {
            #expect(LineCoding.value(ControlMessage.self, in: LineCoding.line(message)) == message)
        }
        #expect(LineCoding.value(ControlMessage.self, in: Array("{\"future\":1}".utf8)) == nil)
        #expect(text(ControlMessage.greeting(version: 1)) == "{\"greeting\":{\"version\":1}}\n")
    }

    @Test("events are told in the octets that JSON coding gives them, whatever they hold")
    func eventOctets() {
        var full = rebuilt
        full.cause = String(decoding: 0..<128, as: UTF8.self) + "äöü"
        full.links = [0, 14]
        full.length = 1400
        full.confirmedMicroseconds = 2400
        // A key that is new must be written, too.
        for (_, value) in Mirror(reflecting: full).children {
            let mirror = Mirror(reflecting: value)
            #expect(mirror.displayStyle != .optional || !mirror.children.isEmpty)
        }
        let least = EventReport(event: "linkUp", monotonicNanoseconds: -1, wallClock: "", device: "")
        for report in [rebuilt, full, least] {
            #expect(report.json == LineCoding.line(report))
            #expect(report.message == LineCoding.line(ControlMessage.event(report)))
        }
    }

    @Test("an event is one line of JSON, without the keys that do not apply")
    func eventKeys() {
        #expect(
            text(rebuilt) == """
                {"acknowledgment":"mac","device":"02:52:4c:00:00:0a","elapsedMicroseconds":400,"event":"rebuilt","frames":1,\
                "framesLost":0,"link":2,"monotonicNanoseconds":123,"peer":"02:52:4c:00:00:0b","role":"initiator",\
                "session":"0123456789abcdef","tid":0,"wallClock":"2026-01-01T12:03:04.123456Z"}

                """)
    }

    @Test("events read as sentences")
    func sentences() {
        #expect(
            rebuilt.line == """
                12:03:04.123456 session 0123456789abcdef (TID 0, initiator) with 02:52:4c:00:00:0b rebuilt on link 2 \
                (1 frame, 400 µs)
                """)
        var lost = EventReport(event: "linkLost", monotonicNanoseconds: 1, wallClock: "T12:00:00.000000Z", device: "d")
        lost.link = 1
        lost.peer = "02:52:4c:00:00:0b"
        lost.cause = "transmissionsNotAcknowledged"
        #expect(lost.sentence() == "link 1 to 02:52:4c:00:00:0b lost: transmissions not acknowledged")
        #expect(lost.sentence(peerName: "b") == "link 1 to b lost: transmissions not acknowledged")
        lost.event = "somethingNew"
        #expect(
            lost.sentence()
                == "something new: a session with 02:52:4c:00:00:0b on link 1: transmissions not acknowledged")
    }

    @Test("sharing reads as sentences, and its links are a key of the JSON")
    func sharing() {
        var report = rebuilt
        let session = "session 0123456789abcdef (TID 0, initiator) with b"
        report.links = [1, 2]
        #expect(text(report).contains("\"link\":2,\"links\":[1,2],"))
        report.event = "shared"
        #expect(report.sentence(peerName: "b") == "\(session) shared, lives on links 1, 2 (1 frame, 400 µs)")
        (report.frames, report.elapsedMicroseconds) = (nil, nil)
        report.event = "shareRequested"
        #expect(report.sentence(peerName: "b") == "sharing of \(session) on links 1, 2 requested on link 2")
        report.event = "sharedLinkLost"
        report.links = [1]
        report.cause = "silence"
        #expect(report.sentence(peerName: "b") == "\(session) lost link 2, lives on link 1: silence")
    }

    @Test("the status shows all links of a session, and the one on which it is asked for")
    func sessionLinks() {
        var report = StatusReport.example
        #expect(report.text.contains("live   1     yes"))
        report.sessions[0].links = [1, 2, 14]
        #expect(report.text.contains("live   1+2+14  yes"))
        (report.sessions[0].links, report.sessions[0].link) = ([], nil)
        #expect(report.text.contains("live   -     yes"))
    }

    @Test("payloads that waited too long are counted among the dropped ones, with their cause")
    func waitedTooLong() {
        var report = StatusReport.example
        report.interface = StatusReport.Interface(name: "relink0", mtu: 1400, addresses: [], carrier: true)
        report.interface?.counters.waitedTooLong = 3
        #expect(report.interface?.counters.dropped == 3)
        #expect(report.text.contains("3 waited too long"))
    }

    @Test("peers that come and go read as sentences and as a table")
    func peers() {
        var report = EventReport(
            event: "peerAppeared", monotonicNanoseconds: 1, wallClock: "T12:00:00.000000Z", device: "d")
        report.peer = "02:52:4c:00:00:0b"
        report.link = 2
        report.links = [1, 2]
        #expect(report.sentence() == "02:52:4c:00:00:0b appeared, links 1, 2")
        report.event = "peerChanged"
        report.cause = "linkFound"
        #expect(report.sentence(peerName: "b") == "b changed on link 2, now links 1, 2: link found")
        report.event = "announcementRefused"
        report.cause = "peerNotProtected"
        #expect(
            report.sentence()
                == "announcement of 02:52:4c:00:00:0b refused on link 2: it does not protect its frames; give it the key of this device"
        )
        (report.event, report.cause) = ("peerVanished", nil)
        #expect(report.sentence() == "02:52:4c:00:00:0b vanished")

        var status = StatusReport.example
        status.peers[0].origin = "discovered"
        status.peers[0].supports = ["rebuild", "radioAcknowledges"]
        status.peers[0].links[0].lastSeenSeconds = 3.4
        #expect(status.peersText.contains("discovered  rebuild, radio acknowledges  "))
        #expect(status.peersText.contains("3 s ago"))
        #expect(!status.peersText.contains("announcements"))
        var refused = StatusReport.RefusedAnnouncements()
        refused.tooFast = 12
        status.discovery = StatusReport.Discovery(mode: "listen", refused: refused)
        status.peers[0].dormant = true
        status.peers[0].links = []
        #expect(status.peersText.contains("discovered, dormant  "))
        #expect(status.peersText.hasSuffix("discovery: listen; announcements refused: 12 too fast"))
        status.peers = []
        #expect(status.peersText.hasPrefix("no peers\n"))
    }

    @Test("a stream is cut into lines wherever it is torn")
    func splitting() {
        var splitter = LineSplitter(limit: 8)
        splitter.append(Array("ab".utf8))
        #expect(splitter.next() == nil)
        splitter.append(Array("c\n\nde\nf".utf8))
        #expect(splitter.next() == Array("abc".utf8))
        #expect(splitter.next() == [])
        #expect(splitter.next() == Array("de".utf8))
        #expect(splitter.next() == nil)
        splitter.append(Array("1234567".utf8))
        #expect(splitter.isOverlong)
        splitter.append(Array("\n".utf8))
        #expect(!splitter.isOverlong)
    }

    private func text(_ value: some Encodable) -> String { String(decoding: LineCoding.line(value), as: UTF8.self) }
    private func request(_ text: String) -> ControlRequest? {
        LineCoding.value(ControlRequest.self, in: Array(text.utf8))
    }
}
