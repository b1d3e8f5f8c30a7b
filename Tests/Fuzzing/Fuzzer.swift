import CaptureFiles
import IEEE80211
import Recording
import SessionCore

/// Makes inputs for a target out of files: always the same for a seed and a number.
public struct Fuzzer: Sendable {
    /// What is tried.
    public let target: FuzzTarget
    /// What all is drawn from.
    public let seed: UInt64
    private let files: [[UInt8]]

    /// Places at which a sweep cuts each file; one more time it changes one octet in a hundred.
    public static let cuts = 200

    /// Makes a fuzzer out of whole files; there must be some.
    public init(_ target: FuzzTarget, files: [[UInt8]], seed: UInt64) {
        self.target = target
        self.files = files
        self.seed = seed
    }

    /// How many inputs a sweep has: each file cut at each of the places, and changed.
    public var sweepCount: Int { files.count * (Self.cuts + 1) }

    /// An input of a sweep.
    public func sweep(_ number: Int) -> [UInt8] {
        let (file, place) = number.quotientAndRemainder(dividingBy: Self.cuts + 1)
        var octets = files[file]
        guard place == Self.cuts else { return Array(octets.prefix(octets.count * place / Self.cuts)) }
        var random = FuzzRandom(seed: seed, number: UInt64(number))
        Mutation.changeOnePercent(of: &octets, &random)
        return octets
    }

    /// A random input.
    public func input(_ number: UInt64) -> [UInt8] {
        var random = FuzzRandom(seed: seed, number: number)
        let file = files[random.number(below: files.count)]
        let other = files[random.number(below: files.count)]
        switch target {
        case .capture, .recording:
            var octets = file
            Mutation.mutate(&octets, with: other, &random)
            return octets
        case .packets: return packets(of: file, &random)
        case .core: return frames(of: file, &random)
        case .configuration:
            var octets = Self.configuration(of: file)
            Mutation.mutate(&octets, with: Self.configuration(of: other), times: 2, &random)
            return octets
        }
    }

    private static func configuration(of file: [UInt8]) -> [UInt8] {
        var decoder = RecordingDecoder(octets: file)
        _ = try? decoder.next()
        return Array((decoder.start?.configuration ?? "").utf8)
    }

    /// A pcap file with the packets of a file, some of them changed.
    private func packets(of file: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
        var reader = CaptureReader(octets: file)
        var octets: [UInt8] = []
        var before: [UInt8] = []
        while let record = try? reader.next() {
            if octets.isEmpty {
                octets = [0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8) + number(262_144)
                octets += number(UInt32(record.linkType.rawValue))
            }
            var packet = record.octets
            if random.number(below: 4) > 0 { Mutation.mutate(&packet, with: before, &random) }
            before = record.octets
            let time = (record.timestamp ?? 0)
            octets += number(UInt32(truncatingIfNeeded: time / 1_000_000_000)) + number(UInt32(time % 1_000_000_000))
            octets += number(UInt32(packet.count)) + number(UInt32(max(packet.count, record.originalLength))) + packet
        }
        return octets
    }

    private func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    /// A recording with the inputs of another one: some of the frames changed, left out, doubled, or in another order.
    private func frames(of file: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
        var decoder = RecordingDecoder(octets: file)
        var inputs: [RecordedItem] = []
        while let item = try? decoder.next() {
            if case .input = item { inputs.append(item) }
        }
        guard let start = decoder.start else { return file }
        let interfaces = start.links.map {
            RecordedInterface(link: $0, name: "relink\($0)", frequency: 2412, address: nil)
        }
        var encoder = RecordingEncoder(start, interfaces: interfaces, program: "fuzz")
        // How often something is done: to nearly every frame, or to few, so that the core gets far.
        let rarity = [2, 8, 32, 128][random.number(below: 4)]
        var before: [UInt8] = []
        for item in inputs {
            guard case .input(let input, let instant) = item else { continue }
            guard case .frameReceived(let link, let original, let signal) = input, random.number(below: rarity) == 0
            else {
                encoder.append(input, at: instant)
                continue
            }
            var mpdu = original
            switch random.number(below: 8) {
            case 0: continue
            case 1: encoder.append(input, at: instant)
            case 2: mpdu = before
            default: mutateFrame(&mpdu, with: before, &random)
            }
            before = original
            encoder.append(.frameReceived(link: link, mpdu: mpdu, signal: signal), at: instant)
        }
        return encoder.octets
    }

    /// The addresses stay mostly, or the core would look no further.
    private func mutateFrame(_ mpdu: inout [UInt8], with other: [UInt8], _ random: inout FuzzRandom) {
        let kept = random.number(below: 8) == 0 ? 0 : min(mpdu.count, [16, 24, 26, 34][random.number(below: 4)])
        var rest = Array(mpdu[kept...])
        Mutation.mutate(&rest, with: other, &random)
        mpdu.replaceSubrange(kept..., with: rest)
    }
}
