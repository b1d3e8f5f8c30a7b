import RadioLinks
import SessionCore

/// One configured link of this device: the radio while there is one, why there is none otherwise, and when to try again.
final class ManagedLink {
    /// What the link is.
    enum State {
        /// The radio is in use.
        case up(any AgentRadio)
        /// The radio can't be used. What is left of it stays as long as its interface may come back.
        case down(Down)
    }

    /// Why a link is down.
    struct Down {
        var cause: LinkDownCause
        /// What went wrong when the radio was last tried.
        var problem: RadioError?
        /// The radio whose interface is still there.
        var remains: (any AgentRadio)?
        /// Whether rfkill set that interface down: then the agent sets it up again, for nobody else does.
        var wasSwitchedOff = false
    }

    /// What an event of the kernel means for the link.
    enum Reaction: Equatable {
        /// Nothing.
        case none
        /// The radio can't be used any more; `keepsRadio` says that its interface is still there and may come back.
        case lost(LinkDownCause, keepsRadio: Bool)
        /// Something changed that may keep the radio from being used: look at it.
        case check
        /// What kept the link down may be over: try again.
        case retry
    }

    let identifier: LinkIdentifier
    private(set) var configuration: MonitorRadioConfiguration
    // Every frame comes by these two; see `HostSide`.
    @exclusivity(unchecked) private(set) var state: State = .down(Down(cause: .radioFailed))
    @exclusivity(unchecked) var backlog = SendBacklog()
    /// When to make the radio again.
    private(set) var retryInstant: MonotonicInstant?
    /// When to look whether the radio is still as it was made.
    private(set) var checkInstant: MonotonicInstant?
    private var retryDelay = ManagedLink.shortestRetryDelay
    private var upSince: MonotonicInstant?
    private var earlierCounters = RadioCounters()

    /// How long after an event that promises success the radio is made again: sessions are rebuilt elsewhere first, and the
    /// kernel has told all that belongs together.
    static let shortestRetryDelay = Duration.milliseconds(300)
    /// The longest wait for a radio that fails whenever it has just been made.
    static let longestRetryDelay = Duration.seconds(30)

    init(_ configuration: MonitorRadioConfiguration) {
        identifier = configuration.identifier
        self.configuration = configuration
    }

    /// The radio, while it is in use.
    var radio: (any AgentRadio)? {
        if case .up(let radio) = state { radio } else { nil }
    }

    /// What happened on all radios that served this link since the agent started.
    var counters: RadioCounters {
        switch state {
        case .up(let radio): earlierCounters + radio.counters
        case .down(let down): earlierCounters + (down.remains?.counters ?? RadioCounters())
        }
    }

    // MARK: Making and losing the radio

    /// Brings the radio whose interface is still there back in order, or makes it anew.
    /// - Throws: why there is none.
    func open(_ make: RadioMaker, now: MonotonicInstant) throws(RadioError) -> any AgentRadio {
        retryInstant = nil
        do throws(RadioError) {
            let radio = if let restored = try restored() { restored } else { try make(configuration) }
            state = .up(radio)
            upSince = now
            // A radio that is pulled out and put in again has another name then.
            configuration.permanentAddress = radio.permanentAddress ?? configuration.permanentAddress
            return radio
        } catch {
            if case .down(var down) = state {
                down.problem = error
                state = .down(down)
            }
            throw error
        }
    }

    private func restored() throws(RadioError) -> (any AgentRadio)? {
        guard case .down(let down) = state, let remains = down.remains else { return nil }
        do throws(RadioError) {
            try remains.restore(settingUp: down.wasSwitchedOff)
            return remains
        } catch .interfaceDown(let interface) {
            // It was set down again meanwhile: somebody's will.
            throw .interfaceDown(interface: interface)
        } catch .radioBlocked(let wiphy) {
            throw .radioBlocked(wiphy: wiphy)
        } catch {
            state = .down(Down(cause: error.linkDownCause, problem: error))
            retire(remains)
            return nil
        }
    }

    /// Notes that the radio can't be used any more.
    func lose(_ cause: LinkDownCause, problem: RadioError? = nil, keepsRadio: Bool) {
        guard let radio else { return }
        if !keepsRadio { retire(radio) }
        let wasSwitchedOff = cause == .interfaceDown && radio.isSwitchedOff
        state = .down(
            Down(
                cause: cause, problem: problem, remains: keepsRadio ? radio : nil, wasSwitchedOff: wasSwitchedOff))
        backlog.dropAll()
        checkInstant = nil
    }

    /// Lets the radio be looked at soon: a peer can't be reached on it, and the kernel does not tell of everything that may be
    /// the cause.
    func checkSoon(now: MonotonicInstant) {
        guard radio != nil else { return }
        checkInstant = checkInstant ?? now + Self.shortestRetryDelay
    }

    /// Looks at the radio.
    /// - Throws: what is wrong with it.
    func check() throws(RadioError) {
        checkInstant = nil
        try radio?.check()
    }

    /// Removes the radio, or what is left of it.
    func close() {
        switch state {
        case .up(let radio): retire(radio)
        case .down(let down): if let remains = down.remains { retire(remains) }
        }
        backlog.dropAll()
        state = .down(Down(cause: .radioFailed))
    }

    private func retire(_ radio: any AgentRadio) {
        // What its capture missed it can't tell any more afterwards.
        earlierCounters = earlierCounters + radio.counters
        radio.close()
    }

    /// Lets the radio be made again: an event promises success.
    func retrySoon(now: MonotonicInstant) {
        let soon = now + Self.shortestRetryDelay
        retryInstant = min(retryInstant ?? soon, soon)
    }

    /// Lets the radio be made again though nothing promises success; longer and longer after it failed soon after it was made.
    func retryLater(now: MonotonicInstant) {
        guard retryInstant == nil else { return }
        let failedSoon = upSince.map { now - $0 < Self.longestRetryDelay } ?? false
        retryInstant = now + retryDelay
        retryDelay = failedSoon ? min(retryDelay * 2, Self.longestRetryDelay) : Self.shortestRetryDelay
    }

    // MARK: What the kernel tells

    /// What `event` means for this link.
    func reaction(to event: RadioEvent) -> Reaction {
        switch state {
        case .up(let radio): reaction(to: event, of: radio)
        case .down(let down): isReason(event, toRetry: down) ? .retry : .none
        }
    }

    private func reaction(to event: RadioEvent, of radio: any AgentRadio) -> Reaction {
        if let index = event.interfaceIndex, !radio.owns(index) { return .none }
        return switch event {
        case .interfaceDown: .lost(.interfaceDown, keepsRadio: true)
        case .interfaceRemoved: .lost(.interfaceRemoved, keepsRadio: false)
        case .wiphyRemoved(radio.wiphy): .lost(.interfaceRemoved, keepsRadio: false)
        case .channelChanged(_, let frequency) where frequency != configuration.frequency:
            .lost(.channelChanged, keepsRadio: true)
        // An access point stops, too, when its interface is set down: the check finds out which it was.
        case .accessPointStopped, .carrierLost, .stationRemoved, .regulatoryDomainChanged, .eventsLost: .check
        case .interfaceUp, .wiphyAdded, .wiphyRemoved, .channelChanged, .switchChanged: .none
        }
    }

    /// Whether an event may have ended what keeps the link down. Making a radio causes events itself: none of those may be a
    /// reason to make it again.
    private func isReason(_ event: RadioEvent, toRetry down: Down) -> Bool {
        switch event {
        case .interfaceUp(let index, _): down.remains?.owns(index) == true
        case .interfaceDown(_, let name): !isOwn(name) && down.waitsForOthers
        case .interfaceRemoved(let index, let name):
            down.remains?.owns(index) == true
                || down.problem == .interfaceNameTaken(interface: name) || down.isHeld(by: name)
                || (!isOwn(name) && down.waitsForOthers)
        case .wiphyAdded(let name):
            // One that is named by its permanent address may come under any name.
            name == configuration.wiphy || down.cause == .interfaceRemoved
                || down.problem?.linkDownCause == .interfaceRemoved
        case .channelChanged(let index, let frequency):
            down.remains?.owns(index) == true && frequency == configuration.frequency
        case .switchChanged: down.isSwitchedOff
        case .regulatoryDomainChanged, .eventsLost: true
        case .wiphyRemoved, .accessPointStopped, .carrierLost, .stationRemoved: false
        }
    }

    /// True if this link makes interfaces of this name.
    private func isOwn(_ name: String) -> Bool { name == configuration.interface || name == configuration.companion }
}

extension AgentRadio {
    /// True if the interface is one that the radio is held by.
    func owns(_ index: UInt32) -> Bool { index == interfaceIndex || index == companionIndex }
}

extension ManagedLink.Down {
    /// Whether an interface of this name, be it another agent's, is what keeps the link down.
    fileprivate func isHeld(by name: String) -> Bool {
        if case .radioHeld(_, let holders) = problem { holders.contains { $0.name == name } } else { false }
    }

    /// Whether other interfaces of the radio are what keeps the link down.
    fileprivate var waitsForOthers: Bool {
        switch problem {
        case .channelBusy, .radioHeld: true
        default: false
        }
    }

    /// Whether rfkill is what keeps the link down.
    fileprivate var isSwitchedOff: Bool {
        if case .radioBlocked = problem { true } else { wasSwitchedOff }
    }
}

extension RadioError {
    /// What the core has to know of it.
    var linkDownCause: LinkDownCause {
        switch self {
        case .interfaceDown, .radioBlocked: .interfaceDown
        case .interfaceGone, .wiphyNotFound, .wirelessMissing, .radiosMissing, .closed: .interfaceRemoved
        case .channelNotKept, .anchorStopped: .channelChanged
        case .monitorUnsupported, .radioNotHeld, .interfaceNameTaken, .interfaceNameUnusable, .channelUnknown,
            .channelForbidden,
            .channelBusy, .radioHeld, .noPermittedChannel, .interrupted, .addressNotKept, .addressUnusable,
            .macAcknowledgmentImpossible, .permissionDenied,
            .frameTooLong, .linkTypeUnexpected, .captureFailed, .refused:
            .radioFailed
        }
    }
}

extension RadioCounters {
    fileprivate static func + (one: RadioCounters, other: RadioCounters) -> RadioCounters {
        var sum = one
        sum.sent += other.sent
        sum.acknowledged += other.acknowledged
        sum.notAcknowledged += other.notAcknowledged
        sum.noStatus += other.noStatus
        sum.unknownStatus += other.unknownStatus
        sum.received += other.received
        sum.sleeping += other.sleeping
        sum.backPressure += other.backPressure
        sum.dropped += other.dropped
        sum.malformed += other.malformed
        return sum
    }
}
