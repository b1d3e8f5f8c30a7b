import DequeModule
import IEEE80211

/// The protocol: peers, sessions, link health, timers. Pure: it reads no clock, draws no randomness but from its seed, and does
/// no I/O; the same inputs give the same outputs, byte for byte.
///
/// How to drive it: hand it one input with `handle(_:now:)`, drain `nextOutput()` until it gives `nil`, do what the outputs say in
/// their order, then read `nextDeadline` and wait for it or for the next input. Time must not run backwards.
public struct Engine {
    private var port: Port
    private var peers: [Peer]
    /// Who a radio belongs to; only looked up, never iterated.
    private let owners: [RadioKey: Int]

    private struct RadioKey: Hashable {
        let link: LinkIdentifier
        let address: MACAddress
    }

    /// Makes an engine without links; they come as inputs.
    ///
    /// - Parameter seed: where all its randomness comes from. A live agent draws it at random.
    public init(configuration: EngineConfiguration, seed: UInt64) {
        var port = Port(configuration: configuration, seed: seed)
        var owners: [RadioKey: Int] = [:]
        var peers: [Peer] = []
        for (index, peer) in configuration.peers.enumerated() {
            peers.append(Peer(index: index, configuration: peer, port: &port))
            for (link, address) in peer.links { owners[RadioKey(link: link, address: address)] = index }
        }
        self.port = port
        self.peers = peers
        self.owners = owners
    }

    /// Takes in what happened at the instant `now`.
    public mutating func handle(_ input: Input, now: MonotonicInstant) {
        port.now = now
        switch input {
        case .frameReceived(let link, let mpdu, _): frameReceived(mpdu, on: link)
        case .transmissionReported(let link, let number, let acknowledged):
            guard let peer = port.peer(of: number) else { break }
            if acknowledged {
                peers[peer].acknowledged(number, on: link, from: .mac, &port)
            } else if let transmission = port.take(number, on: link, from: .mac) {
                peers[peer].resolve(transmission, acknowledged: false, &port)
            }
        case .linkUp(let link, let properties):
            let isNew = port.radios.updateValue(properties, forKey: link) == nil
            if isNew { port.tell(Event(.linkUp, link: link)) }
            for index in peers.indices { peers[index].radioUp(link, &port) }
        case .linkDown(let link, let cause):
            guard port.radios.removeValue(forKey: link) != nil else { break }
            port.tell(Event(.linkDown, link: link, cause: .radio(cause)))
            for index in peers.indices { peers[index].radioDown(link, cause, &port) }
        case .payload(let payload, let peer, let tid):
            if let index = peers.firstIndex(where: { $0.mldAddress == peer }) {
                peers[index].accept(payload, tid: tid, &port)
            } else {
                port.counters.refusedPayloads += 1
            }
        case .command(let command): handle(command)
        case .deadlineReached: break
        }
        // Whatever came, nothing that is due by now stays behind: an input and a deadline may fall on one instant.
        while let overdue = port.takeOverdue() {
            peers[overdue.peer].resolve(overdue, acknowledged: false, &port)
        }
        for index in peers.indices { peers[index].deadlineReached(&port) }
        enforceRetentionLimits()
    }

    /// What to do next; `nil` when all is said until the next input.
    public mutating func nextOutput() -> Output? { port.outputs.popFirst() }

    /// When to hand in `Input.deadlineReached`, unless another input comes first; `nil` waits for inputs only.
    public var nextDeadline: Deadline? {
        var earliest = port.transmissions.lazy.map(\.deadline).min().map {
            Deadline(instant: $0, reason: .acknowledgment)
        }
        for peer in peers {
            guard let deadline = peer.nextDeadline(port) else { continue }
            if earliest.map({ deadline.instant < $0.instant }) ?? true { earliest = deadline }
        }
        return earliest
    }

    /// A snapshot for people and scripts.
    public func status() -> EngineStatus {
        EngineStatus(peers: peers.map(\.status), sessions: peers.flatMap(\.sessionStatus), counters: port.counters)
    }

    private mutating func handle(_ command: Command) {
        switch command {
        case .connect(let peer, let tid):
            if let index = peers.firstIndex(where: { $0.mldAddress == peer }) { peers[index].want(tid, &port) }
        case .close(let session):
            for index in peers.indices where peers[index].close(session, &port) { return }
        case .shutDown:
            for index in peers.indices { peers[index].shutDown(&port) }
        }
    }

    // MARK: Frames

    private mutating func frameReceived(_ mpdu: [UInt8], on link: LinkIdentifier) {
        guard let radio = port.radios[link] else { return }
        do throws(FrameError) {
            let header = try MACHeader(parsing: mpdu.span)
            guard header.address1 == radio.address, let transmitter = header.address2,
                let peer = owners[RadioKey(link: link, address: transmitter)],
                let index = peers[peer].links.firstIndex(where: { $0.identifier == link })
            else {
                port.counters.unknownSender += 1
                return
            }
            switch header.frameControl.kind {
            case .action, .actionNoAck: actionReceived(try ActionFrame(parsing: mpdu).action, from: peer, on: index)
            case .qosData: dataReceived(try QoSDataFrame(parsing: mpdu).body, from: peer, on: index)
            default: port.counters.foreign += 1
            }
        } catch {
            port.counters.malformed += 1
        }
    }

    private mutating func actionReceived(_ action: Action, from peer: Int, on index: Int) {
        do throws(SessionFrameError) {
            try peers[peer].actionReceived(action, on: index, &port)
        } catch {
            port.counters.count(error)
        }
    }

    private mutating func dataReceived(_ body: [UInt8], from peer: Int, on index: Int) {
        do throws(SessionFrameError) {
            if let frame = try PayloadFrame(body: body) {
                peers[peer].payloadReceived(frame, on: index, &port)
            } else {
                port.counters.foreign += 1
            }
        } catch {
            port.counters.count(error)
        }
    }

    // MARK: Limits

    /// Keeps the number and the memory of interrupted sessions bounded, dropping the ones interrupted first (`INT-2`).
    private mutating func enforceRetentionLimits() {
        let limits = port.configuration.limits
        while true {
            let interrupted = peers.indices.flatMap { peers[$0].interrupted }
            let octets = interrupted.reduce(0) { $0 + $1.octets }
            guard interrupted.count > limits.interruptedSessions || octets > limits.interruptedOctets,
                let oldest = interrupted.min(by: { $0.since < $1.since })
            else { return }
            peers[oldest.peer].dropInterrupted(oldest.session, &port)
        }
    }
}
