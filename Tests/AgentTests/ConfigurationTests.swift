import HostInterface
import IEEE80211
import Logging
import RadioLinks
import SessionCore
import Testing

@testable import Agent

/// The smallest configuration that is complete; lines 1 to 12.
let minimalConfiguration = """
    mld_address = "02:52:4c:00:00:0a"
    security = "open"
    [[links]]
    id = 1
    wiphy = "phy0"
    channel = 1
    [[peers]]
    mld_address = "02:52:4c:00:00:0b"
    [[peers.links]]
    id = 1
    address = "02:52:4c:01:00:0b"

    """

/// A configuration in which every key stands.
private let everything = """
    mld_address = "02:52:4C:00:00:0A"
    security = "open"
    control = "/run/relink/a.sock"
    log_level = "debug"
    [[links]]
    id = 0
    wiphy = "phy3"
    channel = 5
    band = "6"
    address = "02:52:4c:01:00:0a"
    interface = "mon-a_0"
    acknowledgment = "frame"
    [[links]]
    id = 14
    wiphy = "phy4"
    frequency = 5180
    acknowledgment = "mac"
    anchor = "ibss"
    rates = "lowest"
    [[peers]]
    name = "b"
    mld_address = "02:52:4c:00:00:0b"
    sessions = [0, 7]
    links = [{ id = 0, address = "02:52:4c:01:00:0b" }, { id = 14, address = "02:52:4c:02:00:0b" }]
    [session]
    supports_rebuild = false
    supports_sharing = true
    sharing = "when-worse"
    sharing_ratio = 0.5
    mirror = [6, 7]
    buffer_size = 1024
    inactivity_timeout_tu = 65535
    response_timeout_ms = 2.5
    tries_per_link = 3
    initial_back_off_ms = 4
    maximum_back_off_ms = 5
    payload_lifetime_s = 17
    block_acknowledgment_delay_ms = 18
    payloads_per_acknowledgment = 22
    retransmission_timeout_ms = 19
    [health]
    heartbeat_interval_ms = 6
    probe_interval_ms = 7
    failures_until_lost = 8
    frame_failures_until_lost = 23
    frame_minimum_doubt_ms = 24
    minimum_doubt_ms = 0
    silence_timeout_ms = 9
    successes_until_alive = 10
    lost_probe_interval_ms = 11
    frame_acknowledgment_timeout_ms = 12
    status_timeout_ms = 13
    [limits]
    retention_s = 0.5
    interrupted_sessions = 14
    interrupted_octets = 15
    sessions_per_peer = 16
    ended_sessions = 20
    queued_payloads = 21
    """

@Suite("Configurations that are right")
struct GoodConfigurationTests {
    @Test("the smallest one gets the defaults")
    func smallest() throws {
        let configuration = try AgentConfiguration(parsing: minimalConfiguration, file: "a.toml")
        let link = try #require(LinkIdentifier(1))
        #expect(
            configuration
                == AgentConfiguration(
                    engine: EngineConfiguration(
                        mldAddress: MACAddress(rawValue: 0x0252_4c00_000a),
                        peers: [
                            PeerConfiguration(
                                mldAddress: MACAddress(rawValue: 0x0252_4c00_000b),
                                links: [link: MACAddress(rawValue: 0x0252_4c01_000b)], sessions: [])
                        ]),
                    links: [
                        MonitorRadioConfiguration(
                            identifier: link, wiphy: "phy0", interface: "relink1", frequency: 2412)
                    ],
                    security: .open, peerNames: [:], controlPath: "/run/relink/relink.sock", logLevel: .info))
    }

    @Test("every key is heard")
    func everyKey() throws {
        let configuration = try AgentConfiguration(
            parsing: everything, file: "a.toml")
        #expect(configuration.controlPath == "/run/relink/a.sock")
        #expect(configuration.logLevel == .debug)
        #expect(configuration.peerNames == [MACAddress(rawValue: 0x0252_4c00_000b): "b"])
        #expect(configuration.links.map(\.frequency) == [5975, 5180])
        #expect(configuration.links.map(\.interface) == ["mon-a_0", "relink14"])
        #expect(configuration.links.map(\.acknowledgment) == [.frame, .mac])
        #expect(configuration.links.map(\.anchor) == [.automatic, .ibss])
        #expect(configuration.links.map(\.rates) == [.automatic, .lowest])
        #expect(configuration.links.map(\.address) == [MACAddress(rawValue: 0x0252_4c01_000a), nil])
        #expect(configuration.engine.peers.map { $0.sessions.map(\.rawValue) } == [[0, 7]])
        #expect(configuration.engine.peers.map(\.links.count) == [2])

        var session = SessionParameters()
        session.supportsRebuild = false
        session.sharing = .whenWorse
        session.sharingRatio = 0.5
        session.mirroredTIDs = Set([6, 7].compactMap { TrafficIdentifier($0) })
        session.bufferSize = 1024
        session.inactivityTimeout = 65535
        session.responseTimeout = .microseconds(2500)
        session.triesPerLink = 3
        session.initialBackOff = .milliseconds(4)
        session.maximumBackOff = .milliseconds(5)
        session.payloadLifetime = .seconds(17)
        session.blockAcknowledgmentDelay = .milliseconds(18)
        session.payloadsPerAcknowledgment = 22
        session.retransmissionTimeout = .milliseconds(19)
        #expect(configuration.engine.session == session)

        var health = HealthThresholds()
        health.heartbeatInterval = .milliseconds(6)
        health.probeInterval = .milliseconds(7)
        health.failuresUntilLost = 8
        health.frameFailuresUntilLost = 23
        health.frameMinimumDoubt = .milliseconds(24)
        health.minimumDoubt = .zero
        health.silenceTimeout = .milliseconds(9)
        health.successesUntilAlive = 10
        health.lostProbeInterval = .milliseconds(11)
        health.frameAcknowledgmentTimeout = .milliseconds(12)
        health.statusTimeout = .milliseconds(13)
        #expect(configuration.engine.health == health)

        var limits = Limits()
        limits.retention = .milliseconds(500)
        limits.interruptedSessions = 14
        limits.interruptedOctets = 15
        limits.sessionsPerPeer = 16
        limits.endedSessions = 20
        limits.queuedPayloads = 21
        #expect(configuration.engine.limits == limits)
    }

    @Test(
        "channels and their frequencies",
        arguments: [
            (#"channel = 14"#, 2484), (#"channel = 13"#, 2472), (#"channel = 36"#, 5180), (#"channel = 177"#, 5885),
            ("channel = 2\nband = \"6\"", 5935), ("channel = 233\nband = \"6\"", 7115), ("frequency = 5955", 5955),
        ] as [(String, UInt16)])
    func channels(text: String, frequency: UInt16) throws {
        let text = minimalConfiguration.replacing("channel = 1", with: text)
        #expect(try AgentConfiguration(parsing: text, file: "a.toml").links.map(\.frequency) == [frequency])
    }
}

@Suite("Configurations that are wrong")
struct BadConfigurationTests {
    /// A change to the smallest configuration, and what the user reads then.
    struct Case: Sendable, CustomTestStringConvertible {
        var find: String
        var replacement: String
        var message: String
        var testDescription: String { message }

        init(_ find: String, _ replacement: String, _ message: String) {
            self.find = find
            self.replacement = replacement
            self.message = message
        }
    }

    @Test(
        "each error says where, what and what to write instead",
        arguments: [
            Case(
                "channel = 1\n", "channel = \n",
                "a.toml:6: Error while parsing key-value pair: expected value, saw '\\n'; correct the TOML"),
            Case("[[links]]", "[?]", "a.toml:3: a table without a name; write [session], [[links]] or the like"),
            Case("[[links]]", "  [\n", "a.toml:3: a table without a name; write [session], [[links]] or the like"),
            Case("[[links]]", "[[[links]]", "a.toml:3: a table without a name; write [session], [[links]] or the like"),
            Case("[[links]]", "a = [ # [\n}", "a.toml:4: a } where a value is to be; write the value, or close with ]"),
            Case("[[links]]", "[[ é]]", "a.toml:3: a table without a name; write [session], [[links]] or the like"),
            Case(
                "mld_address = \"02:52:4c:00:00:0a\"\n", "",
                "a.toml:1: mld_address: is missing; write mld_address = \"02:52:4c:00:00:0a\", different on every device"
            ),
            Case(
                "4c:00:00:0a", "4c:00:00",
                "a.toml:1: mld_address: \"02:52:4c:00:00\" is no MAC address; write six pairs of hexadecimal digits, such as \"02:52:4c:00:00:0a\""
            ),
            Case(
                "02:52:4c:00:00:0a", "03:52:4c:00:00:0a",
                "a.toml:1: mld_address: 03:52:4c:00:00:0a is a group address; write an individual address: the second digit is 0, 2, 4, 6, 8, a, c or e, as in \"02:52:4c:00:00:0a\""
            ),
            Case(
                "\"02:52:4c:00:00:0a\"", "7", "a.toml:1: mld_address: this is not a string; write mld_address = \"…\""),
            Case(
                "wiphy", "wihpy",
                "a.toml:3: links.wiphy: is missing; write wiphy = \"phy0\", or the radio's address; \"relink links\" lists the radios\na.toml:5: links.wihpy: is not a key here; did you mean \"wiphy\"?"
            ),
            Case(
                "channel = 1\n", "channel = 1\nregulatory = 1\n",
                "a.toml:7: links.regulatory: is not a key here; the keys here are id, wiphy, channel, band, frequency, address, interface, acknowledgment, anchor, rates"
            ),
            Case(
                "channel = 1\n", "channel = 15\n",
                "a.toml:6: links.channel: there is no 20 MHz channel 15 at 5 GHz; write one of 32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 96, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144, 149, 153, 157, 161, 165, 169, 173, 177; for 6 GHz add band = \"6\""
            ),
            Case(
                "channel = 1\n", "channel = 1\nfrequency = 2412\n",
                "a.toml:7: links.frequency: channel says it already; write one of the two"),
            Case(
                "channel = 1\n", "frequency = 2413\n",
                "a.toml:6: links.frequency: no 20 MHz channel is at 2413 MHz; write the centre of a channel, such as 2412, 5180 or 5955"
            ),
            Case(
                "channel = 1\n", "",
                "a.toml:3: links.channel: is missing; write channel = 1, or frequency = 2412 in MHz"),
            Case(
                "channel = 1\n", "channel = 1\nband = \"60\"\n",
                "a.toml:7: links.band: \"60\" is not known here; write \"2.4\", \"5\", \"6\""),
            Case(
                "channel = 1\n", "channel = 1\nacknowledgment = \"none\"\n",
                "a.toml:7: links.acknowledgment: \"none\" is not known here; write \"auto\", \"mac\", \"frame\""),
            Case(
                "channel = 1\n", "channel = 1\nacknowledgment = \"frame\"\nanchor = \"ap\"\n",
                "a.toml:8: links.anchor: acknowledgment = \"frame\" needs none; leave it out, or write acknowledgment = \"auto\""
            ),
            Case(
                "channel = 1\n", "channel = 1\ninterface = \"a/b\"\n",
                "a.toml:7: links.interface: \"a/b\" can't be the name of an interface; write 1 to 15 letters, digits, \"-\" or \"_\""
            ),
            Case(
                "id = 1\nwiphy", "id = 15\nwiphy", "a.toml:4: links.id: 15 is out of range; write a number from 0 to 14"
            ),
            Case(
                "[[peers]]", "[[links]]\nid = 1\nwiphy = \"phy1\"\nchannel = 6\ninterface = \"x\"\n[[peers]]",
                "a.toml:8: links.id: another link has the ID 1; give every link an ID of its own"),
            Case(
                "[[peers]]", "[[links]]\nid = 2\nwiphy = \"phy0\"\nchannel = 6\n[[peers]]",
                "a.toml:9: links.wiphy: link 1 uses phy0 already; use another radio: one radio serves one link, because it is on one channel at a time"
            ),
            Case(
                "[[peers]]", "[[links]]\nid = 2\nwiphy = \"phy1\"\nchannel = 6\ninterface = \"relink1\"\n[[peers]]",
                "a.toml:11: links.interface: link 1 uses the name relink1 already; give every interface a name of its own"
            ),
            Case(
                "4c:00:00:0b", "4c:00:00:0a",
                "a.toml:8: peers.mld_address: 02:52:4c:00:00:0a is this device's own MLD address; write the one of the peer's configuration"
            ),
            Case(
                "id = 1\naddress", "id = 2\naddress",
                "a.toml:10: peers.links.id: this device has no link 2; write one of 1, or add [[links]] with id = 2"),
            Case(
                "id = 1\naddress", "address",
                "a.toml:9: peers.links.id: is missing; write the ID of the link that both devices have"),
            Case(
                "[[peers.links]]\nid = 1\naddress = \"02:52:4c:01:00:0b\"\n", "",
                "a.toml:7: peers.links: the peer has no links; add [[peers.links]] with id and address, or [discovery], so that they are found"
            ),
            Case(
                "[[peers.links]]", "[[peers.links]]\nid = 1\naddress = \"02:52:4c:01:00:0c\"\n[[peers.links]]",
                "a.toml:13: peers.links.id: the peer has a link 1 already; give every link of a peer an ID of its own"),
            Case(
                "[[peers.links]]", "sessions = [0, 8, 0]\n[[peers.links]]",
                "a.toml:9: peers.sessions: 8 is not possible; write numbers from 0 to 7\na.toml:9: peers.sessions: 0 stands here twice; write each number once"
            ),
            Case(
                "mld_address = \"02:52:4c:00:00:0a\"\n", "mld_address = \"02:52:4c:00:00:0a\"\nlog_level = \"loud\"\n",
                "a.toml:2: log_level: \"loud\" is not known here; write \"trace\", \"debug\", \"info\", \"notice\", \"warning\", \"error\", \"critical\""
            ),
        ])
    func wrong(_ example: Case) {
        let text = minimalConfiguration.replacing(example.find, with: example.replacement, maxReplacements: 1)
        #expect(text != minimalConfiguration)
        #expect(message(for: text) == example.message)
    }

    @Test(
        "thresholds out of range",
        arguments: [
            (
                "[session]\nbuffer_size = 0",
                "a.toml:13: session.buffer_size: 0 is out of range; write a number from 1 to 1024"
            ),
            (
                "[session]\nbuffer = 9",
                "a.toml:13: session.buffer: is not a key here; the keys here are supports_rebuild, supports_sharing, sharing, sharing_ratio, mirror, buffer_size, inactivity_timeout_tu, response_timeout_ms, tries_per_link, receiver_delay_ms, initial_back_off_ms, maximum_back_off_ms, payload_lifetime_s, block_acknowledgment_delay_ms, payloads_per_acknowledgment, retransmission_timeout_ms"
            ),
            (
                "[session]\nsupports_rebuild = 1",
                "a.toml:13: session.supports_rebuild: this is not true or false; write supports_rebuild = true or supports_rebuild = false"
            ),
            (
                "[session]\nsharing = \"never\"",
                "a.toml:13: session.sharing: \"never\" is not known here; write \"manual\", \"when-worse\", \"always\""
            ),
            (
                "[session]\nsharing_ratio = 75",
                "a.toml:13: session.sharing_ratio: 75.0 is out of range; write a number from 0.0 to 1.0"
            ),
            (
                "[session]\nmirror = [6, 8, 6]",
                "a.toml:13: session.mirror: 8 is not possible; write numbers from 0 to 7\na.toml:13: session.mirror: 6 stands here twice; write each number once"
            ),
            (
                "[session]\npayloads_per_acknowledgment = 0",
                "a.toml:13: session.payloads_per_acknowledgment: 0 is out of range; write a number from 1 to 1024"
            ),
            (
                "[session]\nsupports_sharing = false\nsharing = \"always\"\nmirror = [6]",
                "a.toml:14: session.sharing: no session can be shared with supports_sharing = false; write supports_sharing = true, or leave it out\na.toml:15: session.mirror: sessions live on one link with supports_sharing = false; write supports_sharing = true, or leave it out"
            ),
            (
                "[session]\n\ninitial_back_off_ms = 2000",
                "a.toml:14: session.initial_back_off_ms: the first wait, 2.0 seconds, is longer than the longest, 1.0 seconds; write maximum_back_off_ms no smaller than initial_back_off_ms"
            ),
            (
                "[health]\nsilence_timeout_ms = 100",
                "a.toml:13: health.silence_timeout_ms: a silence of 0.1 seconds comes between heartbeats 0.1 seconds apart; write silence_timeout_ms larger than heartbeat_interval_ms; three times is usual"
            ),
            (
                "[health]\nprobe_interval_ms = \"4\"",
                "a.toml:13: health.probe_interval_ms: this is not a number; write a number, such as probe_interval_ms = 20"
            ),
            (
                "[limits]\nretention_s = -1",
                "a.toml:13: limits.retention_s: -1.0 is out of range; write a number from 0.001 to 86400.0"
            ),
            (
                "[discovery]\nmode = \"loud\"",
                "a.toml:13: discovery.mode: \"loud\" is not known here; write \"announce\", \"listen\", \"off\""
            ),
            (
                "[discovery]\ninterval_ms = 1\nmost_peers = 0",
                "a.toml:13: discovery.interval_ms: 1.0 is out of range; write a number from 20.0 to 60000.0\na.toml:14: discovery.most_peers: 0 is out of range; write a number from 1 to 256"
            ),
            (
                "[discovery]\nlost_after = 1",
                "a.toml:13: discovery.lost_after: is not a key here; did you mean \"lost_after_s\"?"
            ),
            ("[helth]", "a.toml:12: helth: is not a key here; did you mean \"health\"?"),
            ("[[session]]", "a.toml:12: session: this is not a table; write [session]"),
        ])
    func thresholds(text: String, expected: String) {
        #expect(message(for: minimalConfiguration + text + "\n") == expected)
    }

    @Test("devices find each other where a file has no peers, or wants it; peers need no links then")
    func discovery() throws {
        let withPeers = try AgentConfiguration(parsing: minimalConfiguration, file: "a.toml")
        #expect(withPeers.engine.discovery.mode == .off)
        let head = String(minimalConfiguration.prefix(upTo: try #require(minimalConfiguration.firstRange(of: "[[peers]]")).lowerBound))
        let without = try AgentConfiguration(parsing: head, file: "a.toml")
        #expect(without.engine.discovery.mode == .announce && without.engine.peers.isEmpty)
        let wanted = try AgentConfiguration(
            parsing: head + """
                [discovery]
                interval_ms = 250
                lost_after_s = 2.5
                most_peers = 3
                [[peers]]
                mld_address = "02:52:4c:00:00:0b"
                """, file: "a.toml")
        var parameters = DiscoveryParameters()
        parameters.mode = .announce
        parameters.interval = .milliseconds(250)
        parameters.lostAfter = .milliseconds(2500)
        parameters.mostPeers = 3
        #expect(wanted.engine.discovery == parameters)
        #expect(wanted.engine.peers.map(\.links) == [[:]])
        #expect(
            message(for: head + "[discovery]\nmode = \"off\"\n")
                == "a.toml:1: peers: there are no peers, and none are discovered; add [[peers]] with mld_address, and [[peers.links]] for each of its links, or leave [discovery] out"
        )
    }

    @Test("an empty file lacks everything that must be there")
    func empty() {
        #expect(
            message(for: "") == """
                a.toml:1: mld_address: is missing; write mld_address = "02:52:4c:00:00:0a", different on every device
                a.toml:1: links: there are no links; add [[links]] with id, wiphy and channel for each radio
                a.toml:1: key_file: there is no key, so that whoever is in range could read, end and feed the sessions; \
                "relink key generate /etc/relink.key" makes one: copy it to the peers and write key_file = "/etc/relink.key" \
                at the top; or, for experiments, security = "open"
                """)
    }

    @Test("a file that can't be read is named with the reason")
    func missingFile() {
        #expect(throws: ConfigurationError.self) { try AgentConfiguration.load(path: "/nonexistent/a.toml") }
        do {
            _ = try AgentConfiguration.load(path: "/nonexistent/a.toml")
        } catch {
            #expect(
                error.description
                    == "/nonexistent/a.toml: can't be read: No such file or directory; name a file that you may read")
        }
    }

    private func message(for text: String) -> String? {
        do {
            _ = try AgentConfiguration(parsing: text, file: "a.toml")
            return nil
        } catch {
            return error.description
        }
    }
}
