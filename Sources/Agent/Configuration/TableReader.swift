import IEEE80211
import SessionCore
import TOMLKit

/// Reads the values of one TOML table. What is missing, of the wrong type or out of range is reported and comes back as
/// `nil`; keys that nobody asked for are reported by `finish`.
final class TableReader {
    let path: DocumentPath
    let problems: ProblemCollector
    private let table: TOMLTable
    private var known: [String] = []

    init(_ table: TOMLTable, at path: DocumentPath, problems: ProblemCollector) {
        self.table = table
        self.path = path
        self.problems = problems
    }

    /// The place of a key of this table.
    func place(of key: String) -> DocumentPath { path.appending(.key(key)) }

    /// Whether the key is there.
    func has(_ key: String) -> Bool { value(key) != nil }

    func report(_ key: String, _ cause: String, _ remedy: String) { problems.report(place(of: key), cause, remedy) }

    /// True if the value of the key is an array.
    func isArray(_ key: String) -> Bool { value(key)?.array != nil }

    func string(_ key: String) -> String? {
        read(key, "a string", "\(key) = \"…\"") { $0.string }
    }

    func boolean(_ key: String) -> Bool? {
        read(key, "true or false", "\(key) = true or \(key) = false") { $0.bool }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = read(key, "an integer", "a number from \(range)", { $0.int }) else { return nil }
        guard range.contains(number) else {
            report(key, "\(number) is out of range", "write a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// A number, whole or with a fraction, in units of `unit`; rounded to whole nanoseconds, which is what a recording says of it.
    func duration(_ key: String, unit: Duration, in range: ClosedRange<Double>) -> Duration? {
        number(key, in: range).map { .nanoseconds(Int64((Double(unit.nanoseconds) * $0).rounded())) }
    }

    /// A number, whole or with a fraction.
    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        let number = read(key, "a number", "a number, such as \(key) = 20") { $0.double ?? $0.int.map(Double.init) }
        guard let number else { return nil }
        guard range.contains(number) else {
            report(key, "\(number) is out of range", "write a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// An individual MAC address.
    func address(_ key: String) -> MACAddress? {
        guard let text = string(key) else { return nil }
        guard let address = MACAddress(text) else {
            report(
                key, "\"\(text)\" is no MAC address",
                "write six pairs of hexadecimal digits, such as \"02:52:4c:00:00:0a\"")
            return nil
        }
        guard !address.isGroup, address.rawValue != 0 else {
            report(
                key, "\(address) is \(address.isGroup ? "a group address" : "no address of a device")",
                "write an individual address: the second digit is 0, 2, 4, 6, 8, a, c or e, as in \"02:52:4c:00:00:0a\""
            )
            return nil
        }
        return address
    }

    /// One of the values of an enumeration of strings.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice? {
        guard let text = string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map { "\"\($0.rawValue)\"" }
            report(key, "\"\(text)\" is not known here", "write \(names.joined(separator: ", "))")
            return nil
        }
        return choice
    }

    /// An array of integers; empty when the key is missing.
    func integers(_ key: String, in range: ClosedRange<Int>) -> [Int] {
        guard let array = read(key, "an array of numbers", "\(key) = [0]", { $0.array }) else { return [] }
        var numbers: [Int] = []
        for (index, value) in array.enumerated() {
            let place = place(of: key).appending(.element(index))
            guard let number = value.int, range.contains(number) else {
                problems.report(
                    place, "\(value.debugDescription) is not possible",
                    "write numbers from \(range.lowerBound) to \(range.upperBound)")
                continue
            }
            guard !numbers.contains(number) else {
                problems.report(place, "\(number) stands here twice", "write each number once")
                continue
            }
            numbers.append(number)
        }
        return numbers
    }

    /// An array of strings that `convert` understands; empty when the key is missing.
    func values<Value>(_ key: String, _ type: String, _ remedy: String, _ convert: (String) -> Value?) -> [Value] {
        guard let array = read(key, "an array of strings", "\(key) = [\"…\"]", { $0.array }) else { return [] }
        var values: [Value] = []
        for (index, element) in array.enumerated() {
            guard let text = element.string, let value = convert(text) else {
                let place = place(of: key).appending(.element(index))
                problems.report(place, "\(element.debugDescription) is not \(type)", remedy)
                continue
            }
            values.append(value)
        }
        return values
    }

    /// Reports a text that can't be the name of an interface.
    func checkInterfaceName(_ key: String, _ name: String) {
        let isPossible =
            (1...15).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        if !isPossible {
            report(
                key, "\"\(name)\" can't be the name of an interface", "write 1 to 15 letters, digits, \"-\" or \"_\"")
        }
    }

    /// The tables of an array of tables; empty when the key is missing.
    func tables(_ key: String) -> [TableReader] {
        guard let array = read(key, "an array of tables", "[[\(place(of: key))]]", { $0.array }) else { return [] }
        var readers: [TableReader] = []
        for (index, value) in array.enumerated() {
            let place = place(of: key).appending(.element(index))
            guard let table = value.table else {
                problems.report(place, "this is not a table", "write [[\(self.place(of: key))]]")
                continue
            }
            readers.append(TableReader(table, at: place, problems: problems))
        }
        return readers
    }

    /// A table; `nil` when the key is missing.
    func table(_ key: String) -> TableReader? {
        read(key, "a table", "[\(place(of: key))]") { $0.table }
            .map { TableReader($0, at: place(of: key), problems: problems) }
    }

    /// Reports that a key that must be there is missing, unless something else is wrong with it.
    func require(_ key: String, _ remedy: String) {
        if !has(key) { report(key, "is missing", remedy) }
    }

    /// Reports the keys that nobody asked for.
    func finish() {
        for key in table.keys where !known.contains(key) {
            let nearest = known.min { Self.distance($0, key) < Self.distance($1, key) }
            let isNear = nearest.map { Self.distance($0, key) <= max(2, key.count / 3) } ?? false
            report(
                key, "is not a key here",
                isNear ? "did you mean \"\(nearest ?? "")\"?" : "the keys here are \(known.joined(separator: ", "))")
        }
    }

    private func value(_ key: String) -> (any TOMLValueConvertible)? { table[key] }

    private func read<Value>(
        _ key: String, _ type: String, _ example: String, _ convert: (any TOMLValueConvertible) -> Value?
    ) -> Value? {
        if !known.contains(key) { known.append(key) }
        guard let value = value(key) else { return nil }
        guard let converted = convert(value) else {
            report(key, "this is not \(type)", "write \(example)")
            return nil
        }
        return converted
    }

    /// How many letters have to be put in, taken out or replaced to turn one word into the other (Levenshtein).
    static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other)
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var next = [index + 1]
            for column in other.indices {
                let replaced = row[column] + (other[column] == letter ? 0 : 1)
                next.append(min(replaced, row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[other.count]
    }
}
