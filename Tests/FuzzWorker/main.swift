import Fuzzing
import Glibc

// One run of tools/fuzz, which starts it and looks what becomes of it:
//   FuzzWorker TARGET SEED FIRST COUNT SECONDS HANG NOTE FILE...     random inputs from number FIRST on
//   FuzzWorker TARGET SEED sweep COUNT SECONDS HANG NOTE FILE...     each file cut at 200 places, and with 1% changed
//   FuzzWorker TARGET SEED once  COUNT SECONDS HANG NOTE FILE...     each file as it is
// NOTE is a file that has the input at hand, so that it survives a crash: its number (8 octets), its length (8), it.

func fail(_ message: String) -> Never {
    let line = Array("FuzzWorker: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(2)
}

func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { fail("\(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { octets += piece[..<count] }
    return octets
}

/// Memory that is a file.
struct Note {
    static let length = 64 << 20
    private let octets: UnsafeMutableRawBufferPointer

    init(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, Self.length) == 0,
            let memory = mmap(nil, Self.length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { fail("\(path): \(String(cString: strerror(errno)))") }
        close(descriptor)
        octets = UnsafeMutableRawBufferPointer(start: memory, count: Self.length)
    }

    func keep(_ input: [UInt8], _ number: UInt64) {
        let count = min(input.count, Self.length - 16)
        octets.storeBytes(of: number.littleEndian, as: UInt64.self)
        octets.storeBytes(of: UInt64(count).littleEndian, toByteOffset: 8, as: UInt64.self)
        input.withUnsafeBytes { input in
            UnsafeMutableRawBufferPointer(rebasing: octets[16..<16 + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        }
    }
}

func seconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
}

let words = Array(CommandLine.arguments.dropFirst())
guard words.count > 7, let target = FuzzTarget(rawValue: words[0]), let seed = UInt64(words[1]),
    let count = UInt64(words[3]), let limit = Int(words[4]), let hang = UInt32(words[5])
else { fail("TARGET SEED FIRST|sweep|once COUNT SECONDS HANG NOTE FILE...") }
// What takes all memory of the machine is a crash, too.
var memory = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
let note = Note(words[6])
let files = words.dropFirst(7).map(contents)
let fuzzer = Fuzzer(target, files: files, seed: seed)
let (first, all): (UInt64, UInt64) =
    switch words[2] {
    case "sweep": (0, UInt64(fuzzer.sweepCount))
    case "once": (0, UInt64(files.count))
    default: (UInt64(words[2]) ?? 0, .max)
    }
let end = seconds() + limit
var (number, found) = (first, 0)
while number < all, number - first < count, seconds() < end {
    let input: [UInt8] =
        switch words[2] {
        case "sweep": fuzzer.sweep(Int(number))
        case "once": files[Int(number)]
        default: fuzzer.input(number)
        }
    note.keep(input, number)
    // Ends the process when it comes.
    alarm(hang)
    found += target.run(input)
    number += 1
}
alarm(0)
print("\(number - first) \(found) \(number < all && number - first < count ? "time" : "all")")
