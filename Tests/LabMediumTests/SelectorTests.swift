import LabMedium
import SessionCore
import Testing
import VirtualAir

@Suite("Losses of some frames only")
struct SelectorTests {
    private static let blockAcknowledgment: [UInt8] = [127, 0xd2, 0x52, 0x4c, 4, 1]
    private static let heartbeat: [UInt8] = [127, 0xd2, 0x52, 0x4c, 2, 1]

    /// One frame of each kind: data 1, block acknowledgment 2, heartbeat 3, beacon 4, control 5, action frame of another organization 6.
    private static func sendEachKind(_ stage: inout Stage) {
        stage.send(1, from: "a", to: "b", octets: 40, control: 0x88)
        stage.send(2, from: "a", to: "b", octets: 40, body: blockAcknowledgment)
        stage.send(3, from: "a", to: "b", octets: 40, body: heartbeat)
        stage.send(4, from: "a", to: "b", octets: 40, control: 0x80)
        stage.send(5, from: "a", to: "b", octets: 40, control: 0xd4)
        stage.send(6, from: "a", to: "b", octets: 40, body: [127, 0xd2, 0x52, 0x4d, 4, 1])
        stage.run()
    }

    private static func heard(_ stage: Stage) -> [String] {
        stage.log.filter { $0.contains("hears") }.compactMap { $0.split(separator: " ").last.map(String.init) }
    }

    @Test(
        "a loss is about the kinds that are named",
        arguments: [
            ([SelectedKind.data], ["2", "3", "4", "5", "6"]), ([.blockAcknowledgment], ["1", "3", "4", "5", "6"]),
            ([.management], ["1", "2", "3", "5"]), ([.control], ["1", "2", "3", "4", "6"]),
            ([.data, .blockAcknowledgment], ["3", "4", "5", "6"]), (Set(SelectedKind.allCases), []),
        ] as [(Set<SelectedKind>, [String])])
    func kinds(kinds: Set<SelectedKind>, left: [String]) throws {
        var stage = try Stage(settings: [change(from: "a", to: "b") { ($0.loss, $0.kinds) = (1, kinds) }])
        Self.sendEachKind(&stage)
        #expect(Self.heard(stage) == left)
        #expect(stage.direction("a", "b")?.lost == 6 - left.count)
    }

    @Test("a loss is about frames that are longer than stated, and about no others")
    func length() throws {
        var stage = try Stage(settings: [change { ($0.loss, $0.longerThan) = (1, 1000) }])
        stage.send(1, from: "a", to: "b", octets: 1000)
        stage.send(2, from: "a", to: "b", octets: 1001)
        stage.run()
        #expect(
            stage.log == [
                "0 b hears 1", "0 a told 1 acknowledged after 1", "0 a told 2 not acknowledged after 1",
            ])
    }

    @Test("both must hold of a frame")
    func both() throws {
        var stage = try Stage(settings: [change { ($0.loss, $0.kinds, $0.longerThan) = (1, [.data], 100) }])
        stage.send(1, from: "a", to: "b", octets: 101, control: 0x88)
        stage.send(2, from: "a", to: "b", octets: 100, control: 0x88)
        stage.send(3, from: "a", to: "b", octets: 101)
        stage.run()
        #expect(Self.heard(stage) == ["2", "3"])
    }

    @Test("what is not handed over is acknowledged, and counted")
    func withheld() throws {
        var stage = try Stage(settings: [change(from: "a", to: "b") { ($0.handsOver, $0.kinds) = (false, [.data]) }])
        stage.send(1, from: "a", to: "b", octets: 40, control: 0x88)
        stage.send(2, from: "a", to: "b")
        stage.run()
        #expect(
            stage.log == [
                "0 a told 1 acknowledged after 1", "0 b hears 2", "0 a told 2 acknowledged after 1",
            ])
        #expect(stage.direction("a", "b")?.withheld == 1)
        #expect(stage.direction("a", "b")?.delivered == 1)
        #expect(stage.direction("b", "a")?.acknowledgments == 2)
    }

    @Test("a radio that acknowledges nothing does not acknowledge what it does not hand over")
    func plainMonitor() throws {
        var stage = try Stage(settings: [change { $0.handsOver = false }], acknowledges: false)
        stage.send(1, from: "a", to: "b")
        stage.run()
        #expect(stage.log == ["0 a told 1 not acknowledged after 1"])
    }

    @Test("a radio that was off when it was last handed something does not acknowledge what it does not hand over")
    func off() throws {
        var stage = try Stage()
        stage.deaf = ["b"]
        stage.send(1, from: "a", to: "b")
        stage.run(for: .milliseconds(1))
        try stage.medium.apply(change { $0.handsOver = false })
        stage.send(2, from: "a", to: "b")
        stage.run()
        #expect(
            stage.log == [
                "0 b refuses 1", "0 a told 1 not acknowledged after 1", "1000 a told 2 not acknowledged after 1",
            ])
    }

    @Test("all is well again when the settings are")
    func ends() throws {
        var stage = try Stage(settings: [change { ($0.handsOver, $0.kinds, $0.longerThan) = (false, [.data], 30) }])
        try stage.medium.apply(
            change { ($0.handsOver, $0.kinds, $0.longerThan) = (true, Set(SelectedKind.allCases), 0) })
        Self.sendEachKind(&stage)
        #expect(Self.heard(stage) == ["1", "2", "3", "4", "5", "6"])
    }

    @Test("frames that are not selected leave the luck of the others as it is")
    func luck() throws {
        let losses: [[String]] = try [Set(SelectedKind.allCases), [.data]].map { kinds in
            var stage = try Stage(settings: [change { ($0.loss, $0.kinds) = (0.5, kinds) }])
            for number in 0..<200 {
                stage.send(UInt8(number), from: "a", to: "b", control: number % 2 == 0 ? 0x88 : 0xd0)
                stage.run(for: .microseconds(10))
            }
            return Self.heard(stage).filter { (Int($0) ?? 1) % 2 == 0 }
        }
        #expect(losses[0] == losses[1])
        #expect((30...70).contains(losses[0].count))
    }
}
