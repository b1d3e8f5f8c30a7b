/// What keeps the pure rooms pure: the same inputs give the same outputs, byte for byte.
enum PurityRules {
    /// The pure rooms, and what each may import.
    static let rooms: [String: Set<String>] = [
        "IEEE80211": [],
        "SessionCore": ["IEEE80211", "LinkSecurity", "OrderedCollections", "DequeModule"],
        "LinkSecurity": ["IEEE80211", "Crypto", "CCrypto"],
        "VirtualAir": ["IEEE80211", "SessionCore", "HeapModule"],
        "LabMedium": ["IEEE80211", "SessionCore", "VirtualAir", "DequeModule"],
    ]

    static let all = [imports, clocks, randomness, inputAndOutput, concurrency, order]

    private static let isPure: @Sendable (SourceFile) -> Bool = { file in
        file.isSwift && file.room.map { rooms[$0] != nil } ?? false
    }

    static let imports = Rule(name: "pure rooms import what is pure", applies: isPure) { file in
        let allowed = file.room.flatMap { rooms[$0] } ?? []
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return file.source.code.enumerated().compactMap { index, line in
            let words = words(of: line)
            guard let keyword = words.firstIndex(of: "import"),
                let module = words[(keyword + 1)...].first(where: { !kinds.contains($0) }), !allowed.contains(module)
            else { return nil }
            return (index + 1, "a pure room imports \(module)")
        }
    }

    static let clocks = Rule.words(
        "pure rooms read no clock", where: isPure,
        [
            "ContinuousClock", "SuspendingClock", "Date", "DispatchTime", "clock_gettime", "gettimeofday", "sleep",
            "usleep", "nanosleep",
        ])

    static let randomness = Rule.line("pure rooms draw only from generators they are handed", where: isPure) { code in
        let draws = [".random(", ".randomElement(", ".shuffled(", ".shuffle("]
        if draws.contains(where: code.contains), !code.contains("using:") { return "randomness without `using:`" }
        let keys = ["SymmetricKey(size:", "PrivateKey()", "GCM.Nonce()"]
        if let key = keys.first(where: code.contains) { return "`\(key)` draws randomness of its own" }
        let refused: Set = ["SystemRandomNumberGenerator", "hashValue", "Hasher", "arc4random", "getrandom"]
        return words(of: code).first(where: refused.contains).map { "`\($0)` differs from run to run" }
    }

    static let inputAndOutput = Rule.words(
        "pure rooms do no input or output", where: isPure,
        [
            "print", "debugPrint", "dump", "readLine", "fputs", "fopen", "FileHandle", "FileManager", "ProcessInfo",
            "CommandLine",
        ])

    static let concurrency = Rule.words(
        "pure rooms start nothing", where: isPure,
        ["Task", "async", "await", "actor", "Thread", "DispatchQueue", "Mutex", "Atomic"])

    /// Only the plain cases: a loop over keys or values as they come. What else depends on the order of a dictionary, the tests
    /// that run a scenario twice find.
    static let order = Rule.line("pure rooms put keys and values in order before they use them", where: isPure) {
        code in
        let words = words(of: code)
        let loops =
            words.contains("for") && words.contains("in")
            && [".keys {", ".values {", ".keys where", ".values where"]
                .contains(where: code.contains)
        let calls = [".keys.forEach", ".values.forEach", ".keys.first", ".values.first"].contains(where: code.contains)
        return loops || calls ? "the order of a dictionary differs from run to run: sort it" : nil
    }
}
