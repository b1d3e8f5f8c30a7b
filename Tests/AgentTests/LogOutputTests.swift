import Glibc
import Synchronization
import Testing

@testable import Agent

@Suite("Files and logs that are written by a thread of its own")
struct LogOutputTests {
    /// The two ends of a pipe.
    private final class Pipe {
        private var ends: [CInt] = [-1, -1]

        init() {
            pipe(&ends)
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        }

        deinit { ends.forEach { close($0) } }

        var end: CInt { ends[1] }

        /// All that is in it.
        func take() -> [UInt8] {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while case let count = read(ends[0], &buffer, buffer.count), count > 0 { all += buffer[..<count] }
            return all
        }
    }

    @Test("a log that nobody reads costs lines, which are counted, and holds nothing up")
    func unread() throws {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.end, limit: 4096)
        // Far more than pipe and queue hold.
        for _ in 0..<5000 { output.write(String(repeating: "x", count: 100)) }
        #expect(output.dropped > 0)
        #expect(!output.finish(milliseconds: 1))
        var text: [UInt8] = []
        while !output.finish(milliseconds: 1) { text += pipe.take() }
        output.write("read again")
        #expect(output.finish() && output.dropped == 0)
        text += pipe.take()
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let notes = lines.filter { $0.hasSuffix(" lines of the log were dropped: nobody read it") }
        let dropped = notes.compactMap { $0.split(separator: " ").compactMap { Int($0) }.first }
        #expect(lines.count { $0.hasPrefix("xxx") } + dropped.reduce(0, +) == 5000)
        #expect(lines.count == 5001 - dropped.reduce(0, +) + notes.count && lines.last == "read again")
    }

    @Test("jobs are done in order; beyond the limit none is taken, and a long one only when nothing waits")
    func queue() {
        let queue = BackgroundQueue(limit: 10)
        final class Box: Sendable {
            let done = Mutex<[Int]>([])
            let isOpen = Atomic<Bool>(false)
        }
        let box = Box()
        #expect(queue.offer(20) { while !box.isOpen.load(ordering: .acquiring) { sched_yield() } })
        #expect(!queue.offer(1) { box.done.withLock { $0.append(0) } })
        box.isOpen.store(true, ordering: .releasing)
        #expect(queue.wait(milliseconds: 10_000))
        for number in 1...5 { #expect(queue.offer(1) { box.done.withLock { $0.append(number) } }) }
        #expect(queue.wait(milliseconds: 10_000))
        #expect(box.done.withLock { $0 } == [1, 2, 3, 4, 5])
    }
}
