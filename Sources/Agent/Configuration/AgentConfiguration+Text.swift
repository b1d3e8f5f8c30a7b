import IEEE80211
import LinkSecurity
import RadioLinks
import SessionCore

extension AgentConfiguration {
    /// The configuration as a file that says the same, with every key that the core depends on: what a recording keeps. The
    /// control socket, the log and the host's interface are left out: nothing that the core does depends on them. So is how the
    /// peers' frames are protected: a recording has no secrets, see `ReplaySecrets`.
    public var text: String {
        var lines = ["mld_address = \"\(engine.mldAddress)\""]
        func add(_ key: String, _ value: some CustomStringConvertible) { lines.append("\(key) = \(value)") }
        func add(milliseconds key: String, _ duration: Duration) { add(key, Self.decimal(duration.nanoseconds, 6)) }
        func add(seconds key: String, _ duration: Duration) { add(key, Self.decimal(duration.nanoseconds, 9)) }

        lines.append("[session]")
        let session = engine.session
        add("supports_rebuild", session.supportsRebuild)
        add("supports_sharing", session.supportsSharing)
        add("sharing", "\"\(session.sharing.rawValue)\"")
        add("sharing_ratio", session.sharingRatio)
        add("mirror", session.mirroredTIDs.sorted())
        add("buffer_size", session.bufferSize)
        add("inactivity_timeout_tu", session.inactivityTimeout)
        add(milliseconds: "response_timeout_ms", session.responseTimeout)
        add("tries_per_link", session.triesPerLink)
        add(milliseconds: "receiver_delay_ms", session.receiverDelay)
        add(milliseconds: "initial_back_off_ms", session.initialBackOff)
        add(milliseconds: "maximum_back_off_ms", session.maximumBackOff)
        add(seconds: "payload_lifetime_s", session.payloadLifetime)
        add(milliseconds: "block_acknowledgment_delay_ms", session.blockAcknowledgmentDelay)
        add("payloads_per_acknowledgment", session.payloadsPerAcknowledgment)
        add(milliseconds: "retransmission_timeout_ms", session.retransmissionTimeout)

        lines.append("[health]")
        let health = engine.health
        add(milliseconds: "heartbeat_interval_ms", health.heartbeatInterval)
        add(milliseconds: "quiet_heartbeat_interval_ms", health.quietHeartbeatInterval)
        add(seconds: "quiet_after_s", health.quietAfter)
        add(milliseconds: "probe_interval_ms", health.probeInterval)
        add("failures_until_lost", health.failuresUntilLost)
        add("frame_failures_until_lost", health.frameFailuresUntilLost)
        add(milliseconds: "minimum_doubt_ms", health.minimumDoubt)
        add(milliseconds: "frame_minimum_doubt_ms", health.frameMinimumDoubt)
        add(milliseconds: "silence_timeout_ms", health.silenceTimeout)
        add("successes_until_alive", health.successesUntilAlive)
        add(milliseconds: "lost_probe_interval_ms", health.lostProbeInterval)
        add(milliseconds: "frame_acknowledgment_timeout_ms", health.frameAcknowledgmentTimeout)
        add(milliseconds: "status_timeout_ms", health.statusTimeout)

        lines.append("[keys]")
        let security = engine.security
        add("rekey_packets", security.frames.packetsUntilRekey)
        add(seconds: "rekey_after_s", security.rekeyAfter)
        add(seconds: "old_keys_s", security.oldKeysKept)
        add("replay_window", security.frames.replayWindow)
        add("handshakes_per_second", security.handshakesPerSecond)
        add("agreements_per_second", security.agreementsPerSecond)
        add(seconds: "cookie_life_s", security.cookieLife)

        lines.append("[limits]")
        let limits = engine.limits
        add(seconds: "retention_s", limits.retention)
        add("interrupted_sessions", limits.interruptedSessions)
        add("interrupted_octets", limits.interruptedOctets)
        add("sessions_per_peer", limits.sessionsPerPeer)
        add("ended_sessions", limits.endedSessions)
        add("queued_payloads", limits.queuedPayloads)

        lines.append("[discovery]")
        let discovery = engine.discovery
        add("mode", "\"\(discovery.mode.rawValue)\"")
        add(milliseconds: "interval_ms", discovery.interval)
        add(seconds: "lost_after_s", discovery.lostAfter)
        add("most_peers", discovery.mostPeers)
        return (lines + linkLines + peerLines).joined(separator: "\n") + "\n"
    }

    private var linkLines: [String] {
        links.flatMap { link in
            [
                "[[links]]", "id = \(link.identifier)", "wiphy = \(Self.quoted(link.wiphy))",
                "interface = \"\(link.interface)\"", "frequency = \(link.frequency)",
                "acknowledgment = \"\(link.acknowledgment.rawValue)\"", "rates = \(link.rates.text)",
            ] + (link.acknowledgment == .frame ? [] : ["anchor = \"\(link.anchor.rawValue)\""])
                + (link.address.map { ["address = \"\($0)\""] } ?? [])
        }
    }

    private var peerLines: [String] {
        engine.peers.flatMap { peer in
            var lines = ["[[peers]]", "mld_address = \"\(peer.mldAddress)\"", "sessions = \(peer.sessions)"]
            if let name = peerNames[peer.mldAddress] { lines.append("name = \(Self.quoted(name))") }
            for (link, address) in peer.links.sorted(by: { $0.key < $1.key }) {
                lines += ["[[peers.links]]", "id = \(link)", "address = \"\(address)\""]
            }
            return lines
        }
    }

    /// A number of nanoseconds in a unit of so many decimal places.
    private static func decimal(_ nanoseconds: Int64, _ places: Int) -> String {
        let digits = String(nanoseconds)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// A TOML string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension MonitorRadioConfiguration.Rates {
    /// The value in a configuration file.
    fileprivate var text: String {
        switch self {
        case .automatic: "\"auto\""
        case .lowest: "\"lowest\""
        case .ordered(let rates): "[\(rates.map { "\"\($0.text)\"" }.joined(separator: ", "))]"
        }
    }
}
