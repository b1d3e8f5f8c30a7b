import IEEE80211

extension FrameKind {
    /// What the standard calls it (IEEE Std 802.11-2020, Table 9-1).
    var name: StaticString {
        switch type {
        case .management: Self.managementNames[Int(subtype)]
        case .control: Self.controlNames[Int(subtype)]
        case .data: Self.dataNames[Int(subtype)]
        case .extension: subtype == 0 ? "DMG Beacon" : subtype == 1 ? "S1G Beacon" : "Reserved extension frame"
        }
    }

    private static let managementNames: [StaticString] = [
        "Association Request", "Association Response", "Reassociation Request", "Reassociation Response",
        "Probe Request", "Probe Response", "Timing Advertisement", "Reserved management frame", "Beacon", "ATIM",
        "Disassociation", "Authentication", "Deauthentication", "Action", "Action No Ack", "Reserved management frame",
    ]

    private static let controlNames: [StaticString] = [
        "Reserved control frame", "Reserved control frame", "Trigger", "TACK", "Beamforming Report Poll",
        "VHT/HE NDP Announcement", "Control Frame Extension", "Control Wrapper", "BlockAckReq", "BlockAck", "PS-Poll",
        "RTS", "CTS", "Ack", "CF-End", "CF-End +CF-Ack",
    ]

    private static let dataNames: [StaticString] = [
        "Data", "Data +CF-Ack", "Data +CF-Poll", "Data +CF-Ack +CF-Poll", "Null", "CF-Ack", "CF-Poll",
        "CF-Ack +CF-Poll", "QoS Data", "QoS Data +CF-Ack", "QoS Data +CF-Poll", "QoS Data +CF-Ack +CF-Poll", "QoS Null",
        "Reserved data frame", "QoS CF-Poll", "QoS CF-Ack +CF-Poll",
    ]
}

extension BlockAckVariant {
    /// What the standard calls it.
    var name: StaticString {
        switch self {
        case .basic: "basic"
        case .extendedCompressed: "extended compressed"
        case .compressed: "compressed"
        case .multiTID: "multi-TID"
        case .gcr: "GCR"
        case .glkGCR: "GLK-GCR"
        case .multiSTA: "multi-STA"
        default: "reserved variant"
        }
    }
}

/// The categories of action frames that have a name (IEEE Std 802.11-2020, Table 9-51; IEEE Std 802.11be-2024 for 36 and 37).
func categoryName(_ category: UInt8) -> StaticString? {
    switch category {
    case 0: "Spectrum Management"
    case 1: "QoS"
    case 3: "Block Ack"
    case 4: "Public"
    case 5: "Radio Measurement"
    case 6: "Fast BSS Transition"
    case 7: "HT"
    case 8: "SA Query"
    case 9: "Protected Dual of Public Action"
    case 10: "WNM"
    case 11: "Unprotected WNM"
    case 12: "TDLS"
    case 13: "Mesh"
    case 14: "Multihop"
    case 15: "Self-protected"
    case 16: "DMG"
    case 18: "Fast Session Transfer"
    case 19: "Robust AV Streaming"
    case 20: "Unprotected DMG"
    case 21: "VHT"
    case 22: "Unprotected S1G"
    case 23: "S1G"
    case 24: "Flow Control"
    case 26: "FILS"
    case 30: "HE"
    case 31: "Protected HE"
    case 36: "EHT"
    case 37: "Protected EHT"
    case 126: "Protected vendor-specific"
    case 127: "Vendor-specific"
    default: nil
    }
}
