import IEEE80211
import Testing

@testable import SessionCore

/// What is looked up or counted with every frame.
@Suite struct LookupTests {
    private static let one = MACAddress(rawValue: 0x0252_4c01_000b)
    private static let other = MACAddress(rawValue: 0x0252_4c01_000c)

    @Test("a radio is found at its present owner, also when it was asked for before and has changed hands since")
    func radioOwners() throws {
        let links = try (1...2).map { try #require(LinkIdentifier($0)) }
        var owners = RadioOwners()
        #expect(owners.find(links[0], Self.one) == nil)
        owners[links[0], Self.one] = 3
        #expect(owners.find(links[0], Self.one) == 3 && owners.find(links[0], Self.one) == 3)
        #expect(owners.find(links[1], Self.one) == nil, "the same address on another link is another radio")
        #expect(owners.find(links[0], Self.other) == nil)
        owners[links[0], Self.other] = 4
        #expect(owners.find(links[0], Self.other) == 4 && owners.find(links[0], Self.one) == 3)
        owners[links[0], Self.one] = 4
        #expect(owners.find(links[0], Self.one) == 4 && owners[links[0], Self.one] == 4)
        owners[links[0], Self.one] = nil
        #expect(owners.find(links[0], Self.one) == nil && owners.find(links[0], Self.other) == 4)
    }

    @Test("every link has a place of its own")
    func linkTable() throws {
        let links = try (0...14).map { try #require(LinkIdentifier($0)) }
        #expect(LinkIdentifier(LinkIdentifier.greatest + 1) == nil)
        var table = LinkTable<Int>()
        for link in links { table[link] = Int(link.rawValue) }
        table[links[7]] = nil
        #expect(links.map { table[$0] } == (0...14).map { $0 == 7 ? nil : $0 })
    }

    @Test(
        "a duration in whole nanoseconds is rounded towards zero, and saturates",
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.seconds(60), 60_000_000_000), (.nanoseconds(-7), -7),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
            (Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999), -1),
            (Duration(secondsComponent: -3, attosecondsComponent: -500_000_000_000_000_000), -3_500_000_000),
            (.seconds(9_000_000_000), 9_000_000_000_000_000_000), (.nanoseconds(Int64.max), .max),
            (.nanoseconds(Int64.min), .min), (.seconds(10_000_000_000), .max), (.seconds(-10_000_000_000), .min),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
        ] as [(Duration, Int64)])
    func nanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
    }
}
