import ControlProtocol
import Glibc
import HostInterface
import IEEE80211
import RadioLinks
import SessionCore

/// What users get to see.
extension Agent {
    /// What a person calls a peer: its name and its MLD address.
    func name(of peer: MACAddress) -> String {
        configuration.peerNames[peer].map { "\($0) (\(peer))" } ?? "\(peer)"
    }

    /// An event with what the core does not know: the time of day, this device, and where acknowledgments come from.
    func report(of event: Event, at instant: MonotonicInstant) -> EventReport {
        var report = EventReport(
            event: event.kind.rawValue, monotonicNanoseconds: instant.nanoseconds,
            wallClock: WallClock.text(nanosecondsAgo: Self.now.nanoseconds - instant.nanoseconds),
            device: "\(configuration.engine.mldAddress)")
        report.peer = event.peer.map { "\($0)" }
        report.link = event.link.map { Int($0.rawValue) }
        report.session = event.session.map { "\($0.identifier)" }
        report.tid = event.session.map { Int($0.tid.rawValue) }
        report.role = event.session?.role.rawValue
        report.cause = event.cause?.name
        report.elapsedMicroseconds = event.elapsed?.microseconds
        report.frames = event.frames
        report.framesLost = event.framesLost
        report.length = event.length
        report.confirmedMicroseconds = event.confirmed?.microseconds
        report.links = event.links.isEmpty ? nil : event.links.map { Int($0.rawValue) }
        let link = links.first { $0.identifier == event.link }
        report.acknowledgment = link?.radio?.properties.acknowledgment.rawValue
        return report
    }

    /// How the agent is doing.
    func statusReport() -> StatusReport {
        let status = engine.status()
        var whole = StatusReport(
            device: "\(configuration.engine.mldAddress)", version: Release.version, kernel: Self.kernelRelease,
            processIdentifier: getpid(), uptimeSeconds: Double((Self.now - started).microseconds) / 1e6,
            links: links.map(report), interface: host.map { report(of: $0, status.counters) },
            security: configuration.security.rawValue, peers: status.peers.map(report),
            sessions: status.sessions.map(report),
            discarded: StatusReport.Discarded(status.counters))
        whole.recording = recorder?.options.path
        if configuration.engine.discovery.mode != .off {
            whole.discovery = StatusReport.Discovery(
                mode: configuration.engine.discovery.mode.rawValue,
                refused: StatusReport.RefusedAnnouncements(status.counters.announcements))
        }
        return whole
    }

    private func report(of link: ManagedLink) -> StatusReport.Link {
        var report = StatusReport.Link(
            id: Int(link.identifier.rawValue), wiphy: link.configuration.wiphy, interface: link.configuration.interface,
            frequency: Int(link.configuration.frequency), counters: StatusReport.Counters(link))
        report.address = link.configuration.address.map { "\($0)" }
        switch link.state {
        case .up(let radio):
            report.state = "up"
            report.wiphy = radio.wiphy
            report.address = "\(radio.properties.address)"
            report.frequency = Int(radio.properties.frequency)
            report.acknowledgment = radio.properties.acknowledgment.rawValue
            if radio.properties.acknowledgment == .mac {
                report.acknowledgmentsProved = radio.counters.acknowledged > 0
                report.outstanding = radio.properties.outstanding
            }
            report.way = radio.way.rawValue
        case .down(let down):
            report.cause = down.cause.rawValue
            report.problem = down.problem?.description
        }
        return report
    }

    private func report(of side: HostSide, _ engine: EngineCounters) -> StatusReport.Interface {
        var report = StatusReport.Interface(
            name: side.configuration.name, mtu: Int(side.configuration.mtu),
            addresses: side.configuration.addresses.map(\.description), carrier: side.port != nil && side.carrier)
        report.problem = side.problem?.description
        report.counters.fromHost = side.counters.fromHost
        report.counters.toHost = side.counters.toHost
        report.counters.malformed = side.counters.malformed
        report.counters.foreignSource = side.counters.foreignSource
        report.counters.noSuchPeer = side.counters.noSuchPeer
        report.counters.queueFull = UInt64(engine.refusedPayloads)
        report.counters.waitedTooLong = UInt64(engine.droppedPayloads)
        report.counters.malformedFromPeer = side.counters.malformedFromPeer
        report.counters.spoofed = side.counters.spoofed
        report.counters.misdirected = side.counters.misdirected
        report.counters.hostBusy = side.counters.hostBusy
        return report
    }

    private func report(of peer: PeerStatus) -> StatusReport.Peer {
        var report = StatusReport.Peer(
            device: "\(peer.mldAddress)", name: configuration.peerNames[peer.mldAddress],
            links: peer.links.map(report))
        report.origin = peer.origin.rawValue
        report.supports = peer.capabilities?.names
        if peer.refusedPayloads > 0 { report.refusedPayloads = peer.refusedPayloads }
        report.dormant = peer.isDormant ? true : nil
        report.security = peer.security.map { security in
            StatusReport.PeerSecurity(
                fingerprint: security.fingerprint,
                keyAgeSeconds: security.keysSince.map(Self.age),
                handshakes: security.handshakes, dataPackets: security.dataPackets,
                actionPackets: security.actionPackets, refused: StatusReport.Refused(security.refusals))
        }
        return report
    }

    private func report(of peer: PeerLinkStatus) -> StatusReport.PeerLink {
        var report = StatusReport.PeerLink(
            id: Int(peer.link.rawValue), address: "\(peer.address)", health: peer.health.rawValue,
            deliveryRatio: peer.deliveryRatio, doubts: peer.doubts, signal: peer.signal,
            busySeconds: Double(peer.busyTime.nanoseconds) / 1e9, lastSeenSeconds: peer.lastSeen.map(Self.age))
        report.unreported = peer.unreported
        report.station = link(peer.link)?.radio?.report(of: peer.address).map(StatusReport.Station.init)
        return report
    }

    private static func age(_ instant: MonotonicInstant) -> Double { Double((now - instant).microseconds) / 1e6 }

    private func report(of session: SessionStatus) -> StatusReport.Session {
        var report = StatusReport.Session(
            session: "\(session.description.identifier)", peer: "\(session.peer)",
            tid: Int(session.description.tid.rawValue), role: session.description.role.rawValue, state: session.state,
            rebuildable: session.isRebuildable, shareable: session.isShareable, rebuilds: session.rebuilds,
            resumptionPosition: session.resumptionPosition, queued: session.queued)
        report.link = session.link.map { Int($0.rawValue) }
        report.links = session.links.map { Int($0.rawValue) }
        if !session.failingLinks.isEmpty { report.failingLinks = session.failingLinks.map { Int($0.rawValue) } }
        return report
    }

    private static var kernelRelease: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension StatusReport.Counters {
    fileprivate init(_ link: ManagedLink) {
        self.init()
        let counters = link.counters
        sent = counters.sent
        acknowledged = counters.acknowledged
        notAcknowledged = counters.notAcknowledged
        noStatus = counters.noStatus
        received = counters.received
        sleeping = counters.sleeping
        malformed = counters.malformed
        backPressure = counters.backPressure
        missed = counters.dropped
        dropped = link.backlog.dropped
    }
}

extension StatusReport.Refused {
    fileprivate init(_ refusals: SecurityRefusals) {
        self.init()
        unprotected = refusals.unprotected
        notAuthentic = refusals.notAuthentic
        replayed = refusals.replayed
        unknownKey = refusals.unknownKey
        wrongLink = refusals.wrongLink
        withoutCookie = refusals.withoutCookie
        lateHandshakes = refusals.lateHandshakes
        tooManyHandshakes = refusals.tooManyHandshakes
    }
}

extension StatusReport.RefusedAnnouncements {
    fileprivate init(_ refusals: AnnouncementRefusals) {
        self.init()
        otherVersion = refusals.otherVersion
        otherLink = refusals.otherLink
        ownAddress = refusals.ownAddress
        addressTaken = refusals.addressTaken
        noKey = refusals.noKey
        tooManyPeers = refusals.tooManyPeers
        tooFast = refusals.tooFast
    }
}

extension StatusReport.Discarded {
    fileprivate init(_ counters: EngineCounters) {
        self.init()
        malformed = counters.malformed
        unknownSender = counters.unknownSender
        foreign = counters.foreign
        stale = counters.stale
        duplicatePayloads = counters.duplicatePayloads
        unexpectedPayloads = counters.unexpectedPayloads
        refusedPayloads = counters.refusedPayloads
        droppedPayloads = counters.droppedPayloads
    }
}

extension StatusReport.Station {
    fileprivate init(_ report: StationReport) {
        self.init(
            rate: report.rate, modulation: report.modulation, streams: report.streams, frames: report.frames,
            retries: report.retries, failures: report.failures, expectedThroughput: report.expectedThroughput)
    }
}
