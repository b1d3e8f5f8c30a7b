import CaptureFiles

extension CaptureError {
    /// What to do about it, for people.
    public var remedy: String {
        switch reason {
        case .truncated(_, available: 0) where offset == 0:
            "The file is empty: record it again."
        case .truncated:
            "The capture was cut off while it was written or copied; what stands before that is good. Copy or record it again "
                + "for the rest."
        case .unknownFormat:
            "Give a pcap or pcapng file. Unpack it first if it is compressed; Wireshark's editcap turns other formats into pcap."
        case .unsupportedVersion:
            "Wireshark's editcap turns it into a version that is."
        case .impossibleLength, .unknownInterface:
            "The file is damaged there; what stands before is good. Copy or record it again for the rest."
        case .tooManyInterfaces:
            "Split the file; Wireshark's editcap does it."
        case .system:
            "Give the path of a file that you may read, or - for standard input."
        }
    }
}
