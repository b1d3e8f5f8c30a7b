import Glibc
import IEEE80211
import SessionCore
import TestSupport

// What the core takes for a payload of 1,400 octets, from one host to the other: both ends together, with TX reports, block
// acknowledgments and heartbeats. With a key also what an end takes for a frame that it refuses.
//   swift run -c release SessionCoreProbe [psk] [frame]      with a key; with radios that can't acknowledge
// Instructions, which are the same each time, by valgrind (its reader of debug information gives up on Swift's):
//   objcopy --strip-debug .build/release/SessionCoreProbe probe
//   valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*measure*' ./probe

/// One end. What it sends, the other one hears at once.
final class Station {
    var engine: Engine
    var delivered = 0
    /// Whether what it sends is lost on the way.
    var isUnheard = false
    /// Since it was emptied last, the first frame of each kind that it sent, by frame control field.
    var sent: [UInt8: (mpdu: [UInt8], link: LinkIdentifier)] = [:]
    unowned var other: Station?
    private var unreported: [(TransmissionNumber, LinkIdentifier)] = []
    private let acknowledgment: AcknowledgmentSource

    init(_ station: Int, _ acknowledgment: AcknowledgmentSource, isSecured: Bool, links: [LinkIdentifier]) {
        self.acknowledgment = acknowledgment
        let peer = PeerConfiguration(
            mldAddress: Pair.mldAddress(1 - station),
            links: Dictionary(uniqueKeysWithValues: links.map { ($0, Pair.address(1 - station, $0)) }),
            sessions: station == Pair.a ? [.bestEffort] : [], key: isSecured ? Pair.key() : nil)
        engine = Engine(
            configuration: EngineConfiguration(mldAddress: Pair.mldAddress(station), peers: [peer]),
            seed: UInt64(station), secrets: Pair.secrets(UInt64(station)))
        for link in links {
            let properties = LinkProperties(
                address: Pair.address(station, link), frequency: 2412, acknowledgment: acknowledgment)
            engine.handle(.linkUp(link, properties), now: MonotonicInstant(nanoseconds: 0))
        }
    }

    var isLive: Bool { engine.status().sessions.contains { $0.state == "live" } }

    private struct Hands: OutputSink {
        let station: Station
        let now: MonotonicInstant

        func transmit(_ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier) {
            if station.sent[mpdu[0]] == nil {
                station.sent[mpdu[0]] = (mpdu.withUnsafeBufferPointer { Array($0) }, link)
            }
            if !station.isUnheard { station.other?.engine.frameReceived(mpdu, on: link, signal: -50, now: now) }
            if station.acknowledgment == .mac { station.unreported.append((number, link)) }
        }

        func deliver(_ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier) { station.delivered += 1 }

        func tell(_ event: Event) {}
    }

    /// Does what the engine says, and tells it what became of its frames.
    func act(at now: MonotonicInstant) {
        var hands = Hands(station: self, now: now)
        engine.drain(into: &hands)
        for (number, link) in unreported { engine.transmissionReported(number, on: link, acknowledged: true, now: now) }
        unreported.removeAll(keepingCapacity: true)
        engine.drain(into: &hands)
        guard let deadline = engine.nextDeadline, deadline.instant <= now else { return }
        engine.handle(.deadlineReached, now: now)
        engine.drain(into: &hands)
    }
}

/// Both ends, and the time between them.
final class Conversation {
    fileprivate let stations: [Station]
    fileprivate let payload = [UInt8](repeating: 0x5a, count: 1414)
    fileprivate var now = MonotonicInstant(nanoseconds: 0)

    /// As many payloads as come in a turn, and how long that takes.
    private static let payloadsInATurn = 32
    private static let turn = Duration.milliseconds(1)

    init(_ acknowledgment: AcknowledgmentSource, isSecured: Bool) {
        let links = (1...2).compactMap(LinkIdentifier.init)
        stations = [Pair.a, Pair.b].map { Station($0, acknowledgment, isSecured: isSecured, links: links) }
        stations[0].other = stations[1]
        stations[1].other = stations[0]
        while !stations.allSatisfy(\.isLive) { act() }
    }

    fileprivate func act() {
        now = now + Self.turn
        for station in stations { station.act(at: now) }
    }

    /// Carries so many payloads.
    @inline(never) func measure(_ count: Int) {
        let payload = payload
        let end = stations[1].delivered + count
        var accepted = 0
        while stations[1].delivered < end {
            for _ in 0..<min(Self.payloadsInATurn, count - accepted) {
                stations[0].engine.accept(payload.span, for: Pair.mldAddress(Pair.b), tid: .bestEffort, now: now)
                accepted += 1
            }
            act()
        }
    }
}

extension Conversation {
    /// What the receiver takes for frames that it refuses: those that it had, and those that it did not have, with a tag that is wrong.
    func measureRefusals(_ count: Int) {
        let payload = payload
        for (what, isUnheard) in [("replayed", false), ("not authentic", true)] {
            stations[0].sent = [:]
            stations[0].isUnheard = isUnheard
            stations[0].engine.accept(payload.span, for: Pair.mldAddress(Pair.b), tid: .bestEffort, now: now)
            while stations[0].sent.count < 2 { act() }
            for (kind, frame) in stations[0].sent.sorted(by: { $0.key < $1.key }) {
                var mpdu = frame.mpdu
                if isUnheard { mpdu[mpdu.count - 1] ^= 1 }
                let before = refused
                let nanoseconds = elapsed {
                    for _ in 0..<count {
                        stations[1].engine.frameReceived(mpdu.span, on: frame.link, signal: -50, now: now)
                    }
                }
                precondition(refused - before == count, "every frame is refused")
                let name = kind == 0x88 ? "data" : "action"
                print("\(nanoseconds / count) ns a refused \(name) frame of \(mpdu.count) octets, \(what)")
            }
        }
    }

    private var refused: Int {
        stations[1].engine.status().peers.first?.security.map { $0.refusals.replayed + $0.refusals.notAuthentic } ?? 0
    }
}

func elapsed(_ body: () -> Void) -> Int {
    var before = timespec()
    var after = timespec()
    clock_gettime(CLOCK_MONOTONIC, &before)
    body()
    clock_gettime(CLOCK_MONOTONIC, &after)
    return (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
}

let isSecured = CommandLine.arguments.contains("psk")
let conversation = Conversation(
    CommandLine.arguments.contains("frame") ? .frame : .mac, isSecured: isSecured)
// Memory reaches its size.
conversation.measure(10_000)
for _ in 0..<5 {
    let count = 100_000
    print("\(elapsed { conversation.measure(count) } / count) ns a payload")
}
if isSecured { conversation.measureRefusals(100_000) }
