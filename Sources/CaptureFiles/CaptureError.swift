/// Why a capture file could not be read on or written, and where.
public struct CaptureError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The file ends inside a header, record or block: `needed` octets from the offset on, `available` are there.
        case truncated(needed: Int, available: Int)
        /// Neither pcap nor pcapng: the first octets are no known magic number.
        case unknownFormat
        /// A version of the format that is not known.
        case unsupportedVersion(major: UInt16, minor: UInt16)
        /// A length field says what cannot be: less than must stand there, or more than a record may have.
        case impossibleLength(Int)
        /// A pcapng packet names an interface that the section has not described.
        case unknownInterface(Int)
        /// A pcapng file describes more interfaces than are held.
        case tooManyInterfaces
        /// The system refused to open, read or write the file, with this `errno`.
        case system(code: Int32)
    }

    /// Octets from the start of the file to the header, record, block or field in question.
    public var offset: Int
    /// What is wrong there.
    public var reason: Reason

    /// Makes an error.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}

extension CaptureError: CustomStringConvertible {
    /// One line for people: where and why.
    public var description: String {
        switch reason {
        case .truncated(let needed, let available):
            "octet \(offset): the file ends inside a record: \(needed) octets needed, \(available) there"
        case .unknownFormat: "octet \(offset): neither pcap nor pcapng"
        case .unsupportedVersion(let major, let minor): "octet \(offset): version \(major).\(minor) is not known"
        case .impossibleLength(let length): "octet \(offset): a length of \(length) is impossible"
        case .unknownInterface(let index): "octet \(offset): interface \(index) was not described"
        case .tooManyInterfaces: "octet \(offset): more than \(PcapngReader.maximumInterfaces) interfaces"
        case .system(let code): offset == 0 ? systemMessage(code) : "octet \(offset): \(systemMessage(code))"
        }
    }
}
