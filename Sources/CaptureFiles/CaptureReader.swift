/// Reads a capture file record by record: pcap or pcapng, in either byte order, whatever the file turns out to be.
///
/// Holds one record at a time. What stands before a fault is given first; then the fault is thrown, and after it there are
/// no more records.
public struct CaptureReader: ~Copyable {
    private var input: OctetInput
    private var format: Format

    /// What is known of the file so far.
    private enum Format {
        case notYetKnown
        case pcap(PcapReader)
        case pcapng(PcapngReader)
        case ended
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `CaptureError` when it can't be opened. What is wrong within shows in `next()`.
    public init(path: String) throws(CaptureError) {
        input = try OctetInput(path: path)
        format = .notYetKnown
    }

    /// Reads from an open file, pipe or socket as far as it goes, and closes it in the end. Each record is given as soon as all
    /// of it is there.
    public init(descriptor: CInt) {
        input = OctetInput(descriptor: descriptor)
        format = .notYetKnown
    }

    /// Reads a file whose octets stand in memory.
    public init(octets: [UInt8]) {
        input = OctetInput(octets: octets)
        format = .notYetKnown
    }

    /// The next record; `nil` after the last one.
    ///
    /// - Throws: `CaptureError` that says at which octet of the file it can't be read on.
    public mutating func next() throws(CaptureError) -> CaptureRecord? {
        do throws(CaptureError) {
            let record = try readRecord()
            if record == nil { format = .ended }
            return record
        } catch {
            format = .ended
            throw error
        }
    }

    /// Reads on, with what is known of the file.
    private mutating func readRecord() throws(CaptureError) -> CaptureRecord? {
        switch format {
        case .ended: return nil
        case .notYetKnown:
            format = try recognise()
            return try readRecord()
        case .pcap(let reader): return try reader.next(&input)
        case .pcapng(var reader):
            let record = try reader.next(&input)
            format = .pcapng(reader)
            return record
        }
    }

    /// Tells the format by the magic number at the start of the file.
    private mutating func recognise() throws(CaptureError) -> Format {
        let magic = try input.take(4)
        if let reader = try PcapReader(magic: magic, &input) { return .pcap(reader) }
        guard magic == PcapngReader.magic else { throw CaptureError(offset: 0, reason: .unknownFormat) }
        return .pcapng(try PcapngReader(&input))
    }
}
