import CNetlink

/// What rtnetlink told last of each interface: of all that it tells, this takes what is new.
struct LinkHistory {
    /// What rtnetlink tells of an interface.
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

    /// What it means, if anything changed. Of an interface that was not told of before, it is always told whether it is up.
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
    /// What an event of rtnetlink says.
    init(_ event: rl_link_event) {
        index = event.index
        name = String(cString: event.name)
        isRemoved = event.removed
        isUp = event.up
        hasCarrier = event.carrier
    }
}
