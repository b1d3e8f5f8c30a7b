import SessionCore

/// The name of a payload, which stands at its beginning: who had it for whom, in which life of the agent, and its number.
struct PayloadName: Hashable {
    var stream: StreamName
    var number: Int

    static let length = 10

    /// The payload with this name.
    func payload(length: Int) -> Payload {
        var octets: Payload = [
            UInt8(stream.origin), UInt8(truncatingIfNeeded: stream.life), UInt8(stream.destination), stream.tid.rawValue,
        ]
        for shift in [0, 8, 16, 24] { octets.append(UInt8(truncatingIfNeeded: number >> shift)) }
        for shift in [0, 8] { octets.append(UInt8(truncatingIfNeeded: length >> shift)) }
        let filler = UInt8(truncatingIfNeeded: number &* 31)
        octets += [UInt8](repeating: filler, count: max(0, length - Self.length))
        return octets
    }

    init(stream: StreamName, number: Int) {
        self.stream = stream
        self.number = number
    }

    /// The name of a payload; `nil` where it is none of the simulation's, or was changed.
    init?(of payload: Payload) {
        guard payload.count >= Self.length, let tid = TrafficIdentifier(Int(payload[3])) else { return nil }
        stream = StreamName(origin: Int(payload[0]), life: Int(payload[1]), destination: Int(payload[2]), tid: tid)
        number = 0
        for (place, shift) in [0, 8, 16, 24].enumerated() { number |= Int(payload[4 + place]) << shift }
        let filler = UInt8(truncatingIfNeeded: number &* 31)
        guard Int(payload[8]) | Int(payload[9]) << 8 == payload.count,
            payload.dropFirst(Self.length).allSatisfy({ $0 == filler })
        else { return nil }
    }
}

/// The payloads of a life of an agent for another one, with the TID that its host named.
struct StreamName: Hashable {
    var origin: Int
    var life: Int
    var destination: Int
    var tid: TrafficIdentifier
}
