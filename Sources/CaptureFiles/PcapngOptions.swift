/// The options at the end of a block of a pcapng file; such as are cut short end the search.
struct PcapngOptions {
    let octets: [UInt8]
    let start: Int
    let order: ByteOrder

    /// Where the last value of an option is that has this length; `nil` when there is none.
    func place(of wanted: UInt16, length wantedLength: Int) -> Int? {
        var found: Int?
        var position = start
        while position + 4 <= octets.count {
            let code: UInt16 = order.number(octets, at: position)
            let length = Int(order.number(octets, at: position + 2, as: UInt16.self))
            position += 4
            guard code != 0, position + length <= octets.count else { break }
            if code == wanted, length == wantedLength { found = position }
            position += (length + 3) / 4 * 4
        }
        return found
    }
}
