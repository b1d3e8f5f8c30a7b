/// The form in which a radio sent a payload frame, by the TX report on it. Every radio sets the retry flag, duration and sequence number.
public enum PayloadEcho: String, Codable, Equatable, Sendable {
    /// Nothing else.
    case intact
    /// Bits of QoS Control beside the TID, which no receiver reads.
    case qosRebuilt
    /// It came back with another length or type, such as without QoS Control, which some cards add again: its reports can't be told apart, and
    /// whether it arrives as it was sent is the peer's to say.
    case reshaped
    /// Octets that receivers rely on: flags, addresses, fragment number, TID, body.
    case changed

    /// Compares a frame with what came back of it, both with a MAC header and QoS Control at least.
    init(sent: Span<UInt8>, echoed: Span<UInt8>) {
        guard sent.count == echoed.count, sent[0] == echoed[0] else {
            self = .reshaped
            return
        }
        var isRebuilt = false
        for index in 0..<sent.count where sent[index] != echoed[index] {
            let difference = sent[index] ^ echoed[index]
            switch index {
            case Self.flags where difference & ~Self.radioFlags == 0: break
            case 2, 3, Self.sequence + 1: break
            case Self.sequence where difference & 0x0f == 0: break
            case Self.qos where difference & 0x0f == 0: isRebuilt = true
            case Self.qos + 1: isRebuilt = true
            default:
                self = .changed
                return
            }
        }
        self = isRebuilt ? .qosRebuilt : .intact
    }

    private static let (flags, sequence, qos) = (1, 22, 24)
    /// Retry and More Data (IEEE Std 802.11-2020, 9.2.4.1).
    private static let radioFlags: UInt8 = 0x28
}
