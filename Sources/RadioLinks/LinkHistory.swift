import CNetlink

/// The last rtnetlink report on each interface, which filters out reports that change nothing.
struct LinkHistory {
    /// One rtnetlink report on an interface.
    struct News: Equatable {
        var index: UInt32
        var name: String
        var isRemoved = false
        var isUp: Bool
        var hasCarrier: Bool
    }

    private struct State {
        var isUp: Bool
        var hasCarrier: Bool
    }

    private var states: [UInt32: State] = [:]

    /// The event that follows from a change; `nil` without one. The first report on an interface always gives up or down.
    mutating func events(of news: News) -> [RadioEvent] {
        guard !news.isRemoved else {
            states.removeValue(forKey: news.index)
            return [.interfaceRemoved(index: news.index, name: news.name)]
        }
        let before = states.updateValue(State(isUp: news.isUp, hasCarrier: news.hasCarrier), forKey: news.index)
        if before?.isUp != news.isUp {
            return [
                news.isUp
                    ? .interfaceUp(index: news.index, name: news.name)
                    : .interfaceDown(index: news.index, name: news.name)
            ]
        }
        guard news.isUp, before?.hasCarrier == true, !news.hasCarrier else { return [] }
        return [.carrierLost(index: news.index, name: news.name)]
    }
}

extension LinkHistory.News {
    /// The report in an rtnetlink event.
    init(_ event: rl_link_event) {
        index = event.index
        name = String(cString: event.name)
        isRemoved = event.removed
        isUp = event.up
        hasCarrier = event.carrier
    }
}
