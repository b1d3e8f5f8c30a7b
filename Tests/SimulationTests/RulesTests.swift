import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import Simulation

/// The rules of the simulation fire on what breaks them, and on nothing else.
@Suite struct RulesTests {
    private let peer = Pair.mldAddress(0)

    /// Books in which station 0 handed payloads over for station 1.
    private func books(_ count: Int) -> (books: Books, payloads: [Payload]) {
        var books = Books(stations: 2)
        let payloads = (0..<count).map { _ in books.next(from: 0, to: 1, tid: .bestEffort).payload(length: 40) }
        for payload in payloads { books.handed(payload, refusedNow: 0) }
        return (books, payloads)
    }

    private func begin(_ kind: Event.Kind, _ role: SessionRole = .receiver, framesLost: Int? = nil) -> Event {
        let session = SessionDescription(identifier: SessionIdentifier(rawValue: 1), tid: .bestEffort, role: role)
        return Event(kind, peer: peer, session: session, framesLost: framesLost)
    }

    @Test func aPayloadInOrderIsGood() throws {
        var (books, payloads) = books(3)
        for payload in payloads { try books.delivered(payload, from: peer, tid: .bestEffort, at: 1) }
        try books.check(0, held: 0, dropped: 0)
    }

    @Test func aPayloadTwice() throws {
        var (books, payloads) = books(1)
        try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 1)
        #expect(rule { try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 1) } == .once)
        // In a new session, the initiator did not know that it had arrived.
        books.told(begin(.established), by: 1)
        try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 1)
    }

    @Test func aPayloadAfterALaterOne() throws {
        var (books, payloads) = books(2)
        try books.delivered(payloads[1], from: peer, tid: .bestEffort, at: 1)
        #expect(rule { try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 1) } == .ordered)
    }

    @Test func aPayloadThatNobodySent() {
        var (books, payloads) = books(1)
        #expect(rule { try books.delivered([1, 2, 3], from: peer, tid: .bestEffort, at: 1) } == .genuine)
        payloads[0][20] ^= 1
        #expect(rule { try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 1) } == .genuine)
        payloads[0][20] ^= 1
        #expect(rule { try books.delivered(payloads[0], from: peer, tid: .bestEffort, at: 0) } == .genuine)
    }

    @Test func aPayloadThatWasRefused() {
        var books = Books(stations: 2)
        let payload = books.next(from: 0, to: 1, tid: .bestEffort).payload(length: 40)
        books.handed(payload, refusedNow: 1)
        #expect(rule { try books.delivered(payload, from: peer, tid: .bestEffort, at: 1) } == .genuine)
    }

    @Test func aPayloadThatVanished() throws {
        var (books, _) = books(3)
        #expect(rule { try books.check(0, held: 2, dropped: 0) } == .counted)
        try books.check(0, held: 2, dropped: 1)
        books.told(begin(.payloadsGivenUp, .initiator, framesLost: 1), by: 0)
        try books.check(0, held: 2, dropped: 0)
    }

    private func rule(_ body: () throws -> Void) -> Finding.Rule? {
        do { try body() } catch { return (error as? Finding)?.rule }
        return nil
    }
}
