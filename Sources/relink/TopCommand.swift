import ArgumentParser
import ControlProtocol
import Glibc

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch a running agent.",
        discussion: """
            Shows links with their health, sessions with their rates and positions, and the last failovers, and renews that \
            every second and with every event. DBM is how strongly the peer is heard, AIR the share of time in which payloads were on \
            their way: on the air, waiting for it, or being repeated. It fits the terminal as it is resized. Colours are left out with NO_COLOR and \
            where standard output is no terminal; there, it prints once and ends. q or Ctrl-C ends it, and the terminal is as before.

            Exit status: 0 when it was ended or the agent stops, 1 when there is no agent.
            """)

    @OptionGroup var options: ControlOptions

    func validate() throws {
        guard !options.json else {
            throw ValidationError(
                "top is for people; for scripts there are \"relink status --json\" and \"relink events --json\".")
        }
    }

    func run() throws {
        do throws(ControlError) {
            var events = try ControlClient.connect(to: options.path)
            try events.send(.events(all: true))
            var status = try ControlClient.connect(to: options.path)
            var screen = TopScreen()
            try Self.refresh(&screen, &status)
            // What the agent remembers comes at once; it is taken before the first picture.
            usleep(50_000)
            while try events.isReadable(within: 0) { if try !Self.follow(&screen, &events) { break } }
            guard isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 else {
                for line in screen.lines(columns: 80, rows: 24) where line.text != "q ends" {
                    StandardOutput.write(line.text)
                }
                return
            }
            let terminal = Terminal()
            defer { terminal.restore() }
            try watch(terminal, &screen, &events, &status)
        } catch {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        }
    }

    private func watch(
        _ terminal: borrowing Terminal, _ screen: inout TopScreen, _ events: inout ControlClient,
        _ status: inout ControlClient
    ) throws(ControlError) {
        var last = ContinuousClock.now
        terminal.draw(screen)
        while !terminal.isEnded {
            if terminal.wait(besides: events.readinessDescriptor, milliseconds: 250) {
                while try events.isReadable(within: 0) { if try !Self.follow(&screen, &events) { return } }
            }
            if terminal.hasQuit { return }
            if ContinuousClock.now - last >= .seconds(1) {
                last = .now
                try Self.refresh(&screen, &status)
            }
            terminal.draw(screen)
        }
    }

    private static func refresh(_ screen: inout TopScreen, _ client: inout ControlClient) throws(ControlError) {
        try client.send(.status)
        let report = try client.receiveStatus()
        screen.take(report)
    }

    /// Takes the next event; false when the agent stops.
    private static func follow(_ screen: inout TopScreen, _ client: inout ControlClient) throws(ControlError) -> Bool {
        switch try client.receive() {
        case .event(let event): screen.take(event)
        case .farewell: return false
        case .greeting, .status, .refused: throw .malformed
        }
        return true
    }
}

/// The terminal while it is watched: its own screen, no echo, no lines.
private struct Terminal: ~Copyable {
    private var before = termios()
    private let hasColours: Bool

    /// Whether a signal ends the program.
    var isEnded: Bool { Self.signalled != 0 }
    // Written by the signal handler, which can do nothing but that.
    nonisolated(unsafe) private static var signalled: sig_atomic_t = 0

    init() {
        hasColours = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        tcgetattr(STDIN_FILENO, &before)
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number) { _ in Terminal.signalled = 1 } }
        StandardOutput.write(Array("\u{1b}[?1049h\u{1b}[?25l".utf8))
    }

    /// Makes all as it was.
    borrowing func restore() {
        StandardOutput.write(Array("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l".utf8))
        var before = before
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Waits for a key or for another descriptor; returns whether that can be read.
    borrowing func wait(besides descriptor: CInt, milliseconds: CInt) -> Bool {
        var waited = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waited, 2, milliseconds) > 0 else { return false }
        return waited[1].revents != 0
    }

    /// Whether somebody typed q.
    var hasQuit: Bool {
        var waited = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&waited, 1, 0) > 0 {
            var key: UInt8 = 0
            guard read(STDIN_FILENO, &key, 1) == 1 else { return true }
            if key == UInt8(ascii: "q") || key == 3 { return true }
        }
        return false
    }

    /// Draws the screen over the one before, so that nothing flickers.
    borrowing func draw(_ screen: TopScreen) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let (columns, rows) = isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        var text = "\u{1b}[H"
        for (index, line) in screen.lines(columns: columns, rows: rows).enumerated() {
            if index > 0 { text += "\r\n" }
            text += (hasColours ? Self.start(line.mark) : "") + line.text + (hasColours ? "\u{1b}[0m" : "") + "\u{1b}[K"
        }
        StandardOutput.write(Array((text + "\u{1b}[J").utf8))
    }

    private static func start(_ mark: TopScreen.Mark) -> String {
        switch mark {
        case .plain: ""
        case .heading: "\u{1b}[1m"
        case .good: "\u{1b}[32m"
        case .doubtful: "\u{1b}[33m"
        case .bad: "\u{1b}[31m"
        }
    }
}
