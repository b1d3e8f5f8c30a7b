import Glibc
import Testing

@testable import EventLoop

@Suite("The event loop", .serialized)
struct EventLoopTests {
    private func pipe() throws -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("a deadline is reached once, not before its time, and another one can be set from there")
    func deadline() throws {
        let loop = try EventLoop()
        let first = MonotonicClock.nanoseconds + 2_000_000
        var reached: [Int64] = []
        var failure: (any Error)?
        loop.onDeadline = {
            reached.append(MonotonicClock.nanoseconds)
            do {
                if reached.count == 1 { try loop.setDeadline(first + 1_000_000) } else { loop.stop() }
            } catch {
                failure = error
                loop.stop()
            }
        }
        try loop.setDeadline(first)
        try loop.run()
        #expect(failure == nil)
        #expect(reached.count == 2)
        #expect(try #require(reached.first) >= first)
        #expect(try #require(reached.last) >= first + 1_000_000)
    }

    @Test("a deadline in the past is reached, and the same one can be set again")
    func pastDeadline() throws {
        let loop = try EventLoop()
        loop.onDeadline = { loop.stop() }
        for _ in 0..<2 {
            try loop.setDeadline(0)
            try loop.run()
        }
    }

    @Test("a deadline taken back is not reached")
    func noDeadline() throws {
        let loop = try EventLoop()
        var reached: [String] = []
        let (reader, writer) = try pipe()
        try loop.register(reader) { _ in
            reached.append("descriptor")
            loop.stop()
        }
        loop.onDeadline = { reached.append("deadline") }
        try loop.setDeadline(1)
        try loop.setDeadline(nil)
        write(writer, "x", 1)
        try loop.run()
        #expect(reached == ["descriptor"])
        close(reader)
        close(writer)
    }

    @Test("a handler that is removed by another one of the same wake-up does not run")
    func removal() throws {
        let loop = try EventLoop()
        let pipes = [try pipe(), try pipe()]
        var tokens: [EventLoop.Token] = []
        var ran: [Int] = []
        for (index, pipe) in pipes.enumerated() {
            tokens.append(
                try loop.register(pipe.reader) { _ in
                    ran.append(index)
                    for token in tokens { loop.remove(token) }
                    loop.stop()
                })
            write(pipe.writer, "x", 1)
        }
        var idle = 0
        loop.onIdle = { idle += 1 }
        try loop.run()
        #expect(ran.count == 1)
        #expect(idle == 1)
        for pipe in pipes {
            close(pipe.reader)
            close(pipe.writer)
        }
    }

    @Test("what becomes ready by a handler is handled before the turn ends, but not for ever")
    func sameTurn() throws {
        let loop = try EventLoop()
        let (reader, writer) = try pipe()
        var ran = 0
        var ranAtIdle: [Int] = []
        try loop.register(reader) { _ in
            var octet: UInt8 = 0
            read(reader, &octet, 1)
            ran += 1
            // The first two turns: one frame and its echo; then a descriptor that is always ready.
            if ran != 2 { write(writer, "x", 1) }
        }
        loop.onIdle = {
            ranAtIdle.append(ran)
            if ran == 2 { write(writer, "x", 1) } else { loop.stop() }
        }
        write(writer, "x", 1)
        try loop.run()
        #expect(ranAtIdle.first == 2)
        #expect(ranAtIdle.count == 2)
        close(reader)
        close(writer)
    }

    @Test("a descriptor is told writable only while that is wanted")
    func interest() throws {
        let loop = try EventLoop()
        let (reader, writer) = try pipe()
        var ready: [EventLoop.Readiness] = []
        let token = try loop.register(writer, for: []) {
            ready.append($0)
            loop.stop()
        }
        loop.onDeadline = { loop.stop() }
        try loop.setDeadline(0)
        try loop.run()
        #expect(ready == [])
        try loop.setInterest(.writable, of: token)
        try loop.run()
        #expect(ready == [.writable])
        close(reader)
        close(writer)
    }

    @Test(
        "SIGINT, SIGTERM and SIGHUP reach the loop instead of ending the process", arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(number: CInt) throws {
        // Under nohup nobody would hear of SIGHUP.
        signal(number, SIG_DFL)
        let loop = try EventLoop()
        var received: [CInt] = []
        loop.onSignal = {
            received.append($0)
            loop.stop()
        }
        pthread_kill(pthread_self(), number)
        try loop.run()
        #expect(received == [number])
    }

    @Test("a signal that is ignored, as SIGHUP is under nohup, is known for that")
    func ignored() {
        for (action, isIgnored) in [(SIG_IGN, true), (SIG_DFL, false)] {
            signal(SIGURG, action)
            #expect(EndingSignals.isIgnored(SIGURG) == isIgnored)
        }
    }

    @Test("a descriptor that can't be waited for is an error with a remedy")
    func regularFile() throws {
        let loop = try EventLoop()
        let file = open("/proc/self/exe", O_RDONLY)
        let error = #expect(throws: EventLoopError.self) { try loop.register(file) { _ in } }
        #expect(error?.call == "epoll_ctl")
        #expect(error?.description.contains("use a socket") == true)
        close(file)
    }
}
