import IEEE80211

/// The start of an Ethernet frame as it comes from a TAP interface: without preamble and without FCS (IEEE Std 802.3-2018, 3.1.1).
public struct EthernetHeader: Equatable, Sendable {
    /// Whom the frame is for.
    public var destination: MACAddress
    /// Whom it is from.
    public var source: MACAddress

    /// Octets of the header: destination, source, EtherType.
    public static let length = 14
    /// Octets that an 802.1Q tag adds (IEEE Std 802.1Q-2018, 9.6).
    public static let tagLength = 4

    /// Reads the header; `nil` when the frame is too short to have one.
    public init?(_ frame: Span<UInt8>) {
        guard frame.count >= Self.length else { return nil }
        (destination, source) = frame.withUnsafeBytes { octets in
            // The first octet is the most significant of the number; two more follow each address in a header.
            func address(at offset: Int) -> MACAddress {
                MACAddress(
                    rawValue: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) >> 16)
            }
            return (address(at: 0), address(at: 6))
        }
    }
}
