import IEEE80211
import SessionCore
import TestSupport

/// The books of a life, kept outside of the agents: what hosts handed over, what they got, and what was reported as lost.
struct Books {
    /// The fate of each accepted payload of a stream, by number.
    private var streams: [StreamName: [Fate]] = [:]
    /// The number of payloads of each stream that were made.
    private var made: [StreamName: Int] = [:]
    /// The last delivery of each stream at each receiver.
    private var last: [Delivering: (epoch: Int, number: Int)] = [:]
    /// The number of times that a session of a peer and TID began at a receiver.
    private var epochs: [Receiving: Int] = [:]
    /// By station, for its present life.
    private var accounts: [Account]
    private(set) var tally = Tally()

    private enum Fate: Equatable {
        case refused
        case held
        case delivered(epoch: Int)
    }

    /// A stream and the TID of the session that carries it: another one's, as long as there are too many sessions.
    private struct Delivering: Hashable {
        let stream: StreamName
        let tid: TrafficIdentifier
    }

    private struct Receiving: Hashable {
        let receiver: Int
        let peer: MACAddress
        let tid: TrafficIdentifier
    }

    /// The payloads of a life of an agent.
    struct Account {
        var life = 0
        var accepted = 0
        var delivered = 0
        /// The number that it reported as lost.
        var reported = 0
        fileprivate var refusedBefore = 0
    }

    init(stations: Int) { accounts = Array(repeating: Account(), count: stations) }

    /// An agent begins a new life; what the old one held is lost with it.
    mutating func begin(_ station: Int) { accounts[station] = Account(life: accounts[station].life + 1) }

    /// The next payload of a stream.
    mutating func next(from station: Int, to peer: Int, tid: TrafficIdentifier) -> PayloadName {
        let stream = StreamName(origin: station, life: accounts[station].life, destination: peer, tid: tid)
        defer { made[stream, default: 0] += 1 }
        return PayloadName(stream: stream, number: made[stream] ?? 0)
    }

    /// A payload was handed over; it is refused if the agent's counter says so. One that waits for an agent that stands still counts
    /// as accepted when that takes it.
    mutating func handed(_ payload: Payload, refusedNow: Int) {
        guard let name = PayloadName(of: payload) else { return }
        let station = name.stream.origin
        let isRefused = refusedNow > accounts[station].refusedBefore
        accounts[station].refusedBefore = refusedNow
        // Numbers of a stream are given when it is made; those that never came to the agent are refused.
        while streams[name.stream, default: []].count < name.number { streams[name.stream, default: []].append(.refused) }
        streams[name.stream, default: []].append(isRefused ? .refused : .held)
        tally.count(isRefused ? "refusedPayloads" : "payloads")
        if !isRefused { accounts[station].accepted += 1 }
    }

    /// An agent delivered a payload.
    mutating func delivered(
        _ payload: Payload, from peer: MACAddress, tid: TrafficIdentifier, at receiver: Int
    ) throws(Finding) {
        guard let name = PayloadName(of: payload) else { throw Finding(.genuine, "a payload that nobody sent") }
        let stream = name.stream
        guard stream.destination == receiver, Pair.mldAddress(stream.origin) == peer,
            let fates = streams[stream], fates.indices.contains(name.number), fates[name.number] != .refused
        else { throw Finding(.genuine, "\(name) delivered at \(receiver), from \(peer)") }
        let epoch = epochs[Receiving(receiver: receiver, peer: peer, tid: tid)] ?? 0
        if case .delivered(let before) = fates[name.number] {
            guard before != epoch || tid != stream.tid else { throw Finding(.once, "\(name) twice") }
            tally.count("deliveredAgainInNewSession")
        } else if stream.life == accounts[stream.origin].life {
            accounts[stream.origin].delivered += 1
        }
        let delivering = Delivering(stream: stream, tid: tid)
        if let last = last[delivering], last.epoch == epoch, last.number >= name.number {
            throw Finding(.ordered, "\(name) after \(last.number)")
        }
        last[delivering] = (epoch, name.number)
        streams[stream]?[name.number] = .delivered(epoch: epoch)
        tally.count("delivered")
    }

    /// An agent reported an event.
    mutating func told(_ event: Event, by station: Int) {
        tally.count(event.kind.rawValue)
        guard let session = event.session, let peer = event.peer else { return }
        if session.role == .receiver, event.kind == .established || event.kind == .establishedAnew {
            epochs[Receiving(receiver: station, peer: peer, tid: session.tid), default: 0] += 1
        }
        if session.role == .initiator { accounts[station].reported += event.framesLost ?? 0 }
    }

    /// Counts something else.
    mutating func count(_ name: String) { tally.count(name) }

    /// Every accepted payload of a station's life is delivered, counted as lost, or held.
    func check(_ station: Int, held: Int, dropped: Int) throws(Finding) {
        let account = accounts[station]
        let missing = account.accepted - account.delivered - account.reported - dropped
        guard missing <= held else {
            throw Finding(
                .counted,
                "station \(station): \(account.accepted) accepted, \(account.delivered) delivered, \(account.reported) reported as lost, \(dropped) dropped, \(held) held"
            )
        }
    }
}

extension Finding {
    init(_ rule: Rule, _ text: String) { self.init(rule: rule, at: 0, text: text) }
}
