import IEEE80211
import Testing

private let addresses = "0000 020000000001 020000000002 020000000003 3012"

private func frame(_ control: String, _ body: String) -> [UInt8] { octets(control + addresses + body) }

private func read(_ mpdu: [UInt8]) throws -> ManagementBody {
    let header = try MACHeader(parsing: mpdu)
    let body = try ManagementBody(parsing: mpdu.span, header: header)
    try body.checkElements(of: mpdu.span, header: header)
    return body
}

@Suite struct ManagementBodyTests {
    /// Frame control, fixed fields, where the elements begin, status and reason.
    @Test(arguments: [
        ("0000", "1104 0a00", 28, UInt16?.none, UInt16?.none), ("1000", "1104 0a00 01c0", 30, 10, nil),
        ("2000", "1104 0a00 020000000003", 34, nil, nil), ("3000", "1104 0000 01c0", 30, 0, nil),
        ("4000", "", 24, nil, nil), ("5000", "0807060504030201 6400 1104", 36, nil, nil),
        ("6000", "0807060504030201 1104", 34, nil, nil), ("8000", "0807060504030201 6400 1104", 36, nil, nil),
        ("8080", "00000000 0807060504030201 6400 1104", 40, nil, nil), ("9000", "", 24, nil, nil),
        ("a000", "0800", 26, nil, 8), ("b000", "0000 0200 0d00", 30, 13, nil), ("c000", "0700", 26, nil, 7),
    ])
    func fixedFieldsAreRead(control: String, fields: String, offset: Int, status: UInt16?, reason: UInt16?) throws {
        let body = try read(frame(control, fields + "0003 616263"))
        #expect(body.elementsOffset == offset)
        #expect(body.status?.rawValue == status && body.reason?.rawValue == reason)
        for length in 24..<offset {
            let cut = Array(frame(control, fields).prefix(length))
            #expect(throws: FrameError.self) { try read(cut) }
        }
    }

    @Test func whatFollowsInSAEIsNoElement() throws {
        let body = try read(frame("b000", "0300 0100 4d00 1300 ffff"))
        #expect(body.status?.rawValue == 77 && body.elementsOffset == nil)
    }

    @Test func aReservedSubtypeIsLeftAlone() throws {
        #expect(try read(frame("7000", "ff")).elementsOffset == nil)
    }

    @Test(arguments: [
        ("cut", "0003 6162", 28, FrameError.Reason.truncated(needed: 5, available: 4)),
        ("the second cut", "0000 dd", 30, .truncated(needed: 2, available: 1)),
        ("no identifier extension", "ff00", 29, .impossibleLength(0)),
    ])
    func malformedElementsAreNamed(name: String, elements: String, offset: Int, reason: FrameError.Reason) {
        let mpdu = frame("0000", "1104 0a00" + elements)
        #expect(throws: FrameError(offset: offset, reason: reason)) { try read(mpdu) }
    }

    /// Behind a FILS Session element (255/4) an association frame is encrypted, but a beacon is not.
    @Test func whatIsEncryptedBehindAFILSSessionIsNotLookedAt() throws {
        let session = "ff09 04 0102030405060708 a5"
        #expect(throws: Never.self) { try read(frame("0000", "1104 0a00" + session)) }
        #expect(throws: FrameError.self) { try read(frame("8000", "0807060504030201 6400 1104" + session)) }
        #expect(throws: FrameError.self) { try read(frame("0000", "1104 0a00 ff09 05 0102030405060708 a5")) }
    }

    @Test(arguments: [
        ("action", "d000", FrameError(offset: 0, reason: .otherKind)),
        ("data", "0800", FrameError(offset: 0, reason: .otherKind)),
        ("encrypted", "c040", FrameError(offset: 24, reason: .protected)),
        ("fragment", "8004", FrameError(offset: 24, reason: .fragment)),
    ])
    func otherFramesAreRefused(name: String, control: String, error: FrameError) {
        let mpdu = octets(control + "0000 020000000001 020000000002 020000000003 0000 0700")
        #expect(throws: error) { try read(mpdu) }
    }
}

@Suite struct ActionHeadTests {
    @Test(arguments: [
        ("ADDBA Request", "03 00 2a", 3, UInt8?(0), UInt8?(42)), ("DELBA", "03 02 2a", 3, 2, nil),
        ("GAS Initial Request", "04 0a 2a", 4, 10, 42), ("public, no token", "04 04 2a", 4, 4, nil),
        ("measurement request", "05 00 2a", 5, 0, 42), ("channel switch", "00 04 2a", 0, 4, nil),
        ("BSS transition", "0a 07 2a", 10, 7, 42), ("TFS Notify", "0a 0f 2a", 10, 15, nil),
        ("vendor-specific", "7f 02524c", 127, nil, nil), ("category alone", "04", 4, nil, nil),
        ("token cut off", "03 00", 3, 0, nil), ("unknown", "fd 01 2a", 0xfd, 1, nil),
    ])
    func theHeadIsRead(name: String, hex: String, category: UInt8, code: UInt8?, token: UInt8?) throws {
        let head = try ActionHead(parsing: octets(hex).span, at: 0)
        #expect(head.category == category && head.code == code && head.dialogToken == token)
    }

    @Test func anActionWithoutACategoryIsCutShort() {
        #expect(throws: FrameError(offset: 0, reason: .truncated(needed: 1, available: 0))) {
            try ActionHead(parsing: octets("").span, at: 0)
        }
    }
}
