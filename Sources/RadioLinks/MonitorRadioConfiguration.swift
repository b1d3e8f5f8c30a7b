import IEEE80211
import SessionCore

/// How to make a link of a radio.
public struct MonitorRadioConfiguration: Equatable, Sendable {
    /// Which source of acknowledgments is wanted.
    public enum Acknowledgment: String, Equatable, Sendable, CaseIterable {
        /// `mac` where the radio can and a self-test confirms it, otherwise `frame`.
        case automatic = "auto"
        /// TX reports, or an error where no way to hold the radio brings true ones.
        case mac
        /// Frames of the peer's agent, on a plain monitor.
        case frame
    }

    /// By what a radio may be held that is to give MAC acknowledgments, before an active monitor is tried.
    public enum Anchor: String, Equatable, Sendable, CaseIterable {
        /// An access point or, where the driver offers none, an IBSS.
        case automatic = "auto"
        /// An idle access point.
        case accessPoint = "ap"
        /// An IBSS.
        case ibss
        /// Nothing that sends beacons.
        case none
    }

    /// At which rates payloads are sent.
    public enum Rates: Equatable, Sendable {
        /// Those that the kernel or the card chooses for each peer, where an access point holds the radio; otherwise the lowest.
        case automatic
        /// The lowest.
        case lowest
        /// The first of these, and a later one to a peer whose radio does not acknowledge them; where the card heeds radiotap.
        case ordered([TransmitRate])
    }

    /// Which link this will be.
    public var identifier: LinkIdentifier
    /// The radio's name in the kernel, as `iw phy` shows it: "phy0". Or its permanent address, which stays when the radio is
    /// plugged in again and gets another name.
    public var wiphy: String
    /// The permanent address of the radio that `wiphy` was when the link was made last: that one is meant from then on.
    public var permanentAddress: MACAddress?
    /// The name of the monitor interface to make, `1 ... 15` octets.
    public var interface: String
    /// The link MAC address; the radio's own when `nil`.
    public var address: MACAddress?
    /// Centre frequency of the 20 MHz channel, in MHz.
    public var frequency: UInt16
    /// Where acknowledgments are to come from.
    public var acknowledgment: Acknowledgment
    /// The anchors that may hold the radio.
    public var anchor: Anchor
    /// At which rates payloads are sent.
    public var rates: Rates
    /// The interface's MTU in octets; counts the radiotap header. 2304 is the most that mac80211 takes.
    public var mtu: UInt32

    /// Makes a configuration.
    public init(
        identifier: LinkIdentifier, wiphy: String, interface: String, address: MACAddress? = nil, frequency: UInt16,
        acknowledgment: Acknowledgment = .automatic, anchor: Anchor = .automatic, rates: Rates = .automatic,
        mtu: UInt32 = 2304
    ) {
        self.identifier = identifier
        self.wiphy = wiphy
        permanentAddress = MACAddress(wiphy)
        self.interface = interface
        self.address = address
        self.frequency = frequency
        self.acknowledgment = acknowledgment
        self.anchor = anchor
        self.rates = rates
        self.mtu = mtu
    }

    /// The name of the interface that is made beside the monitor where one is needed: that of the monitor with an `a`, within the 15
    /// octets that a name may have, or with a `b` where that is the monitor's own.
    public var companion: String {
        let stem = interface.prefix(14)
        return interface == "\(stem)a" ? "\(stem)b" : "\(stem)a"
    }
}
