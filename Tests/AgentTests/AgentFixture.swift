import ControlProtocol
import EventLoop
import HostInterface
import IEEE80211
import Logging
import RadioLinks
import SessionCore
import Testing

@testable import Agent

/// An agent with two links on fake radios, one peer, and one session wanted.
final class AgentFixture {
    let agent: Agent
    let events = FakeEvents()
    let shop = RadioShop()
    let directory: TemporaryDirectory
    let link1: LinkIdentifier
    let link2: LinkIdentifier

    /// Where radios come from: every one that was made, and what making one throws.
    final class RadioShop {
        var made: [FakeRadio] = []
        var problems: [LinkIdentifier: RadioError] = [:]
        /// Something that happens to a radio while it is made.
        var isBorn: (FakeRadio) -> Void = { _ in }

        func make(_ configuration: MonitorRadioConfiguration) throws(RadioError) -> any AgentRadio {
            if let problem = problems[configuration.identifier] { throw problem }
            let radio = FakeRadio(configuration, index: UInt32(made.count + 1))
            made.append(radio)
            isBorn(radio)
            return radio
        }
    }

    static let text = """
        mld_address = "02:52:4c:00:00:0a"
        security = "open"
        [[links]]
        id = 1
        wiphy = "phy0"
        channel = 1
        [[links]]
        id = 2
        wiphy = "phy1"
        channel = 6
        [[peers]]
        name = "b"
        mld_address = "02:52:4c:00:00:0b"
        sessions = [0]
        [[peers.links]]
        id = 1
        address = "02:52:4c:01:00:0b"
        [[peers.links]]
        id = 2
        address = "02:52:4c:02:00:0b"
        """

    init(
        problems: [LinkIdentifier: RadioError] = [:], starts: Bool = true, host: FakeHostPort? = nil,
        hostProblem: TAPError? = nil, text: String = AgentFixture.text,
        randomness: Randomness = .testing(1), log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) throws {
        directory = try TemporaryDirectory()
        var configuration = try AgentConfiguration(parsing: text, file: "a.toml")
        configuration.controlPath = directory.path + "/a.sock"
        configure(&configuration)
        if host != nil { configuration.host = TAPConfiguration() }
        link1 = configuration.links[0].identifier
        link2 = configuration.links[1].identifier
        shop.problems = problems
        let shop = shop
        agent = try Agent(
            configuration: configuration, randomness: randomness, log: log, loop: EventLoop(), radioEvents: events,
            makeHostPort: { (_, _) throws(TAPError) -> any HostPort in
                if let hostProblem { throw hostProblem }
                return host ?? FakeHostPort()
            }
        ) { configuration throws(RadioError) in
            try shop.make(configuration)
        }
        if starts { try agent.start() }
    }

    deinit { agent.finish() }

    /// Runs the agent until `condition` holds; the test's time limit ends what never comes.
    func run(until condition: () -> Bool) throws {
        let work = agent.loop.onIdle
        defer { agent.loop.onIdle = work }
        agent.loop.onIdle = { [unowned self] in
            work()
            agent.loop.stop()
        }
        while !condition() { try agent.loop.run() }
    }

    /// The radio that serves a link now.
    func radio(_ link: LinkIdentifier) -> FakeRadio? { agent.link(link)?.radio as? FakeRadio }

    /// The status of a link as users see it.
    func status(_ link: LinkIdentifier) -> StatusReport.Link? {
        agent.statusReport().links.first { $0.id == Int(link.rawValue) }
    }
}

extension Randomness {
    /// A seed for the core; secrets differ from run to run.
    static func testing(_ seed: UInt64) -> Randomness {
        var random = SystemRandomNumberGenerator()
        return Randomness(seed: seed, from: &random, isPredictable: false)
    }
}

extension Agent {
    /// Does what the core might say in a turn of its own.
    func perform(_ output: Output) {
        switch output {
        case .transmit(let link, let number, let mpdu):
            transmit(mpdu.span, number: number, on: link)
            sendFrames()
        case .deliver(let payload, let peer, _): deliver(payload.span, from: peer)
        case .event(let event): tell(event)
        }
    }
}
