import CaptureFiles
import LinkSecurity

/// Turns a capture file into lines, one for each of its packets that a filter lets through.
public struct CaptureDecoder: ~Copyable {
    /// What the lines are.
    public enum Form: Hashable, Sendable {
        /// For people.
        case text
        /// One JSON object each.
        case json
    }

    private var reader: CaptureReader
    private let form: Form
    private let filter: FrameFilter
    private let keys: FrameKeyRing?
    private var origin: UInt64?

    /// Packets that have been read.
    public private(set) var count = 0
    /// Packets of link types that are not read here.
    public private(set) var undecodedCount = 0
    /// The first such link type.
    public private(set) var firstUndecoded: LinkType?

    /// Reads from a reader.
    ///
    /// - Parameter keys: what protected frames are read with, if they are to be.
    public init(
        _ reader: consuming CaptureReader, form: Form, filter: FrameFilter = FrameFilter(), keys: FrameKeyRing? = nil
    ) {
        self.reader = reader
        self.keys = keys
        self.filter = filter
        self.form = form
    }

    /// Appends the line of the next packet, if the filter lets it through; `false` after the last one.
    ///
    /// - Throws: `CaptureError` where the file can't be read on. All packets before have been given.
    public mutating func appendNext(to lines: inout [UInt8]) throws(CaptureError) -> Bool {
        guard let record = try reader.next() else { return false }
        count += 1
        if origin == nil { origin = record.timestamp }
        let report = FrameReport(number: count, record, keys: keys)
        if !report.isDecoded {
            undecodedCount += 1
            firstUndecoded = firstUndecoded ?? report.linkType
        }
        guard filter.isEmpty || filter.accepts(report) else { return true }
        switch form {
        case .text: report.appendText(to: &lines, origin: origin)
        case .json: report.appendJSON(to: &lines)
        }
        return true
    }
}
