/// Finds the line of every key of a TOML document that is known to be well-formed: the parser gives values without their
/// places. It understands just enough of TOML 1.0 for that: table headers, dotted and quoted keys, strings of all four kinds,
/// arrays and inline tables.
struct KeyLocator {
    private var lines: [DocumentPath: Int] = [:]

    /// Reads a document.
    init(_ text: String) {
        var scanner = Scanner(Array(text.utf8))
        scanner.scanDocument()
        lines = scanner.lines
    }

    /// The line, from 1 on, where what stands at `path` begins; of the nearest thing around it when nothing stands there.
    func line(of path: DocumentPath) -> Int {
        var candidate: DocumentPath? = path
        while let path = candidate {
            if let line = lines[path] { return line }
            candidate = path.parent
        }
        return 1
    }
}

private struct Scanner {
    private(set) var lines: [DocumentPath: Int] = [:]
    private let octets: [UInt8]
    private var position = 0
    private var line = 1
    private var elements: [DocumentPath: Int] = [:]

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func scanDocument() {
        var table = DocumentPath.root
        while skipSpace(andLineFeeds: true), let octet = current {
            if octet == UInt8(ascii: "[") { table = scanHeader() } else { scanPair(in: table) }
        }
    }

    // MARK: - Tables and pairs

    private mutating func scanHeader() -> DocumentPath {
        let start = line
        advance()
        let isArray = current == UInt8(ascii: "[")
        if isArray { advance() }
        let keys = scanKeys(until: UInt8(ascii: "]"))
        advance(isArray ? 2 : 1)
        var path = DocumentPath.root
        for (index, key) in keys.enumerated() {
            path = path.appending(.key(key))
            record(path, start)
            if isArray && index == keys.count - 1 {
                path = path.appending(.element(elements[path, default: 0]))
                elements[path.parent ?? .root, default: 0] += 1
            } else if let count = elements[path] {
                path = path.appending(.element(count - 1))
            }
        }
        record(path, start)
        return path
    }

    private mutating func scanPair(in table: DocumentPath) {
        let start = line
        var path = table
        for key in scanKeys(until: UInt8(ascii: "=")) {
            path = path.appending(.key(key))
            record(path, start)
        }
        advance()
        scanValue(at: path)
    }

    private mutating func scanKeys(until end: UInt8) -> [String] {
        var keys: [String] = []
        while skipSpace(andLineFeeds: false), let octet = current, octet != end {
            if octet == UInt8(ascii: ".") {
                advance()
            } else if isQuote(octet) {
                keys.append(scanString())
            } else {
                let start = position
                while let octet = current, !" \t.=]\n\r".utf8.contains(octet) { advance() }
                if position == start { advance() }
                keys.append(String(decoding: octets[start..<position], as: UTF8.self))
            }
        }
        return keys
    }

    // MARK: - Values

    private mutating func scanValue(at path: DocumentPath) {
        _ = skipSpace(andLineFeeds: false)
        switch current {
        case UInt8(ascii: "["): scanArray(at: path)
        case UInt8(ascii: "{"): scanInlineTable(at: path)
        case .some(let octet) where isQuote(octet): _ = scanString()
        default: while let octet = current, !",]}#\n\r".utf8.contains(octet) { advance() }
        }
    }

    private mutating func scanArray(at path: DocumentPath) {
        advance()
        var index = 0
        while skipSpace(andLineFeeds: true), let octet = current, octet != UInt8(ascii: "]") {
            if octet == UInt8(ascii: ",") {
                advance()
                continue
            }
            let element = path.appending(.element(index))
            record(element, line)
            index += 1
            let before = position
            scanValue(at: element)
            if position == before { advance() }
        }
        advance()
    }

    private mutating func scanInlineTable(at path: DocumentPath) {
        advance()
        while skipSpace(andLineFeeds: true), let octet = current, octet != UInt8(ascii: "}") {
            if octet == UInt8(ascii: ",") { advance() } else { scanPair(in: path) }
        }
        advance()
    }

    /// The string that begins here, escapes as they are written.
    private mutating func scanString() -> String {
        guard let quote = current else { return "" }
        let isLong = position + 2 < octets.count && octets[position + 1] == quote && octets[position + 2] == quote
        let width = isLong ? 3 : 1
        advance(width)
        let start = position
        while current != nil, !(position..<position + width).allSatisfy({ $0 < octets.count && octets[$0] == quote }) {
            advance(quote == UInt8(ascii: "\"") && current == UInt8(ascii: "\\") ? 2 : 1)
        }
        let text = String(decoding: octets[start..<min(position, octets.count)], as: UTF8.self)
        advance(width)
        // Up to two quotes may stand before the three that end a long string.
        while isLong, current == quote { advance() }
        return text
    }

    // MARK: - Octets

    private var current: UInt8? { position < octets.count ? octets[position] : nil }

    private func isQuote(_ octet: UInt8) -> Bool { octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < octets.count {
            if octets[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    /// Skips spaces and, where they may stand, line feeds and comments. Returns whether anything is left.
    private mutating func skipSpace(andLineFeeds: Bool) -> Bool {
        while let octet = current {
            switch octet {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "\n") where andLineFeeds: advance()
            case UInt8(ascii: "#") where andLineFeeds:
                while let octet = current, octet != UInt8(ascii: "\n") { _ = octet; advance() }
            default: return true
            }
        }
        return false
    }

    private mutating func record(_ path: DocumentPath, _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }
}
