/// A 48-bit IEEE 802 MAC address, held in the low bits of one integer.
///
/// The first octet on the air is the most significant one (IEEE Std 802-2014, 8.2).
public struct MACAddress: Hashable, Sendable {
    /// The address as a number, `0 ... 0xffff_ffff_ffff`; the first octet is bits 47 to 40.
    public let rawValue: UInt64

    /// Makes an address from its number; bits above 47 are dropped.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue & 0xffff_ffff_ffff
    }

    /// The broadcast address, and the wildcard BSSID of frames outside the context of a BSS (IEEE Std 802.11-2020, 9.3.2.1.2).
    public static let broadcast = MACAddress(rawValue: 0xffff_ffff_ffff)

    /// Whether this is a group (multicast or broadcast) address: bit 0 of the first octet.
    public var isGroup: Bool { rawValue >> 40 & 1 == 1 }

    /// The octet at `index` (`0 ... 5`) in the order of transmission.
    public func octet(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: rawValue >> UInt64((5 - index) * 8))
    }
}

extension MACAddress: Comparable {
    /// Orders addresses as unsigned numbers, first octet most significant (`REB-7` decides by this order).
    public static func < (left: MACAddress, right: MACAddress) -> Bool { left.rawValue < right.rawValue }
}

extension MACAddress: LosslessStringConvertible {
    /// Parses six pairs of hexadecimal digits separated by colons, in either case; `nil` for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var value: UInt64 = 0
        for part in parts {
            guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16) else {
                return nil
            }
            value = value << 8 | UInt64(octet)
        }
        self.init(rawValue: value)
    }

    /// Lower case with colons, as `ip link` and Wireshark print it.
    public var description: String {
        (0..<6).map { index in
            let digits = String(octet(index), radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
    }
}
