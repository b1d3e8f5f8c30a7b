import IEEE80211
import SessionCore

/// The kind of a frame, by its clear header; every frame is of one of these kinds.
public enum SelectedKind: String, Decodable, CaseIterable, Sendable {
    /// Data frames.
    case data
    /// Block acknowledgments of Relink, which are action frames of its own.
    case blockAcknowledgment
    /// All other management frames.
    case management
    /// Control frames, and whatever else there is.
    case control

    /// The type of the vendor-specific action frame that is a block acknowledgment (docs/protocol.md), behind category and organization identifier.
    private static let blockAcknowledgmentHead: [UInt8] =
        [127] + [16, 8, 0].map { UInt8(SessionElement.oui.rawValue >> $0 & 0xff) } + [4]
    private static let headerLength = 24

    /// The kind of a frame.
    init(of octets: [UInt8]) {
        guard let first = octets.first else {
            self = .control
            return
        }
        let control = FrameControl(rawValue: UInt16(first))
        switch control.type {
        case .data: self = .data
        case .management where control.kind == .action:
            let isBlockAcknowledgment = octets.dropFirst(Self.headerLength).starts(with: Self.blockAcknowledgmentHead)
            self = isBlockAcknowledgment ? .blockAcknowledgment : .management
        case .management: self = .management
        case .control, .extension: self = .control
        }
    }
}

/// Which frames of a direction a loss is about.
struct FrameSelector: Equatable {
    var kinds = Set(SelectedKind.allCases)
    var longerThan = 0

    /// True if a frame is one of them.
    func selects(_ octets: [UInt8]) -> Bool {
        octets.count > longerThan && kinds.contains(SelectedKind(of: octets))
    }
}
