#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Values as lines of JSON: keys in alphabetical order, so that the same value is the same line; one line feed at the end.
public enum LineCoding {
    /// The value as one line, the line feed included.
    ///
    /// What travels here holds only strings, integers and finite numbers, which JSON can always hold; should a value not be
    /// encodable after all, the line is an empty object, which no reader takes for anything.
    public static func line(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(value)).map { [UInt8]($0) } ?? Array("{}".utf8)
        return body + [UInt8(ascii: "\n")]
    }

    /// The value in a line, with or without its line feed; `nil` when the line is not such a value.
    public static func value<Value: Decodable>(_ type: Value.Type, in line: some Collection<UInt8>) -> Value? {
        try? JSONDecoder().decode(type, from: Data(line))
    }
}
