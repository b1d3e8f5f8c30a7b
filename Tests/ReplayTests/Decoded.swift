import CaptureFiles
import IEEE80211

/// What this project decodes from one record, in tshark's names and notation.
struct Decoded {
    /// The values by tshark's name of the field.
    private(set) var fields: [String: String] = [:]
    /// Why not all of it could be read.
    private(set) var error: FrameError?
    /// What kind of frame it is, if that could be read.
    private(set) var kind: FrameKind?

    /// The fields of every frame that are compared.
    static let headerNames =
        ["length", "flags", "mactime", "datarate", "channel.freq", "dbm_antsignal", "antenna", "rxflags", "txflags"]
        .map { "radiotap." + $0 }
        + [
            "fc.type_subtype", "fc", "fc.retry", "fc.protected", "duration", "ra", "ta", "da", "sa", "bssid", "seq",
            "frag", "qos.tid", "qos.ack", "qos.amsdupresent", "fixed.category_code",
        ].map { "wlan." + $0 }

    /// The fields that are compared besides in Block Ack action frames; other frames have some of them too, and those are
    /// not read here.
    static let blockAckNames = [
        "action_code", "dialog_token", "status_code", "reason_code", "baparams.amsdu", "baparams.policy",
        "baparams.tid", "baparams.buffersize", "batimeout", "ssc.fragment", "ssc.sequence", "delba.param.initiator",
        "delba.param.tid",
    ].map { "wlan.fixed." + $0 }

    init(_ record: CaptureRecord) {
        var mpdu = record.octets
        do throws(FrameError) {
            switch record.linkType {
            case .ppi: mpdu.removeFirst(try PPI(parsing: record.octets).length)
            case .avs: mpdu.removeFirst(try AVS(parsing: record.octets).length)
            case .prism: mpdu.removeFirst(try Prism(parsing: record.octets).length)
            case .radiotap:
                let radiotap = try Radiotap(parsing: record.octets)
                read(radiotap)
                mpdu = Array(record.octets[radiotap.mpduRange(ofPacketWithCount: record.octets.count)])
            default: mpdu = mpdu.dropLast(record.fcsLength ?? 0)
            }
            let header = try MACHeader(parsing: mpdu)
            kind = header.frameControl.kind
            read(header)
            guard header.frameControl.kind == .action || header.frameControl.kind == .actionNoAck else { return }
            read(try ActionFrame(parsing: mpdu).action)
        } catch {
            self.error = error
        }
    }

    private mutating func read(_ radiotap: Radiotap) {
        set("radiotap.length", radiotap.length)
        set("radiotap.flags", radiotap.flags.map { hex($0.rawValue) })
        set("radiotap.mactime", radiotap.tsft)
        set("radiotap.datarate", radiotap.rate.map { $0.isMultiple(of: 2) ? "\($0 / 2)" : "\($0 / 2).5" })
        set("radiotap.channel.freq", radiotap.channel?.frequency)
        set("radiotap.dbm_antsignal", radiotap.antennaSignal)
        set("radiotap.antenna", radiotap.antenna)
        set("radiotap.rxflags", radiotap.receiveFlags.map(hex))
        set("radiotap.txflags", radiotap.transmitFlags.map { hex($0.rawValue) })
    }

    private mutating func read(_ header: MACHeader) {
        let control = header.frameControl
        set("wlan.fc.type_subtype", hex(UInt16(control.type.rawValue) << 4 | UInt16(control.subtype)))
        set("wlan.fc", hex(control.rawValue.byteSwapped))
        set("wlan.fc.retry", control.retry ? 1 : 0)
        set("wlan.fc.protected", control.protectedFrame ? 1 : 0)
        set("wlan.duration", header.duration)
        set("wlan.ra", header.receiver)
        set("wlan.ta", header.transmitter)
        set("wlan.da", header.destination)
        set("wlan.sa", header.source)
        set("wlan.bssid", header.bssid)
        set("wlan.seq", header.sequenceControl?.sequence)
        set("wlan.frag", header.sequenceControl?.fragment)
        set("wlan.qos.tid", header.qosControl?.tid)
        set("wlan.qos.ack", header.qosControl.map { hex(UInt16($0.ackPolicy.rawValue)) })
        set("wlan.qos.amsdupresent", header.qosControl.map { $0.aMSDUPresent ? 1 : 0 })
    }

    private mutating func read(_ action: Action) {
        switch action {
        case .addBlockAckRequest(let request):
            set("wlan.fixed.category_code", 3)
            set("wlan.fixed.action_code", "0x00")
            set("wlan.fixed.dialog_token", hex(request.dialogToken))
            read(request.parameters, timeout: request.timeout)
            set("wlan.fixed.ssc.fragment", request.startingSequence.fragment)
            set("wlan.fixed.ssc.sequence", request.startingSequence.sequence)
        case .addBlockAckResponse(let response):
            set("wlan.fixed.category_code", 3)
            set("wlan.fixed.action_code", "0x01")
            set("wlan.fixed.dialog_token", hex(response.dialogToken))
            set("wlan.fixed.status_code", hex(response.status.rawValue))
            read(response.parameters, timeout: response.timeout)
        case .deleteBlockAck(let delete):
            set("wlan.fixed.category_code", 3)
            set("wlan.fixed.action_code", "0x02")
            set("wlan.fixed.reason_code", hex(delete.reason.rawValue))
            set("wlan.fixed.delba.param.initiator", delete.initiator ? 1 : 0)
            set("wlan.fixed.delba.param.tid", hex(UInt16(delete.tid)))
        case .publicAction: set("wlan.fixed.category_code", 4)
        case .protectedVendorSpecific: set("wlan.fixed.category_code", 126)
        case .vendorSpecific: set("wlan.fixed.category_code", 127)
        case .other(let category, _): set("wlan.fixed.category_code", category)
        }
    }

    private mutating func read(_ parameters: BlockAckParameterSet, timeout: UInt16) {
        set("wlan.fixed.baparams.amsdu", parameters.aMSDUSupported ? 1 : 0)
        set("wlan.fixed.baparams.policy", parameters.policy == .immediate ? 1 : 0)
        set("wlan.fixed.baparams.tid", hex(UInt16(parameters.tid)))
        set("wlan.fixed.baparams.buffersize", parameters.bufferSize)
        set("wlan.fixed.batimeout", hex(timeout))
    }

    private mutating func set(_ name: String, _ value: (some CustomStringConvertible)?) {
        if let value { fields[name] = value.description }
    }
}

/// A number as tshark prints those of the type.
private func hex(_ value: some FixedWidthInteger) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: value.bitWidth / 4 - digits.count) + digits
}
