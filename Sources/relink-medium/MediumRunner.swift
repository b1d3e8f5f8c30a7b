import CaptureFiles
import ControlProtocol
import EventLoop
import Glibc
import LabMedium
import SessionCore

/// The loop around a medium: kernel, clock, commands.
final class MediumRunner {
    private let loop: EventLoop
    private let port: HwsimPort
    private var medium: Medium
    private var air: AirFile?
    private let seed: UInt64
    private var commands = LineSplitter(limit: 65536)
    private var lateReports = LateReports()
    private var failure: MediumError?

    init(script: Script, seed: UInt64, capture: String?) throws(MediumError) {
        self.seed = seed
        do throws(EventLoopError) { loop = try EventLoop() } catch { throw .loop(error) }
        do throws(ScriptError) {
            medium = try Medium(script: script, seed: seed, keepsAir: capture != nil, now: Self.now)
        } catch { throw .script(error) }
        if let capture { air = try AirFile(path: capture) }
        port = try HwsimPort()
    }

    /// Runs until standard input ends or a signal comes.
    func run() throws(MediumError) {
        do throws(EventLoopError) {
            try loop.register(port.descriptor) { [unowned self] _ in takeFrames() }
            _ = fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK)
            try loop.register(STDIN_FILENO) { [unowned self] _ in takeCommands() }
            loop.onIdle = { [unowned self] in work() }
            say(Answer(seed: seed))
            try loop.run()
        } catch { throw .loop(error) }
        say(Answer(counters: medium.counters))
        if let failure { throw failure }
    }

    private static var now: MonotonicInstant { MonotonicInstant(nanoseconds: MonotonicClock.nanoseconds) }

    private func takeFrames() {
        let now = Self.now
        for transmission in port.take() { medium.transmit(transmission, now: now) }
    }

    /// Does what is due, and what that brings.
    private func work() {
        do throws(MediumError) {
            repeat {
                takeFrames()
                while let report = lateReports.next(now: Self.now) { tell(report) }
                while let output = medium.nextOutput(now: Self.now) { try perform(output) }
            } while port.hasTransmissions
            let deadline = [medium.nextDeadline, lateReports.nextDeadline].compactMap { $0 }.min()
            do throws(EventLoopError) { try loop.setDeadline(deadline?.nanoseconds) } catch {
                throw MediumError.loop(error)
            }
        } catch {
            failure = error
            loop.stop()
        }
    }

    private func perform(_ output: MediumOutput) throws(MediumError) {
        switch output {
        case .deliver(let delivery): medium.handedOver(delivery, isTaken: port.deliver(delivery))
        case .report(let report): tell(LateReports.Item(report: report))
        case .heard(let record): try air?.append(record)
        }
    }

    private func tell(_ item: LateReports.Item) {
        if !port.report(item.report) { lateReports.keep(item, now: Self.now) }
    }

    private func takeCommands() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count == 0 { return loop.stop() }
        guard count > 0 else { return }
        commands.append(buffer[..<count])
        while let line = commands.next() { say(answer(to: line)) }
        if commands.isOverlong { loop.stop() }
    }

    private func answer(to line: [UInt8]) -> Answer {
        switch Command.parse(line) {
        case .failure(let error): return Answer(error: error.reason)
        case .success(let command) where command.set == nil && command.report == nil:
            return Answer(error: "there are the commands set and report")
        case .success(let command):
            if let change = command.set {
                do throws(ScriptError) { try medium.apply(change) } catch { return Answer(error: "\(error)") }
            }
            return Answer(done: true, counters: command.report == true ? medium.counters : nil)
        }
    }

    private func say(_ answer: Answer) { Lines.write(LineCoding.line(answer), to: STDOUT_FILENO) }
}
