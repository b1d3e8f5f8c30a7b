// Which address plays which part (IEEE Std 802.11-2020, 9.3.1 to 9.3.4 and Table 9-30).

extension MACHeader {
    /// RA: the station that is to receive the frame. `nil` in extension frames, which have none.
    public var receiver: MACAddress? { frameControl.type == .extension ? nil : address1 }

    /// TA: the station that transmits it. Some control frames don't say.
    public var transmitter: MACAddress? { address2 }

    /// DA: where the frame finally goes. `nil` in control frames, and where the A-MSDU within says it instead.
    public var destination: MACAddress? {
        switch frameControl.type {
        case .management: address1
        case .data where !frameControl.toDS: address1
        case .data: qosControl?.aMSDUPresent == true ? nil : address3
        case .control, .extension: nil
        }
    }

    /// SA: where the frame comes from. `nil` in control frames, and where the A-MSDU within says it instead.
    public var source: MACAddress? {
        switch frameControl.type {
        case .management: address2
        case .data where !frameControl.fromDS: address2
        case .data where qosControl?.aMSDUPresent == true: nil
        case .data: frameControl.toDS ? address4 : address3
        case .control, .extension: nil
        }
    }

    /// BSSID: the network that the frame belongs to, as far as the header says it.
    public var bssid: MACAddress? {
        switch frameControl.type {
        case .management: return address3
        case .data:
            switch (frameControl.toDS, frameControl.fromDS) {
            case (false, false): return address3
            case (true, false): return address1
            case (false, true): return address2
            case (true, true): return nil
            }
        case .control:
            switch kind {
            case .powerSavePoll: return address1
            case .contentionFreeEnd, .contentionFreeEndAck: return address2
            default: return nil
            }
        case .extension: return nil
        }
    }
}
