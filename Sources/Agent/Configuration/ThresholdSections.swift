import LinkSecurity
import SessionCore

/// Reads `[session]`, `[health]`, `[keys]`, `[limits]` and `[discovery]`; a key that is missing keeps the core's default.
enum ThresholdSections {
    private static let millisecond = Duration.milliseconds(1)
    private static let milliseconds = 0.1...3_600_000.0

    /// `[session]`: what this agent offers and asks for in sessions.
    static func session(_ table: TableReader) -> SessionParameters {
        var session = SessionParameters()
        table.boolean("supports_rebuild").map { session.supportsRebuild = $0 }
        table.boolean("supports_sharing").map { session.supportsSharing = $0 }
        table.choice("sharing", SharingPolicy.self).map { session.sharing = $0 }
        table.number("sharing_ratio", in: 0...1).map { session.sharingRatio = $0 }
        session.mirroredTIDs = Set(table.integers("mirror", in: 0...7).compactMap { TrafficIdentifier($0) })
        table.integer("buffer_size", in: 1...1024).map { session.bufferSize = $0 }
        table.integer("inactivity_timeout_tu", in: 0...65535).map { session.inactivityTimeout = UInt16($0) }
        table.duration("response_timeout_ms", unit: millisecond, in: milliseconds).map { session.responseTimeout = $0 }
        table.integer("tries_per_link", in: 1...100).map { session.triesPerLink = $0 }
        table.duration("receiver_delay_ms", unit: millisecond, in: milliseconds).map { session.receiverDelay = $0 }
        table.duration("initial_back_off_ms", unit: millisecond, in: milliseconds).map { session.initialBackOff = $0 }
        table.duration("maximum_back_off_ms", unit: millisecond, in: milliseconds).map { session.maximumBackOff = $0 }
        table.duration("payload_lifetime_s", unit: .seconds(1), in: 0.001...86400).map { session.payloadLifetime = $0 }
        table.duration("block_acknowledgment_delay_ms", unit: millisecond, in: milliseconds)
            .map { session.blockAcknowledgmentDelay = $0 }
        table.integer("payloads_per_acknowledgment", in: 1...1024).map { session.payloadsPerAcknowledgment = $0 }
        table.duration("retransmission_timeout_ms", unit: millisecond, in: milliseconds)
            .map { session.retransmissionTimeout = $0 }
        reportSharing(session, in: table)
        if session.maximumBackOff < session.initialBackOff {
            let key = table.has("maximum_back_off_ms") ? "maximum_back_off_ms" : "initial_back_off_ms"
            table.report(
                key, "the first wait, \(session.initialBackOff), is longer than the longest, \(session.maximumBackOff)",
                "write maximum_back_off_ms no smaller than initial_back_off_ms")
        }
        table.finish()
        return session
    }

    /// Reports sharing that is wanted and not offered.
    private static func reportSharing(_ session: SessionParameters, in table: TableReader) {
        guard !session.supportsSharing else { return }
        let remedy = "write supports_sharing = true, or leave it out"
        if session.sharing != .manual {
            table.report("sharing", "no session can be shared with supports_sharing = false", remedy)
        }
        if !session.mirroredTIDs.isEmpty {
            table.report("mirror", "sessions live on one link with supports_sharing = false", remedy)
        }
    }

    /// `[health]`: when a link is lost, and when it is back.
    static func health(_ table: TableReader) -> HealthThresholds {
        var health = HealthThresholds()
        table.duration("heartbeat_interval_ms", unit: millisecond, in: milliseconds).map {
            health.heartbeatInterval = $0
        }
        table.duration("quiet_heartbeat_interval_ms", unit: millisecond, in: 0.1...60_000).map {
            health.quietHeartbeatInterval = $0
        }
        table.duration("quiet_after_s", unit: .seconds(1), in: 0...86400).map { health.quietAfter = $0 }
        table.duration("probe_interval_ms", unit: millisecond, in: milliseconds).map { health.probeInterval = $0 }
        table.integer("failures_until_lost", in: 1...1000).map { health.failuresUntilLost = $0 }
        table.integer("frame_failures_until_lost", in: 1...1000).map { health.frameFailuresUntilLost = $0 }
        table.duration("minimum_doubt_ms", unit: millisecond, in: 0...3_600_000).map { health.minimumDoubt = $0 }
        table.duration("frame_minimum_doubt_ms", unit: millisecond, in: 0...3_600_000)
            .map { health.frameMinimumDoubt = $0 }
        table.duration("silence_timeout_ms", unit: millisecond, in: milliseconds).map { health.silenceTimeout = $0 }
        table.integer("successes_until_alive", in: 1...1000).map { health.successesUntilAlive = $0 }
        table.duration("lost_probe_interval_ms", unit: millisecond, in: milliseconds).map {
            health.lostProbeInterval = $0
        }
        table.duration("frame_acknowledgment_timeout_ms", unit: millisecond, in: milliseconds)
            .map { health.frameAcknowledgmentTimeout = $0 }
        table.duration("status_timeout_ms", unit: millisecond, in: milliseconds).map { health.statusTimeout = $0 }
        if health.silenceTimeout <= health.heartbeatInterval {
            let key = table.has("silence_timeout_ms") ? "silence_timeout_ms" : "heartbeat_interval_ms"
            table.report(
                key, "a silence of \(health.silenceTimeout) comes between heartbeats \(health.heartbeatInterval) apart",
                "write silence_timeout_ms larger than heartbeat_interval_ms; three times is usual")
        }
        table.finish()
        return health
    }

    /// `[keys]`: how long keys are used, and what handshakes may cost.
    static func keys(_ table: TableReader) -> SecurityParameters {
        var security = SecurityParameters()
        // More would pass the limit of AES-GCM.
        table.integer("rekey_packets", in: 1000...1 << 26).map { security.frames.packetsUntilRekey = UInt64($0) }
        table.duration("rekey_after_s", unit: .seconds(1), in: 10...86400).map { security.rekeyAfter = $0 }
        table.duration("old_keys_s", unit: .seconds(1), in: 1...600).map { security.oldKeysKept = $0 }
        table.integer("replay_window", in: 1024...65536).map { security.frames.replayWindow = $0 }
        table.integer("handshakes_per_second", in: 1...10000).map { security.handshakesPerSecond = $0 }
        table.integer("agreements_per_second", in: 1...1000).map { security.agreementsPerSecond = $0 }
        table.duration("cookie_life_s", unit: .seconds(1), in: 1...3600).map { security.cookieLife = $0 }
        if security.rekeyAfter <= security.oldKeysKept {
            table.report(
                table.has("old_keys_s") ? "old_keys_s" : "rekey_after_s",
                "old keys are kept for \(security.oldKeysKept), and new ones come after \(security.rekeyAfter)",
                "write old_keys_s smaller than rekey_after_s; seconds are enough")
        }
        table.finish()
        return security
    }

    /// `[limits]`: what is kept.
    static func limits(_ table: TableReader) -> Limits {
        var limits = Limits()
        table.duration("retention_s", unit: .seconds(1), in: 0.001...86400).map { limits.retention = $0 }
        table.integer("interrupted_sessions", in: 0...65536).map { limits.interruptedSessions = $0 }
        table.integer("interrupted_octets", in: 0...(1 << 30)).map { limits.interruptedOctets = $0 }
        table.integer("sessions_per_peer", in: 1...65536).map { limits.sessionsPerPeer = $0 }
        table.integer("ended_sessions", in: 0...65536).map { limits.endedSessions = $0 }
        table.integer("queued_payloads", in: 1...65536).map { limits.queuedPayloads = $0 }
        table.finish()
        return limits
    }

    /// `[discovery]`: how devices find each other. The section wants it, and so does a file without peers.
    static func discovery(_ table: TableReader?, hasPeers: Bool) -> DiscoveryParameters {
        var discovery = DiscoveryParameters()
        guard let table else {
            discovery.mode = hasPeers ? .off : .announce
            return discovery
        }
        discovery.mode = table.choice("mode", DiscoveryParameters.Mode.self) ?? .announce
        table.duration("interval_ms", unit: millisecond, in: 20...60_000).map { discovery.interval = $0 }
        table.duration("lost_after_s", unit: .seconds(1), in: 0.1...86400).map { discovery.lostAfter = $0 }
        table.integer("most_peers", in: 1...256).map { discovery.mostPeers = $0 }
        table.finish()
        return discovery
    }
}
