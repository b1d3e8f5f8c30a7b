import CNetlink
import Glibc

/// Waits for descriptors, for one deadline and for SIGINT and SIGTERM, all in one thread and without ever polling.
///
/// A handler runs to its end before the next; it may register and remove descriptors (its own included), set the
/// deadline and stop the loop. One `epoll_wait` collects everything that is ready; then the handlers run. What became ready
/// meanwhile (the report on a frame that a handler sent) is handled in the same turn, a few times at most; then `onIdle` runs once.
public final class EventLoop {
    /// Names a registration; never used again after `remove`.
    public struct Token: Hashable, Sendable {
        fileprivate let rawValue: UInt64
    }

    /// What a descriptor is waited for, or what it is ready for.
    public struct Readiness: OptionSet, Sendable {
        /// The bits of `epoll_event.events`.
        public let rawValue: UInt32
        /// Makes a set from bits of `epoll_event.events`.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// There is something to read, or a connection to accept.
        public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
        /// There is room to write.
        public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
        /// The other side is gone or the descriptor has an error to tell (a radio's socket: its interface went down).
        /// Always waited for; the next read says what it is.
        public static let failed = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    private struct Registration {
        let descriptor: CInt
        let handler: (Readiness) -> Void
    }

    /// Runs when the deadline has come. The deadline is none by then: set the next one.
    public var onDeadline: () -> Void = {}
    /// Runs when SIGINT or SIGTERM has come, with its number. By default it stops the loop.
    public var onSignal: ((CInt) -> Void)?
    /// Runs after the handlers at the end of every turn: the place to flush what they left behind.
    public var onIdle: () -> Void = {}

    private let epoll: Descriptor
    private let timer: Descriptor
    private let signals: Descriptor
    private var previousMask = sigset_t()
    private var registrations: [UInt64: Registration] = [:]
    private var lastToken: UInt64 = 0
    private var deadline: Int64?
    /// When the timer goes off: not later than the deadline.
    private var armed: Int64?
    private var isStopped = false

    private static let eventsPerWait = 64
    /// How often a turn looks for what became ready.
    private static let waitsPerTurn = 4
    /// In nanoseconds.
    private static let littleLater: Int64 = 20_000_000

    /// Makes a loop. From now on, and as long as it lives, SIGINT, SIGTERM and, unless it is ignored (nohup), SIGHUP reach this
    /// thread, and threads made by it, only through `onSignal`: make the loop before any other thread.
    public init() throws(EventLoopError) {
        epoll = try Descriptor(epoll_create1(CInt(EPOLL_CLOEXEC)), from: "epoll_create1")
        timer = try Descriptor(
            timerfd_create(CLOCK_MONOTONIC, CInt(TFD_NONBLOCK) | CInt(TFD_CLOEXEC)), from: "timerfd_create")
        var mask = EndingSignals.set
        signals = try Descriptor(signalfd(-1, &mask, CInt(SFD_NONBLOCK) | CInt(SFD_CLOEXEC)), from: "signalfd")
        pthread_sigmask(SIG_BLOCK, &mask, &previousMask)
        try register(timer.raw) { [unowned self] _ in timerExpired() }
        try register(signals.raw) { [unowned self] _ in signalsArrived() }
    }

    deinit { pthread_sigmask(SIG_SETMASK, &previousMask, nil) }

    /// Runs `handler` whenever `descriptor` is ready, as long as it stays so (level-triggered). The descriptor must be
    /// non-blocking and stays the caller's: `remove` it before closing it.
    @discardableResult
    public func register(
        _ descriptor: CInt, for interest: Readiness = .readable, _ handler: @escaping (Readiness) -> Void
    ) throws(EventLoopError) -> Token {
        lastToken += 1
        try control(EPOLL_CTL_ADD, descriptor, interest, token: lastToken)
        registrations[lastToken] = Registration(descriptor: descriptor, handler: handler)
        return Token(rawValue: lastToken)
    }

    /// Changes what a registered descriptor is waited for: add `.writable` only while something waits to be written.
    public func setInterest(_ interest: Readiness, of token: Token) throws(EventLoopError) {
        guard let registration = registrations[token.rawValue] else { return }
        try control(EPOLL_CTL_MOD, registration.descriptor, interest, token: token.rawValue)
    }

    /// Forgets a registration; its handler does not run any more, not even for what this wake-up collected already.
    public func remove(_ token: Token) {
        guard let registration = registrations.removeValue(forKey: token.rawValue) else { return }
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, registration.descriptor, nil)
    }

    /// Sets the one deadline, a reading of `MonotonicClock` in nanoseconds; `nil` is none. One in the past is reached
    /// at once.
    ///
    /// Moving it a little later, as happens with every frame of a stream, costs nothing: the timer goes off when it was to, and is
    /// armed anew then.
    public func setDeadline(_ nanoseconds: Int64?) throws(EventLoopError) {
        deadline = nanoseconds
        if let armed, let nanoseconds, armed <= nanoseconds, nanoseconds - armed < Self.littleLater { return }
        try arm(nanoseconds)
    }

    private func arm(_ nanoseconds: Int64?) throws(EventLoopError) {
        guard nanoseconds != armed else { return }
        var value = itimerspec()
        if let nanoseconds {
            // Zero would disarm the timer.
            let instant = max(nanoseconds, 1)
            value.it_value = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
        }
        guard timerfd_settime(timer.raw, CInt(TFD_TIMER_ABSTIME), &value, nil) == 0 else {
            throw EventLoopError(call: "timerfd_settime", code: errno)
        }
        armed = nanoseconds
    }

    /// Waits and runs handlers until `stop`.
    public func run() throws(EventLoopError) {
        isStopped = false
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsPerWait)
        while !isStopped {
            var timeout: CInt = -1
            for _ in 0..<Self.waitsPerTurn {
                let count = epoll_wait(epoll.raw, &events, CInt(events.count), timeout)
                guard count >= 0 else {
                    if errno == EINTR { continue }
                    throw EventLoopError(call: "epoll_wait", code: errno)
                }
                for event in events.prefix(Int(count)) {
                    registrations[event.data.u64]?.handler(Readiness(rawValue: event.events))
                }
                if isStopped || count == 0 { break }
                timeout = 0
            }
            onIdle()
        }
    }

    /// Makes `run` return after the handlers of this wake-up.
    public func stop() { isStopped = true }

    private func control(
        _ operation: CInt, _ descriptor: CInt, _ interest: Readiness, token: UInt64
    ) throws(EventLoopError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        guard epoll_ctl(epoll.raw, operation, descriptor, &event) == 0 else {
            throw EventLoopError(call: "epoll_ctl", code: errno)
        }
    }

    private func timerExpired() {
        var expirations: UInt64 = 0
        // Nothing to read: the deadline was moved by a handler of the same wake-up.
        guard read(timer.raw, &expirations, MemoryLayout<UInt64>.size) == MemoryLayout<UInt64>.size else { return }
        armed = nil
        if let deadline, deadline > MonotonicClock.nanoseconds {
            // The timer is on its way again before anybody can wait in vain; what fails here fails at the next turn, too.
            try? arm(deadline)
            return
        }
        deadline = nil
        onDeadline()
    }

    private func signalsArrived() {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while read(signals.raw, &information, size) == size {
            if let onSignal { onSignal(CInt(information.ssi_signo)) } else { stop() }
        }
    }
}
