import Glibc
import IEEE80211
import Recording
import SessionCore

// How long it takes to record payloads of 1,400 octets, as the agent that sends them does and as the one that gets them does:
//   swift run -c release RecordingProbe [FILE]       FILE is written anew; without it, nothing is written

let path = CommandLine.arguments.dropFirst().first
let frames = 1_000_000
// As many as an agent takes in a turn.
let framesInATurn = 64

let link = [LinkIdentifier](LinkSet(rawValue: 1 << 1))[0]
let peer = MACAddress(rawValue: 0x0252_4c00_000b)
let start = RecordingStart(seed: 1, clockOffset: 0, keptOctets: 96, configuration: "", links: [link])
let interface = RecordedInterface(link: link, name: "relink1", frequency: 2412, address: peer)
let payload = [UInt8](repeating: 0x5a, count: 1414)
let header = PayloadHeader(
    transmission: TransmissionNumber(rawValue: 1), session: SessionIdentifier(rawValue: 1),
    sequence: SequenceNumber(rawValue: 1))
let mpdu = QoSDataFrame(
    receiver: peer, transmitter: peer, tid: 0, body: PayloadFrame(header: header, payload: payload).body
).serialized()

func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func measure(_ name: String, _ record: (inout RecordingEncoder, MonotonicInstant) -> Void) {
    let descriptor = path.map { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o600) }
    var encoder = RecordingEncoder(start, interfaces: [interface], program: "probe")
    var octets = 0
    let before = nanoseconds()
    for frame in 0..<frames {
        record(&encoder, MonotonicInstant(nanoseconds: Int64(frame)))
        guard frame % framesInATurn == framesInATurn - 1 else { continue }
        encoder.appendTurnEnd(at: MonotonicInstant(nanoseconds: Int64(frame)))
        octets += encoder.count
        if let descriptor {
            encoder.withOctets { octets in octets.withUnsafeBytes { _ = write(descriptor, $0.baseAddress, $0.count) } }
        }
        encoder.removeAll()
        // Memory that fills up is not what is measured.
        if let descriptor, octets > 1 << 28 {
            ftruncate(descriptor, 0)
            lseek(descriptor, 0, SEEK_SET)
        }
    }
    let each = Double(nanoseconds() - before) / Double(frames)
    print("\(name): \(each) ns and \(octets / frames) octets a frame")
    if let descriptor { close(descriptor) }
}

measure("sender") { encoder, instant in
    encoder.appendPayload(payload.span, for: peer, tid: .bestEffort, at: instant)
    encoder.appendTransmission(mpdu.span, number: header.transmission, on: link, at: instant)
    encoder.append(
        .transmissionReported(link: link, number: header.transmission, acknowledged: true), at: instant)
}
measure("receiver") { encoder, instant in
    encoder.appendFrame(mpdu.span, on: link, signal: -30, carriesPayload: true, at: instant)
    encoder.appendDelivery(payload.span, from: peer, tid: .bestEffort, at: instant)
}
