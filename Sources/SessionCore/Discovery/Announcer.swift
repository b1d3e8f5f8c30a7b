import IEEE80211

/// When this device announces itself on each of its links.
struct Announcer {
    /// By link ID; `nil` where it does not.
    private var next = [MonotonicInstant?](repeating: nil, count: 15)
    private var last = [MonotonicInstant?](repeating: nil, count: 15)

    /// The earliest of all; `nil` when there is nothing to announce.
    private(set) var nextDeadline: MonotonicInstant?

    func isDue(_ link: LinkIdentifier, at now: MonotonicInstant) -> Bool {
        next[Int(link.rawValue)].map { $0 <= now } ?? false
    }

    mutating func announced(on link: LinkIdentifier, at now: MonotonicInstant, next instant: MonotonicInstant) {
        last[Int(link.rawValue)] = now
        set(link, instant)
    }

    mutating func set(_ link: LinkIdentifier, _ instant: MonotonicInstant?) {
        next[Int(link.rawValue)] = instant
        nextDeadline = next.lazy.compactMap(\.self).min()
    }

    /// Brings the next one forward, but keeps it `spacing` away from the last one.
    mutating func hasten(_ link: LinkIdentifier, to instant: MonotonicInstant, spacing: Duration) {
        guard let next = next[Int(link.rawValue)] else { return }
        let earliest = last[Int(link.rawValue)].map { max(instant, $0 + spacing) } ?? instant
        if earliest < next { set(link, earliest) }
    }
}

extension Port {
    /// A link came up: announce this device there soon, but not in step with others that came up at the same moment.
    mutating func beginAnnouncing(on link: LinkIdentifier) {
        guard configuration.discovery.mode == .announce else { return }
        announcer.set(link, now + randomDuration(upTo: configuration.discovery.interval / 10))
    }

    /// Somebody came who may not know this device yet. However many come, announcements stay a tenth of the interval apart.
    mutating func announceSoon(on link: LinkIdentifier) {
        let interval = configuration.discovery.interval
        guard configuration.discovery.mode == .announce else { return }
        announcer.hasten(link, to: now + randomDuration(upTo: interval / 20), spacing: interval / 10)
    }

    /// Sends the announcements that are due.
    mutating func announceWhereDue() {
        guard let deadline = announcer.nextDeadline, deadline <= now else { return }
        let interval = configuration.discovery.interval
        for number in 0...14 {
            guard let link = LinkIdentifier(number), announcer.isDue(link, at: now) else { continue }
            announce(on: link, to: .broadcast, interval: interval)
            announcer.announced(on: link, at: now, next: now + random.jittered(interval))
        }
    }

    /// Announces this device on a link, to everybody or to one radio. Nobody acknowledges it.
    ///
    /// - Parameter interval: when the next one follows; zero promises none.
    mutating func announce(on link: LinkIdentifier, to receiver: MACAddress, interval: Duration = .zero) {
        guard let radio = radios[link] else { return }
        var capabilities = Announcement.Capabilities(configuration.session.indicators)
        if radio.acknowledgment == .mac { capabilities.insert(.radioAcknowledges) }
        if case .holders = configuration.discovery.admission { capabilities.insert(.protection) }
        let announcement = Announcement(
            mldAddress: configuration.mldAddress, link: link, capabilities: capabilities, interval: interval.timeUnits)
        let frame = ActionFrame(
            receiver: receiver, transmitter: radio.address, bssid: .broadcast,
            action: .vendorSpecific(PeerAction.announcement(announcement).action))
        let number = log.nextNumber
        log.append(nil)
        emit(.transmit(link: link, number: number, mpdu: frame.serialized()))
    }

    private mutating func randomDuration(upTo most: Duration) -> Duration {
        .nanoseconds(Int64.random(in: 0...max(0, most.nanoseconds), using: &random))
    }
}
