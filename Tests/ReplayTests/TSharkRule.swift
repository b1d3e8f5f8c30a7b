import IEEE80211

/// A field in which this project and tshark say different things.
struct Difference: CustomStringConvertible {
    /// tshark's name of the field.
    let field: String
    /// What this project says, if anything.
    let ours: String?
    /// What tshark says, if anything.
    let theirs: String?
    /// Why this project did not read all of the frame.
    let error: FrameError?
    /// What kind of frame this project takes it for.
    let kind: FrameKind?

    var description: String {
        "\(field): \(ours ?? "nothing") here, \(theirs ?? "nothing") in tshark"
            + (error.map { " (\($0))" } ?? "")
    }
}

/// Where tshark makes another choice, and why that is not ours.
enum TSharkRule: String, CaseIterable {
    /// A header or field that is cut short makes the whole of what it belongs to an error here: half a header helps
    /// nobody who has to answer it. tshark shows what stands before the cut.
    case cutShort
    /// A header of another version than 0 may have any layout, so it is an error here; tshark reads on as if it were 0.
    case otherVersion
    /// tshark computes a data rate from the MCS field; here `rate` is the legacy rate alone, as radiotap gives it.
    case rateFromMCS
    /// A QoS Null frame has no body that could be an A-MSDU; tshark leaves the bit out, here it is read as it stands.
    case aMSDUBitOfQoSNull
    /// The second address of CF-End is both TA and BSSID (IEEE Std 802.11-2020, 9.3.1.6); tshark shows the BSSID alone.
    case transmitterOfCFEnd
    /// Extension frames have a layout of their own each, and no RA (9.3.4); tshark shows a receiver, or masks the duration
    /// field as in other frames.
    case extensionFrame

    /// The rule that explains the difference, if there is one.
    static func explaining(_ difference: Difference) -> TSharkRule? {
        allCases.first { $0.explains(difference) }
    }

    private func explains(_ difference: Difference) -> Bool {
        switch self {
        case .cutShort:
            guard case .truncated? = difference.error?.reason else { return false }
            return difference.ours == nil
        case .otherVersion:
            guard case .unsupportedVersion? = difference.error?.reason else { return false }
            return difference.ours == nil
        case .rateFromMCS: return difference.field == "radiotap.datarate" && difference.ours == nil
        case .aMSDUBitOfQoSNull:
            guard difference.field == "wlan.qos.amsdupresent" else { return false }
            return difference.kind == .qosNull && difference.theirs == nil
        case .transmitterOfCFEnd:
            let kinds: [FrameKind?] = [.contentionFreeEnd, .contentionFreeEndAck]
            return difference.field == "wlan.ta" && kinds.contains(difference.kind) && difference.theirs == nil
        case .extensionFrame:
            return ["wlan.ra", "wlan.duration"].contains(difference.field) && difference.kind?.type == .extension
        }
    }
}
