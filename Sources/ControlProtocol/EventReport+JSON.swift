extension EventReport {
    /// The report as one line of JSON, line feed included: what `LineCoding.line` makes of it, in a small part of the time. An agent
    /// tells of its events while frames wait.
    public var json: [UInt8] { object + [UInt8(ascii: "\n")] }

    /// The report as the message that an agent sends, a line of JSON as `LineCoding.line` makes it of `ControlMessage.event`.
    public var message: [UInt8] { Array("{\"event\":".utf8) + object + Array("}\n".utf8) }

    /// Keys in alphabetical order.
    private var object: [UInt8] {
        var writer = Writer()
        writer.add("acknowledgment", acknowledgment)
        writer.add("cause", cause)
        writer.add("confirmedMicroseconds", confirmedMicroseconds)
        writer.add("device", device)
        writer.add("elapsedMicroseconds", elapsedMicroseconds)
        writer.add("event", event)
        writer.add("frames", frames)
        writer.add("framesLost", framesLost)
        writer.add("length", length)
        writer.add("link", link)
        writer.add("links", links)
        writer.add("monotonicNanoseconds", monotonicNanoseconds)
        writer.add("peer", peer)
        writer.add("role", role)
        writer.add("session", session)
        writer.add("tid", tid)
        writer.add("wallClock", wallClock)
        return writer.octets + [UInt8(ascii: "}")]
    }

    private struct Writer {
        private(set) var octets: [UInt8] = []

        init() { octets.reserveCapacity(400) }

        mutating func add(_ key: StaticString, _ number: (some BinaryInteger)?) {
            guard let number else { return }
            addKey(key)
            octets += String(number).utf8
        }

        mutating func add(_ key: StaticString, _ numbers: [Int]?) {
            guard let numbers else { return }
            addKey(key)
            octets.append(UInt8(ascii: "["))
            for (index, number) in numbers.enumerated() {
                if index > 0 { octets.append(UInt8(ascii: ",")) }
                octets += String(number).utf8
            }
            octets.append(UInt8(ascii: "]"))
        }

        mutating func add(_ key: StaticString, _ text: String?) {
            guard let text else { return }
            addKey(key)
            octets.append(UInt8(ascii: "\""))
            for octet in text.utf8 {
                switch octet {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): octets += [UInt8(ascii: "\\"), octet]
                case 0x08: octets += "\\b".utf8
                case 0x09: octets += "\\t".utf8
                case 0x0a: octets += "\\n".utf8
                case 0x0c: octets += "\\f".utf8
                case 0x0d: octets += "\\r".utf8
                case ..<0x20: octets += "\\u00\(octet < 0x10 ? "0" : "")\(String(octet, radix: 16))".utf8
                default: octets.append(octet)
                }
            }
            octets.append(UInt8(ascii: "\""))
        }

        private mutating func addKey(_ key: StaticString) {
            octets.append(octets.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            octets.append(UInt8(ascii: "\""))
            key.withUTF8Buffer { octets += $0 }
            octets += [UInt8(ascii: "\""), UInt8(ascii: ":")]
        }
    }
}
