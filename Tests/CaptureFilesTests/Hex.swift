import CaptureFiles

/// The octets that a string of hexadecimal digits names; all else in it (spaces, line ends) is skipped.
func octets(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2), "half an octet in \(hex)")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The records that stand before the end or the fault, and the fault.
func readAll(_ reader: consuming CaptureReader) -> (records: [CaptureRecord], error: CaptureError?) {
    var records: [CaptureRecord] = []
    do throws(CaptureError) {
        while let record = try reader.next() { records.append(record) }
        return (records, nil)
    } catch {
        return (records, error)
    }
}

/// The records of a file in memory, and the fault.
func readAll(_ hex: String) -> (records: [CaptureRecord], error: CaptureError?) {
    readAll(CaptureReader(octets: octets(hex)))
}
