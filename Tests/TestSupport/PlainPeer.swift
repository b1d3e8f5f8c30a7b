import IEEE80211
import SessionCore

/// The other end of one engine, by hand: it answers what a test tells it to answer. Link 1, as station b of `Pair`.
public struct PlainPeer {
    private let link = link1
    private var now = MonotonicInstant(nanoseconds: 0)
    /// What the engine put out so far.
    public private(set) var outputs: [Output] = []

    /// Makes the peer.
    public init() {}

    /// Puts the link up and answers the engine's heartbeat, so that it asks for its session.
    public mutating func bringUp(_ engine: inout Engine) {
        let properties = LinkProperties(address: Pair.address(Pair.a, link), frequency: 2412, acknowledgment: .mac)
        hand(.linkUp(link, properties), &engine)
        let heartbeat = Heartbeat(
            flags: [.radioAcknowledges, .linkAlive], transmission: TransmissionNumber(rawValue: 1), interval: 98,
            sessions: [])
        answer(.vendorSpecific(PeerAction.heartbeat(heartbeat).action), &engine)
    }

    /// Sends an action frame to the engine.
    public mutating func answer(_ action: Action, _ engine: inout Engine) {
        let frame = ActionFrame(
            receiver: Pair.address(Pair.a, link), transmitter: Pair.address(Pair.b, link), bssid: .broadcast,
            action: action)
        hand(.frameReceived(link: link, mpdu: frame.serialized(), signal: nil), &engine)
    }

    /// Hands the engine an input; everything it sends is acknowledged by the radio at once.
    public mutating func hand(_ input: Input, _ engine: inout Engine) {
        now = now + .microseconds(100)
        engine.handle(input, now: now)
        drain(&engine)
        if let deadline = engine.nextDeadline, deadline.instant <= now {
            engine.handle(.deadlineReached, now: now)
            drain(&engine)
        }
    }

    private mutating func drain(_ engine: inout Engine) {
        while let output = engine.nextOutput() {
            outputs.append(output)
            guard case .transmit(let link, let number, _) = output else { continue }
            engine.handle(.transmissionReported(link: link, number: number, acknowledged: true), now: now)
        }
    }

    /// Lets time pass until the engine's next deadline.
    public mutating func waitForDeadline(_ engine: inout Engine) {
        guard let deadline = engine.nextDeadline else { return }
        now = max(now, deadline.instant)
        hand(.deadlineReached, &engine)
    }

    /// The last ADDBA Request that the engine sent.
    public var request: AddBlockAckRequest? {
        for case .transmit(_, _, let mpdu) in outputs.reversed() {
            if case .addBlockAckRequest(let request) = try? ActionFrame(parsing: mpdu).action { return request }
        }
        return nil
    }

    /// The events of a kind.
    public func events(_ kind: Event.Kind) -> [Event] {
        outputs.compactMap { if case .event(let event) = $0, event.kind == kind { event } else { nil } }
    }
}
