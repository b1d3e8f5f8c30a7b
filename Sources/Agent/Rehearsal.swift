import ControlProtocol
import IEEE80211
import LinkSecurity
import SessionCore
import VirtualAir

/// Plays one whole life of a session, with itself and in virtual time, before the agent goes on the air: request, payload, loss,
/// rebuild, end. What a program does for the first time is slow, since code is paged in and the language sets up types as it
/// meets them; the first rebuild of an agent that has run for days must not pay for that.
struct Rehearsal {
    private var engines: [Engine]
    private var air = VirtualAir(seed: 1)
    private var now = MonotonicInstant(nanoseconds: 0)
    private let links = (1...2).compactMap(LinkIdentifier.init)
    private(set) var events: [Event] = []
    private(set) var delivered = 0

    private static func mldAddress(_ station: Int) -> MACAddress {
        MACAddress(rawValue: 0x0252_4c00_0000 + UInt64(station))
    }

    private static func address(_ station: Int, _ link: LinkIdentifier) -> MACAddress {
        MACAddress(rawValue: mldAddress(station).rawValue + UInt64(link.rawValue) << 8)
    }

    init(acknowledgment: AcknowledgmentSource, isSecured: Bool = false) {
        let links = links
        // For nobody but these two.
        let octets = [UInt8](0..<32)
        let key = isSecured ? PreSharedKey(octets: octets) : nil
        engines = (0...1).map { station in
            let peer = PeerConfiguration(
                mldAddress: Self.mldAddress(1 - station),
                links: Dictionary(uniqueKeysWithValues: links.map { ($0, Self.address(1 - station, $0)) }),
                sessions: station == 0 ? [.bestEffort] : [], key: key)
            let configuration = EngineConfiguration(mldAddress: Self.mldAddress(station), peers: [peer])
            return Engine(
                configuration: configuration, seed: UInt64(station),
                secrets: SecretGenerator(octets: octets.map { $0 ^ UInt8(station) }))
        }
        for station in 0...1 {
            for link in links {
                let address = Self.address(station, link)
                air.addRadio(station: station, link: link, address: address, acknowledges: acknowledgment == .mac)
                let properties = LinkProperties(address: address, frequency: 2412, acknowledgment: acknowledgment)
                hand(.linkUp(link, properties), to: station)
            }
        }
    }

    /// Plays it to its end. Takes some milliseconds.
    mutating func run() {
        run(for: .milliseconds(300))
        let payload = Input.payload([1, 2, 3], peer: Self.mldAddress(1), tid: .bestEffort)
        hand(payload, to: 0)
        run(for: .milliseconds(20))
        var deaf = VirtualAir.Faults()
        deaf.isCut = true
        for station in 0...1 { air.setFaults(deaf, from: station, on: links[0]) }
        hand(payload, to: 0)
        run(for: .milliseconds(1000))
        hand(.command(.shutDown), to: 0)
        run(for: .milliseconds(10))
    }

    private mutating func run(for duration: Duration) {
        let end = now + duration
        while let due = ([air.nextInstant] + engines.map { $0.nextDeadline?.instant }).compactMap(\.self).min(),
            due <= end
        {
            now = max(now, due)
            while let happening = air.next(until: now) { hand(happening.input, to: happening.station) }
            for station in 0...1 {
                if let deadline = engines[station].nextDeadline, deadline.instant <= now {
                    hand(.deadlineReached, to: station)
                }
            }
        }
        now = end
    }

    private mutating func hand(_ input: Input, to station: Int) {
        engines[station].handle(input, now: now)
        while let output = engines[station].nextOutput() {
            switch output {
            case .transmit(let link, let number, let mpdu):
                air.transmit(mpdu, number: number, from: station, on: link, at: now)
            case .event(let event): events.append(event)
            case .deliver: delivered += 1
            }
        }
    }
}
