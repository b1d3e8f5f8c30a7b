import Glibc

/// Writes a capture file, pcap or pcapng, in little-endian order and with nanoseconds.
public struct CaptureWriter: ~Copyable {
    /// The form of the file.
    public enum Format: Hashable, Sendable {
        /// One interface.
        case pcap(LinkType)
        /// Several interfaces, each with a name; records give their index.
        case pcapng([Interface])
    }

    /// An interface of a pcapng file.
    public struct Interface: Hashable, Sendable {
        /// What people call it; longer names than 65,535 octets are cut.
        public var name: String
        /// What kind of packets it gives.
        public var linkType: LinkType

        /// Makes a description.
        public init(name: String, linkType: LinkType) {
            self.name = name
            self.linkType = linkType
        }
    }

    private let descriptor: CInt
    private let format: Format
    /// Octets that have been written to the file.
    private var offset = 0

    /// Makes the file at `path`, or empties the one that is there, and writes its head.
    ///
    /// - Throws: `CaptureError` when the system refuses.
    public init(path: String, format: Format) throws(CaptureError) {
        self.format = format
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CaptureError(offset: 0, reason: .system(code: errno)) }
        switch format {
        case .pcap(let linkType): try write(CaptureFormat.pcapHeader(linkType))
        case .pcapng(let interfaces):
            try write(CaptureFormat.sectionHeader() + interfaces.flatMap(CaptureFormat.interfaceDescription))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Writes one packet, at once: what is written survives the program.
    ///
    /// - Parameters:
    ///   - octets: what was kept of the packet.
    ///   - originalLength: octets that it had, when that is more.
    ///   - timestamp: nanoseconds since 1970; pcap can hold them up to the year 2106.
    ///   - interface: which of the pcapng file's interfaces gave it; in a pcap file there is only 0.
    /// - Throws: `CaptureError` when the system refuses, or no such interface was described.
    public mutating func append(
        _ octets: [UInt8], originalLength: Int? = nil, timestamp: UInt64, interface: Int = 0
    ) throws(CaptureError) {
        let original = originalLength ?? octets.count
        switch format {
        case .pcap:
            guard interface == 0 else { throw CaptureError(offset: offset, reason: .unknownInterface(interface)) }
            try write(CaptureFormat.pcapRecord(octets, originalLength: original, timestamp: timestamp))
        case .pcapng(let interfaces):
            guard interfaces.indices.contains(interface) else {
                throw CaptureError(offset: offset, reason: .unknownInterface(interface))
            }
            try write(
                CaptureFormat.enhancedPacket(
                    octets, originalLength: original, timestamp: timestamp, interface: UInt32(interface)))
        }
    }

    /// Hands octets to the system.
    private mutating func write(_ octets: [UInt8]) throws(CaptureError) {
        var done = 0
        while done < octets.count {
            let written = octets[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                guard errno == EINTR else { throw CaptureError(offset: offset, reason: .system(code: errno)) }
                continue
            }
            done += written
            offset += written
        }
    }
}
