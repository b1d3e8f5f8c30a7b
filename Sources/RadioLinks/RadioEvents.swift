import CNetlink
import Glibc

/// Hears what the kernel tells about radios (nl80211) and interfaces (rtnetlink) of this network namespace, and about switches
/// (rfkill) of the whole machine.
public final class RadioEvents {
    /// Readable while events wait.
    public var readinessDescriptor: CInt { waiter }

    private let waiter: CInt
    private let wireless: OpaquePointer
    private let linkEvents: OpaquePointer
    /// /dev/rfkill; -1 where there is none.
    private let switches: CInt
    /// The state of each interface in its last report: rtnetlink reports every small change, again and again.
    private var links: LinkHistory = LinkHistory()

    /// Listens from now on; what happened before is not told.
    public init() throws(RadioError) {
        var wireless: OpaquePointer?
        var links: OpaquePointer?
        let waiter = epoll_create1(CInt(EPOLL_CLOEXEC))
        var result = waiter < 0 ? -errno : 0
        if result == 0 { result = rl_nl80211_events_open(&wireless) }
        if result == 0 { result = rl_link_events_open(&links) }
        if result == 0, let wireless { result = Self.wait(for: rl_nl80211_events_descriptor(wireless), in: waiter) }
        if result == 0, let links { result = Self.wait(for: rl_link_events_descriptor(links), in: waiter) }
        guard result == 0, let wireless, let links else {
            rl_nl80211_events_close(wireless)
            rl_link_events_close(links)
            if waiter >= 0 { Glibc.close(waiter) }
            if result == -ENOENT { throw .wirelessMissing }
            throw .refused(action: "listen to events of radios and interfaces", code: -result)
        }
        switches = open("/dev/rfkill", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        self.waiter = waiter
        self.wireless = wireless
        linkEvents = links
        if switches >= 0 {
            _ = Self.wait(for: switches, in: waiter)
            // The switches that there are come first.
            _ = switchesChanged()
        }
    }

    deinit {
        rl_nl80211_events_close(wireless)
        rl_link_events_close(linkEvents)
        if switches >= 0 { Glibc.close(switches) }
        Glibc.close(waiter)
    }

    /// Hands over all events that wait, those of radios first, and never waits.
    public func receive(_ handler: (RadioEvent) -> Void) {
        var events: [RadioEvent] = []
        var linkNews: [LinkHistory.News] = []
        let results = [
            withUnsafeMutablePointer(to: &events) { events in
                rl_nl80211_events_receive(
                    wireless,
                    { context, event in
                        guard let event, let told = RadioEvent(event.pointee) else { return }
                        context?.withMemoryRebound(to: [RadioEvent].self, capacity: 1) { $0.pointee.append(told) }
                    }, events)
            },
            withUnsafeMutablePointer(to: &linkNews) { news in
                rl_link_events_receive(
                    linkEvents,
                    { context, event in
                        guard let event else { return }
                        let told = LinkHistory.News(event.pointee)
                        context?.withMemoryRebound(to: [LinkHistory.News].self, capacity: 1) { $0.pointee.append(told) }
                    }, news)
            },
        ]
        for news in linkNews { events += links.events(of: news) }
        if results.contains(where: { $0 < 0 }) {
            links = LinkHistory()
            events.append(.eventsLost)
        }
        if switchesChanged() { events.append(.switchChanged) }
        for event in events { handler(event) }
    }

    /// Takes in all that rfkill tells; each `read` gives one event.
    private func switchesChanged() -> Bool {
        guard switches >= 0 else { return false }
        var changed = false
        var event = [UInt8](repeating: 0, count: 64)
        while read(switches, &event, event.count) > 0 { changed = true }
        return changed
    }

    private static func wait(for descriptor: CInt, in waiter: CInt) -> CInt {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: descriptor))
        return epoll_ctl(waiter, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno
    }
}

extension RadioEvent {
    /// What an event of nl80211 means here, if anything.
    init?(_ event: rl_nl80211_event) {
        let name = event.wiphy_name.map { String(cString: $0) }
        switch nl80211_commands(UInt32(event.command)) {
        case NL80211_CMD_NEW_WIPHY:
            guard let name else { return nil }
            self = .wiphyAdded(name: name)
        case NL80211_CMD_DEL_WIPHY:
            guard let name else { return nil }
            self = .wiphyRemoved(name: name)
        case NL80211_CMD_CH_SWITCH_NOTIFY:
            guard let frequency = UInt16(exactly: event.frequency) else { return nil }
            self = .channelChanged(index: event.interface, frequency: frequency)
        case NL80211_CMD_STOP_AP: self = .accessPointStopped(index: event.interface)
        case NL80211_CMD_DEL_STATION: self = .stationRemoved(index: event.interface)
        case NL80211_CMD_REG_CHANGE, NL80211_CMD_WIPHY_REG_CHANGE: self = .regulatoryDomainChanged
        default: return nil
        }
    }
}
