import Glibc

/// The signals that ask a program to end: SIGINT, SIGTERM, and SIGHUP, which comes when the terminal is closed.
public enum EndingSignals {
    /// All of them, but SIGHUP where it is ignored (nohup): a signal that is held back would be taken for one even then.
    public static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] where signal != SIGHUP || !isIgnored(signal) { sigaddset(&set, signal) }
        return set
    }

    /// Whether a signal does nothing to this process.
    static func isIgnored(_ signal: CInt) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// What a signal is called.
    public static func name(_ signal: CInt) -> String {
        switch signal {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGHUP: "SIGHUP"
        default: "signal \(signal)"
        }
    }
}
