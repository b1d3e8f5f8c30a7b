import IEEE80211

/// A data MPDU, cut up for AES-GCM. IEEE Std 802.11-2020, 12.5.5.3.3 and 12.5.5.3.4, tells the additional data and the nonce;
/// as IEEE Std 802.11be-2024 has it for data frames between multi-link devices, A1 and A2 are their MLD addresses. A3 and
/// everything else are as in the frame.
struct DataParts {
    let nonce: UnsafeRawBufferPointer
    let additional: UnsafeRawBufferPointer
    let text: UnsafeMutableRawBufferPointer
    let tag: UnsafeMutableRawBufferPointer

    /// - Parameter scratch: `scratchLength` octets, which nonce and additional data are written to.
    init(
        _ header: ProtectionHeader, from transmitter: MACAddress, to receiver: MACAddress,
        frame: UnsafeMutableRawBufferPointer, scratch: UnsafeMutableRawBufferPointer
    ) {
        nonce = header.nonce(transmitter: transmitter, scratch: scratch)
        let data = UnsafeMutableRawBufferPointer(rebasing: scratch[ProtectionHeader.nonceLength...].prefix(24))
        data[0] = frame[0] & ~0x70
        data[1] = frame[1] & 0x07 | FrameFlags.protectedFrame.rawValue
        receiver.write(to: data[2..<8])
        transmitter.write(to: data[8..<14])
        for index in 14..<20 { data[index] = frame[index + 2] }
        data[20] = frame[22] & 0x0f
        data[21] = 0
        data[22] = frame[24] & 0x0f
        data[23] = 0
        additional = UnsafeRawBufferPointer(data)
        text = UnsafeMutableRawBufferPointer(
            rebasing: frame[PeerSecurity.contentOffset...].dropLast(PeerSecurity.tagLength))
        tag = UnsafeMutableRawBufferPointer(rebasing: frame.suffix(PeerSecurity.tagLength))
    }
}

/// An action MPDU, cut up for AES-GCM: the MAC header, masked as in 12.5.5.3.3 but with the addresses of the link, to which
/// an action frame belongs; and everything behind it up to the tag.
struct ActionParts {
    /// The MAC header without HT Control.
    static let headerLength = 24

    let nonce: UnsafeRawBufferPointer
    let head: UnsafeRawBufferPointer
    let body: UnsafeRawBufferPointer

    /// - Parameter scratch: `scratchLength` octets, which nonce and masked header are written to.
    init(
        _ header: ProtectionHeader, from transmitter: MACAddress, frame: UnsafeRawBufferPointer,
        scratch: UnsafeMutableRawBufferPointer
    ) {
        nonce = header.nonce(transmitter: transmitter, scratch: scratch)
        let masked = UnsafeMutableRawBufferPointer(rebasing: scratch[ProtectionHeader.nonceLength...].prefix(22))
        masked[0] = frame[0]
        masked[1] = frame[1] & ~0x38
        for index in 2..<20 { masked[index] = frame[index + 2] }
        masked[20] = frame[22] & 0x0f
        masked[21] = 0
        head = UnsafeRawBufferPointer(masked)
        body = UnsafeRawBufferPointer(rebasing: frame[Self.headerLength...].dropLast(PeerSecurity.tagLength))
    }
}

/// No octets.
var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

/// Lends memory on the stack for the parts of one frame.
func withScratch(
    _ body: (UnsafeMutableRawBufferPointer) throws(ProtectionError) -> Void
) throws(ProtectionError) {
    try withUnsafeTemporaryAllocation(byteCount: ProtectionHeader.nonceLength + 24, alignment: 8) {
        (scratch) throws(ProtectionError) in
        try body(scratch)
    }
}
