import CaptureFiles
import FrameDecoding
import IEEE80211
import SessionCore

extension RecordedItem {
    /// One line for people; `nil` where there is nothing to tell.
    public func line(origin: MonotonicInstant?) -> String? {
        switch self {
        case .start, .turnEnd, .station: nil
        case .input(let input, let instant): RecordedText.time(instant, origin) + "  in   " + RecordedText.text(input)
        case .output(let output, let instant): RecordedText.time(instant, origin) + "  out  " + output.text
        }
    }
}

extension RecordedOutput {
    /// What the core said, for people.
    public var text: String {
        switch self {
        case .transmit(let link, let number, let mpdu):
            "transmit on link \(link), number \(number.rawValue): " + RecordedText.text(mpdu: mpdu)
        case .deliver(let payload, let peer, let tid):
            "deliver \(payload.count) octets from \(peer), TID \(tid): " + RecordedText.start(of: payload)
        case .event(let event): "event " + event.text
        }
    }
}

extension RecordedEvent {
    /// The event in words.
    public var text: String {
        var text = kind
        if let peer { text += ", peer \(peer)" }
        if let link { text += ", link \(link)" }
        if let session { text += ", session \(session)" }
        if let tid { text += ", TID \(tid)" }
        if let role { text += ", \(role)" }
        if let cause { text += ", cause \(cause)" }
        if let elapsed { text += ", \(elapsed / 1000) µs" }
        if let confirmed { text += ", confirmed after \(confirmed / 1000) µs" }
        if let frames { text += ", \(frames) frame\(frames == 1 ? "" : "s")" }
        if let framesLost, framesLost > 0 { text += ", \(framesLost) lost" }
        if let length { text += ", \(length) octets or more" }
        if !links.isEmpty { text += ", links \(links)" }
        return text
    }
}

extension Replay.Difference {
    /// What the recording has and what the core says now, for people: two frames that read the same with the first octet that differs.
    public var texts: (recorded: String?, replayed: String?) {
        guard let recorded, let replayed, recorded.text == replayed.text,
            case .transmit(_, _, let one) = recorded, case .transmit(_, _, let other) = replayed,
            let place = zip(one, other).enumerated().first(where: { $0.element.0 != $0.element.1 })
        else { return (recorded?.text, replayed?.text) }
        func text(_ octet: UInt8) -> String {
            "\(recorded.text), octet \(place.offset): \(RecordedText.start(of: [octet]))"
        }
        return (text(place.element.0), text(place.element.1))
    }
}

/// Parts of lines.
public enum RecordedText {
    /// An MPDU as `relink decode` tells it.
    public static func text(mpdu: [UInt8]) -> String {
        let record = CaptureRecord(
            linkType: .ieee80211, timestamp: nil, originalLength: mpdu.count, octets: mpdu)
        var line: [UInt8] = []
        FrameReport(number: 0, record).appendText(to: &line, origin: nil)
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        // The number and the time, which there are none of here.
        return text.hasPrefix("0  -  ") ? String(text.dropFirst(6)) : text
    }

    /// Seconds since the origin, to the microsecond.
    public static func time(_ instant: MonotonicInstant, _ origin: MonotonicInstant?) -> String {
        let elapsed = (instant.nanoseconds - (origin?.nanoseconds ?? 0)) / 1000
        let digits = String(abs(elapsed) % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - digits.count)
        return "\(elapsed < 0 ? "-" : "")\(abs(elapsed) / 1_000_000).\(zeros)\(digits)"
    }

    static func start(of octets: [UInt8]) -> String {
        let digits = octets.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return digits.joined() + (octets.count > 16 ? "…" : "")
    }

    static func text(_ input: Input) -> String {
        switch input {
        case .frameReceived(let link, let mpdu, _): "frame on link \(link): " + text(mpdu: mpdu)
        case .transmissionReported(let link, let number, let acknowledged):
            "number \(number.rawValue) on link \(link) \(acknowledged ? "acknowledged" : "not acknowledged")"
        case .linkUp(let link, let properties):
            "link \(link) up: \(properties.address), \(properties.frequency) MHz, acknowledgments from "
                + (properties.acknowledgment == .mac ? "the MAC" : "frames")
        case .linkDown(let link, let cause): "link \(link) down: \(cause.rawValue)"
        case .payload(let payload, let peer, let tid):
            "payload of \(payload.count) octets for \(peer), TID \(tid): " + start(of: payload)
        case .command(let command): "command " + text(command)
        case .deadlineReached: "deadline reached"
        }
    }

    static func text(_ command: Command) -> String {
        switch command {
        case .connect(let peer, let tid): "connect to \(peer), TID \(tid)"
        case .close(let session): "close session \(session)"
        case .share(let session, let links): "share session \(session), links \(links)"
        case .shutDown: "shut down"
        }
    }
}
