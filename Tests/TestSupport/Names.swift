import SessionCore

/// The first link of the tests.
public let link1 = link(1)
/// The second link of the tests.
public let link2 = link(2)
/// The third link of the tests.
public let link3 = link(3)

/// The link with this ID, `0 ... 14`.
public func link(_ number: Int) -> LinkIdentifier {
    guard let link = LinkIdentifier(number) else { preconditionFailure("a test names link \(number)") }
    return link
}

/// Payloads that tell their place: the number, big-endian.
public func payloads(_ numbers: Range<Int>) -> [Payload] {
    numbers.map { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
}
