/// Channels by their numbers, as headers without frequencies have them (IEEE Std 802.11-2020, Annex E).
enum ChannelNumber {
    /// The centre frequency in MHz of a channel at 2.4 GHz (1 to 14) or 5 GHz (from 32 on); `nil` for other numbers.
    static func frequency(_ channel: UInt32) -> UInt16? {
        switch channel {
        case 1...13: 2407 + 5 * UInt16(channel)
        case 14: 2484
        case 32...177: 5000 + 5 * UInt16(channel)
        default: nil
        }
    }
}
