import IEEE80211
import Recording
import SessionCore

// What the events of recordings tell: how links and sessions were, and the losses.

extension ReportBuilder {
    mutating func addBands(of source: Int) {
        let device = source
        guard device < 2 else { return }
        let peer = sources[1 - device, default: nil]?.configuration.mldAddress
        var open: [String: (band: ReportModel.Band, since: Int64)] = [:]
        func close(_ key: String, at instant: Int64) {
            guard case (var band, let since)? = open.removeValue(forKey: key) else { return }
            band.from = model.milliseconds(since)
            band.to = model.milliseconds(instant)
            model.bands.append(band)
        }
        for (instant, event) in sources[source].events {
            if let peer, let other = event.peer, other != peer { continue }
            model.told.append(
                ReportModel.Told(time: model.milliseconds(instant), device: device, text: event.text))
            if let state = Self.linkState(event.kind), let link = event.link,
                let lane = model.lanes.firstIndex(where: { $0.link == Int(link.rawValue) })
            {
                let key = "link \(lane)"
                close(key, at: instant)
                let text = event.cause.map { "\(state): \($0)" } ?? state
                let band = ReportModel.Band(device: device, lane: lane, state: state, from: 0, to: 0, text: text)
                open[key] = (band, instant)
            }
            if let state = Self.sessionState(event), let session = event.session {
                let key = "session \(session)"
                let instant = instant - event.liveBefore
                close(key, at: instant)
                guard state != "ended" else { continue }
                let text = "session \(session): " + event.text
                let band = ReportModel.Band(device: device, lane: nil, state: state, from: 0, to: 0, text: text)
                open[key] = (band, instant)
            }
        }
        for key in open.keys.sorted() { close(key, at: model.end) }
    }

    private static func linkState(_ kind: String) -> String? {
        switch kind {
        case "linkUp": "unknown"
        case "linkDown": "down"
        case "linkAlive": "alive"
        case "linkSuspect": "suspect"
        case "linkLost": "lost"
        default: nil
        }
    }

    private static func sessionState(_ event: RecordedEvent) -> String? {
        let links = event.links.isEmpty ? event.link.map { "\($0)" } : "\(event.links)"
        return switch event.kind {
        case "sessionRequested": "requesting"
        case "established", "establishedAnew", "rebuilt", "shared", "sharedLinkLost":
            "live" + (links.map { " on link \($0)" } ?? "")
        case "interrupted": "interrupted"
        case "rebuildRequested": "rebuilding"
        case "ended": "ended"
        default: nil
        }
    }

    // MARK: Failovers

    mutating func addFailoversOfEvents() {
        for device in sources.indices.prefix(2) {
            var lost: [SessionIdentifier: (instant: Int64, link: LinkIdentifier?)] = [:]
            var requested: [SessionIdentifier: Int64] = [:]
            for (instant, event) in sources[device].events {
                guard let session = event.session else { continue }
                switch event.kind {
                case "interrupted":
                    lost[session] = (instant, event.link)
                    requested[session] = nil
                case "rebuildRequested": requested[session] = requested[session] ?? instant
                case "rebuilt":
                    guard let loss = lost.removeValue(forKey: session) else { continue }
                    // Both ends tell of it: the initiator's story, where it is there.
                    if event.role == "receiver", sources.count > 1 { continue }
                    addFailover(
                        session, device, loss, requested: requested[session] ?? instant,
                        (instant - event.liveBefore, event.link))
                default: break
                }
            }
        }
        model.failovers.sort { $0.requested < $1.requested }
    }

    private mutating func addFailover(
        _ session: SessionIdentifier, _ device: Int, _ loss: (instant: Int64, link: LinkIdentifier?), requested: Int64,
        _ rebuilt: (instant: Int64, link: LinkIdentifier?)
    ) {
        func lane(_ link: LinkIdentifier?) -> Int? {
            link.flatMap { link in model.lanes.firstIndex { $0.link == Int(link.rawValue) } }
        }
        let lostLane = lane(loss.link)
        let lastGood = model.frames.last { $0.sent < loss.instant && $0.lane == lostLane && $0.fate == .arrived }
        model.failovers.append(
            measured(
                ReportModel.Failover(
                    session: "\(session)", device: device, lostLane: lostLane, newLane: lane(rebuilt.link),
                    lastGood: lastGood.map { model.milliseconds($0.received ?? $0.sent) },
                    declared: model.milliseconds(loss.instant), requested: model.milliseconds(requested),
                    acknowledged: model.milliseconds(rebuilt.instant)),
                from: requested, sender: device))
    }

    /// Adds what the frames tell: the first payload on the new link, and when what had been sent before was acknowledged.
    func measured(_ failover: ReportModel.Failover, from instant: Int64, sender: Int) -> ReportModel.Failover {
        var failover = failover
        var highest: UInt32?
        for index in model.frames.indices {
            guard let session = meanings[index].session, "\(session)" == failover.session else { continue }
            let frame = model.frames[index]
            if frame.sent < instant {
                if let sequence = meanings[index].sequence { highest = max(highest ?? sequence, sequence) }
                continue
            }
            if failover.firstNew == nil, frame.kind == .payload, frame.lane == failover.newLane, frame.sender == sender
            {
                failover.firstNew = model.milliseconds(frame.sent)
            }
            guard failover.drained == nil, let highest, let acknowledged = meanings[index].acknowledged else {
                continue
            }
            if acknowledged > highest { failover.drained = model.milliseconds(frame.received ?? frame.sent) }
        }
        return failover
    }

    // MARK: Windows

    mutating func addSeries() {
        var sent: [String: [(Int64, Double)]] = [:]
        var acknowledged: [String: [(Int64, Double)]] = [:]
        var base: [String: UInt32] = [:]
        for index in model.frames.indices {
            let frame = model.frames[index]
            guard let session = meanings[index].session else { continue }
            if let sequence = meanings[index].sequence {
                let key = "\(session) \(frame.sender)"
                let first = base[key] ?? sequence
                base[key] = first
                Self.raise(&sent[key, default: []], frame.sent, Double(sequence) + 1 - Double(first))
            }
            if let start = meanings[index].acknowledged {
                let key = "\(session) \(1 - frame.sender)"
                guard let first = base[key] else { continue }
                Self.raise(&acknowledged[key, default: []], frame.received ?? frame.sent, Double(start) - Double(first))
            }
        }
        let groups = sent.keys.sorted { ((sent[$1]?.count ?? 0), $0) < ((sent[$0]?.count ?? 0), $1) }.prefix(4)
        for group in groups {
            model.series.append(ReportModel.Series(name: "sent", group: group, points: sent[group] ?? []))
            model.series.append(
                ReportModel.Series(name: "acknowledged", group: group, points: acknowledged[group] ?? []))
        }
        for (device, source) in sources.enumerated().prefix(2) where !source.deliveries.isEmpty {
            // One session carries nearly all: which one a payload came from, the core does not tell.
            guard let group = groups.first(where: { $0.hasSuffix(" \(1 - device)") }) else { continue }
            let points = source.deliveries.enumerated().map { ($1.instant, Double($0 + 1)) }
            model.series.append(ReportModel.Series(name: "delivered", group: group, points: points))
        }
    }

    private static func raise(_ points: inout [(Int64, Double)], _ instant: Int64, _ value: Double) {
        if let last = points.last, last.1 >= value { return }
        points.append((instant, value))
    }
}

extension [ReportBuilder.Source] {
    fileprivate subscript(index: Int, default none: Element?) -> Element? {
        indices.contains(index) ? self[index] : none
    }
}
