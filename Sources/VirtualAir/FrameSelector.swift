import IEEE80211
import SessionCore

/// The kind of a frame, by its clear header; every frame is of one of these kinds.
public enum SelectedKind: String, Codable, CaseIterable, Sendable {
    /// Data frames.
    case data
    /// Block acknowledgments of Relink, which are action frames of its own.
    case blockAcknowledgment
    /// Heartbeats of Relink.
    case heartbeat
    /// Session acknowledgments of Relink: the answers of an agent where radios do not acknowledge.
    case sessionAcknowledgment
    /// All other management frames: requests and responses, handshakes, announcements.
    case management
    /// Control frames, and whatever else there is.
    case control

    /// Octets before the body of an action frame.
    private static let headerLength = 24

    /// The kind of a frame.
    public init(of octets: [UInt8]) {
        guard let first = octets.first else {
            self = .control
            return
        }
        let control = FrameControl(rawValue: UInt16(first))
        switch control.type {
        case .data: self = .data
        case .management: self = control.kind == .action ? Self.action(octets) : .management
        case .control, .extension: self = .control
        }
    }

    private static func action(_ octets: [UInt8]) -> SelectedKind {
        guard octets.count > headerLength else { return .management }
        switch PeerAction.type(of: octets.span.extracting(droppingFirst: headerLength)) {
        case PeerAction.heartbeatType: return .heartbeat
        case PeerAction.sessionAcknowledgmentType: return .sessionAcknowledgment
        case PeerAction.blockAcknowledgmentType: return .blockAcknowledgment
        default: return .management
        }
    }
}

/// Which frames of a direction a loss is about: those of some kinds that are long enough.
public struct FrameSelector: Equatable, Codable, Sendable {
    /// The kinds.
    public var kinds: Set<SelectedKind>
    /// Frames of up to so many bytes are not selected.
    public var longerThan: Int

    /// All frames, unless something else is stated.
    public init(kinds: Set<SelectedKind> = Set(SelectedKind.allCases), longerThan: Int = 0) {
        self.kinds = kinds
        self.longerThan = longerThan
    }

    /// No frame.
    public static let none = FrameSelector(kinds: [])

    /// True if a frame is one of them.
    public func selects(_ octets: [UInt8]) -> Bool {
        guard !kinds.isEmpty, octets.count > longerThan else { return false }
        return kinds.count == SelectedKind.allCases.count || kinds.contains(SelectedKind(of: octets))
    }
}
