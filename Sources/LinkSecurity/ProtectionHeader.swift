import IEEE80211

/// The GCMP header (IEEE Std 802.11-2020, 12.5.5.2): eight octets with packet number and key ID.
struct ProtectionHeader: Equatable {
    static let length = 8

    /// `1 ..< 2^48`.
    var packetNumber: UInt64
    /// `0 ... 3`.
    var keyIdentifier: UInt8

    /// PN0, PN1, reserved, key ID with Ext IV, PN2 to PN5. PN0 is the least significant octet.
    func write(to octets: UnsafeMutableRawBufferPointer.SubSequence) {
        let place = UnsafeMutableRawBufferPointer(rebasing: octets)
        place[0] = octet(0)
        place[1] = octet(1)
        place[2] = 0
        place[3] = keyIdentifier << 6 | 0x20
        for index in 2..<6 { place[index + 2] = octet(index) }
    }

    init(packetNumber: UInt64, keyIdentifier: UInt8) {
        self.packetNumber = packetNumber
        self.keyIdentifier = keyIdentifier
    }

    /// Reads a header; `nil` when the Ext IV bit is not set, as it is in every GCMP header.
    init?(reading octets: UnsafeRawBufferPointer.SubSequence) {
        let place = UnsafeRawBufferPointer(rebasing: octets)
        guard place[3] & 0x20 != 0 else { return nil }
        keyIdentifier = place[3] >> 6
        packetNumber = UInt64(place[0]) | UInt64(place[1]) << 8
        for index in 2..<6 { packetNumber |= UInt64(place[index + 2]) << UInt64(8 * index) }
    }

    /// Writes the nonce (12.5.5.3.4) to the beginning of `scratch`: the transmitter's address, then the packet number with its
    /// most significant octet first.
    func nonce(transmitter: MACAddress, scratch: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        transmitter.write(to: scratch[..<6])
        for index in 0..<6 { scratch[6 + index] = octet(5 - index) }
        return UnsafeRawBufferPointer(rebasing: scratch[..<Self.nonceLength])
    }

    static let nonceLength = 12

    private func octet(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: packetNumber >> UInt64(8 * index)) }
}

extension MACAddress {
    /// Writes the address as it is sent.
    func write(to octets: UnsafeMutableRawBufferPointer.SubSequence) {
        withUnsafeBytes(of: (rawValue << 16).bigEndian) { first in
            UnsafeMutableRawBufferPointer(rebasing: octets)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: first.prefix(6)))
        }
    }
}

extension [UInt8] {
    /// Appends an address as it is sent.
    mutating func append(_ address: MACAddress) {
        for index in 0..<6 { append(address.octet(index)) }
    }
}
