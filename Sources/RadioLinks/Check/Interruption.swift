import CNetlink
import EventLoop
import Glibc

/// SIGINT, SIGTERM and SIGHUP as something to wait for: as long as this lives, none ends the process, so that what was made is removed.
public final class Interruption {
    /// Readable once one of the signals has come.
    let descriptor: CInt
    private var previousMask = sigset_t()

    /// Holds the signals back from now on. Make it before any other thread.
    public init() throws(RadioError) {
        var mask = EndingSignals.set
        descriptor = signalfd(-1, &mask, CInt(SFD_NONBLOCK) | CInt(SFD_CLOEXEC))
        guard descriptor >= 0 else { throw .refused(action: "wait for signals", code: errno) }
        pthread_sigmask(SIG_BLOCK, &mask, &previousMask)
    }

    deinit {
        close(descriptor)
        pthread_sigmask(SIG_SETMASK, &previousMask, nil)
    }

    /// Whether one of the signals has come.
    public var isRaised: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Takes the signal that has come; `nil` when none has.
    public func take() -> CInt? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        return read(descriptor, &information, size) == size ? CInt(information.ssi_signo) : nil
    }
}
