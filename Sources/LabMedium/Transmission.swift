import IEEE80211
import SessionCore

/// A frame that a radio has to send.
public struct Transmission: Equatable, Sendable {
    /// The radio, by the address that hwsim names it by (`Medium.hwsimAddress`).
    public var radio: MACAddress
    /// The channel's centre in MHz.
    public var frequency: UInt32
    /// The frame from the MAC header on, without frame check sequence.
    public var octets: [UInt8]
    /// What the report names it by.
    public var cookie: UInt64
    /// Whether the sender waits for an acknowledgment.
    public var wantsAcknowledgment: Bool
    /// The index of the rate, carried through.
    public var rateIndex: Int8

    /// Makes a transmission.
    public init(
        radio: MACAddress, frequency: UInt32, octets: [UInt8], cookie: UInt64, wantsAcknowledgment: Bool = true,
        rateIndex: Int8 = 0
    ) {
        self.radio = radio
        self.frequency = frequency
        self.octets = octets
        self.cookie = cookie
        self.wantsAcknowledgment = wantsAcknowledgment
        self.rateIndex = rateIndex
    }

    /// Whom the frame is for; the null address when it is too short to say.
    var receiver: MACAddress { address(at: 4) }

    /// Who says to have sent it.
    var transmitter: MACAddress { address(at: 10) }

    private func address(at offset: Int) -> MACAddress {
        guard octets.count >= offset + 6 else { return MACAddress(rawValue: 0) }
        return MACAddress(rawValue: octets[offset..<offset + 6].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Sets the Retry bit, as a radio does when it sends a frame again.
    mutating func markAsRetry() {
        guard octets.count > 1 else { return }
        octets[1] |= FrameFlags.retry.rawValue
    }
}

/// What the owner of a medium has to do.
public enum MediumOutput: Equatable, Sendable {
    /// Hand a frame to a radio, and tell the medium with `handedOver` whether the radio took it, before anything else.
    case deliver(Delivery)
    /// Tell a sender what became of its frame.
    case report(TransmissionReport)
    /// What somebody hears who hears everything; only when the medium was asked for it.
    case heard(AirRecord)
}

/// A frame that arrives at a radio.
public struct Delivery: Equatable, Sendable {
    /// The radio, by the address that hwsim names it by.
    public let radio: MACAddress
    /// The channel's centre in MHz.
    public let frequency: UInt32
    /// The frame.
    public let octets: [UInt8]
    /// The index of the rate.
    public let rateIndex: Int8
    let path: Medium.Path
}

/// What became of a transmission.
public struct TransmissionReport: Equatable, Sendable {
    /// The sender, by the address that hwsim names it by.
    public let radio: MACAddress
    /// The transmission's cookie.
    public let cookie: UInt64
    /// Whether the sender heard an acknowledgment.
    public let isAcknowledged: Bool
    /// Whether the sender waited for one.
    public let wantsAcknowledgment: Bool
    /// The index of the rate.
    public let rateIndex: Int8
    /// How often the frame was on the air.
    public let tries: Int
}

/// One frame on the air: a try, or an acknowledgment.
public struct AirRecord: Equatable, Sendable {
    /// When it ended.
    public let instant: MonotonicInstant
    /// The channel's centre in MHz.
    public let frequency: UInt32
    /// The frame, without frame check sequence.
    public let octets: [UInt8]
}
