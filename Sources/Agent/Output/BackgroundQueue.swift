import CNetlink
import Glibc
import Synchronization

/// Does in a thread of its own, in order, what may take long: a write to a terminal, a pipe or a disk. The loop that carries frames
/// hands it over and goes on.
///
/// The jobs that wait are bounded. The thread has no priority over other programs, blocks all signals, and ends when the queue is no more used and
/// nothing waits. Where no thread can be made, each job is done at once.
final class BackgroundQueue: Sendable {
    typealias Job = @Sendable () -> Void

    private let shared: Shared
    private let limit: Int

    /// Makes a queue.
    ///
    /// - Parameter limit: how many bytes may wait.
    init(limit: Int) {
        self.limit = limit
        shared = Shared()
        if !shared.startThread() { shared.work.withLock { $0.hasThread = false } }
    }

    deinit { shared.end() }

    /// Hands over a job.
    ///
    /// - Parameters:
    ///   - length: how many bytes it holds.
    ///   - job: runs once, after those that were handed over before.
    /// - Returns: false if too much waits; the job is not done then. A job of any length is taken when nothing waits, and one of
    ///   no length always.
    func offer(_ length: Int, _ job: @escaping Job) -> Bool {
        let offer = shared.work.withLock { work -> Offer in
            guard work.hasThread else { return .doIt }
            guard length == 0 || work.length == 0 || work.length + length <= limit else { return .refused }
            work.length += length
            work.jobs.append((length, job))
            return .taken
        }
        switch offer {
        case .taken: shared.wakeUp()
        case .doIt: job()
        case .refused: return false
        }
        return true
    }

    /// Waits until all that was handed over is done.
    ///
    /// - Parameter limit: the longest wait, in milliseconds.
    /// - Returns: false if something still waits.
    func wait(milliseconds limit: CInt) -> Bool {
        let bell = Bell()
        guard bell.isThere else { return false }
        guard offer(0, { bell.ring() }) else { return false }
        return bell.wait(milliseconds: limit)
    }

    private enum Offer { case taken, doIt, refused }

    /// The part that the queue and its thread share.
    private final class Shared: Sendable {
        struct Work {
            var jobs: [(length: Int, job: Job)] = []
            /// Of all jobs that are not done.
            var length = 0
            var hasThread = true
            var isEnding = false
        }

        let work = Mutex(Work())
        private let bell = Bell()

        func wakeUp() { bell.ring() }

        func end() {
            work.withLock { $0.isEnding = true }
            wakeUp()
        }

        /// - Returns: whether there is a thread.
        func startThread() -> Bool {
            guard bell.isThere else { return false }
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            defer { pthread_attr_destroy(&attributes) }
            pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
            // An agent locks its memory: the usual 8 MiB would be locked, too.
            pthread_attr_setstacksize(&attributes, 256 << 10)
            var all = sigset_t()
            var previous = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, &previous)
            defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
            var thread = pthread_t()
            let argument = Unmanaged.passRetained(self)
            let code = pthread_create(
                &thread, &attributes,
                { argument in
                    if let argument { Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().run() }
                    return nil
                }, argument.toOpaque())
            if code != 0 { argument.release() }
            return code == 0
        }

        private func run() {
            // On Linux the priority is the thread's.
            let process = __priority_which_t(PRIO_PROCESS.rawValue)
            if getpriority(process, 0) < 0 { setpriority(process, 0, 0) }
            while true {
                bell.await()
                while true {
                    let (jobs, isEnding) = work.withLock { work in
                        defer { work.jobs = [] }
                        return (work.jobs, work.isEnding)
                    }
                    if jobs.isEmpty {
                        if isEnding { return }
                        break
                    }
                    for (length, job) in jobs {
                        job()
                        work.withLock { $0.length -= length }
                    }
                }
            }
        }
    }

    /// An eventfd(2), which one thread rings and another waits for.
    private final class Bell: Sendable {
        private let descriptor = eventfd(0, CInt(EFD_CLOEXEC))

        deinit { if isThere { close(descriptor) } }

        /// False if the process has no descriptor left.
        var isThere: Bool { descriptor >= 0 }

        func ring() { eventfd_write(descriptor, 1) }

        func await() {
            var count: eventfd_t = 0
            while eventfd_read(descriptor, &count) != 0, errno == EINTR {}
        }

        /// - Returns: whether it rang in time.
        func wait(milliseconds limit: CInt) -> Bool {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waited, 1, limit) == 1
        }
    }
}
