import SessionCore
import TestSupport
import VirtualAir

/// A life of a cluster, drawn from a seed before anything runs, so that it can be made shorter and played again.
public struct Plan: Codable, Equatable, Sendable {
    /// The seed of the plan, of the air and of the engines.
    public var seed: UInt64
    /// The stations.
    public var stations: [StationPlan]
    /// The links; each station has a radio on each.
    public var links: Int
    /// By link: whether radios acknowledge; agents do where they do not.
    public var radiosAcknowledge: [Bool]
    /// True if each two stations share a key.
    public var isSecured: Bool
    /// The steps, by time.
    public var steps: [PlannedStep]
    /// The time after which all faults are over, in milliseconds.
    public var faultyMilliseconds: Int
    /// Links that die for good; at least one is left.
    public var deadLinks: [Int]
    /// When they die, in milliseconds.
    public var deadFromMilliseconds: Int

    /// A station's own part.
    public struct StationPlan: Codable, Equatable, Sendable {
        /// The stations that it knows.
        public var peers: [Int]
        /// The TIDs of the sessions that it wants with each from the start.
        public var tids: [Int]
        /// When it shares sessions.
        public var sharing: String
        /// TIDs that go out on all links.
        public var mirrored: [Int]
        /// The receive window.
        public var bufferSize: Int
        /// True if it supports rebuild and sharing.
        public var supportsRebuild: Bool
        /// See `supportsRebuild`.
        public var supportsSharing: Bool
        /// `Limits.queuedPayloads`.
        public var queuedPayloads: Int
        /// `Limits.interruptedSessions`.
        public var interruptedSessions: Int
        /// `Limits.sessionsPerPeer`.
        public var sessionsPerPeer: Int
        /// `Limits.retention` in milliseconds.
        public var retentionMilliseconds: Int
        /// `SessionParameters.payloadLifetime` in milliseconds.
        public var lifetimeMilliseconds: Int
        /// New keys after so many milliseconds.
        public var rekeyMilliseconds: Int
        /// Its clock.
        public var clock: StationClock
        /// The first number of its transmissions, as a distance from the wrap; `nil` is any.
        public var transmissionsBeforeWrap: UInt32?
    }

    /// Something that begins at a time, and ends at another where it lasts.
    public struct PlannedStep: Codable, Equatable, Sendable {
        /// When, in microseconds.
        public var at: Int
        /// Its duration, in microseconds; 0 where it has none.
        public var lasts: Int
        /// The thing.
        public var what: Deed
    }

    /// The things that happen to a cluster.
    public enum Deed: Codable, Equatable, Sendable {
        /// The host of a station has payloads for another.
        case traffic(from: Int, to: Int, tid: Int, count: Int, length: Int, everyMicroseconds: Int)
        /// The air treats frames of a station on a link so.
        case air(station: Int, link: Int, AirPlan)
        /// The kernel reports that a radio is down.
        case radioDown(station: Int, link: Int)
        /// An agent gets no processor.
        case standStill(station: Int)
        /// An agent dies; at its end it is started again. With `saysGoodbye` it ends its sessions first.
        case crash(station: Int, saysGoodbye: Bool)
        /// A user ends a session, if there is one, as initiator or receiver.
        case close(station: Int, peer: Int, tid: Int, asInitiator: Bool)
        /// A user shares the first session with a peer on all links.
        case share(station: Int, peer: Int, links: [Int])
        /// A user wants a session.
        case connect(station: Int, peer: Int, tid: Int)
        /// Somebody sends frames of before again, changed or not.
        case replay(count: Int, changed: Bool)
    }

    /// The faults of the air for frames of a station on a link; shares in thousandths, times in microseconds.
    public struct AirPlan: Codable, Equatable, Sendable {
        /// Nothing arrives.
        public var isCut = false
        /// See `VirtualAir.Faults`.
        public var frameLoss = 0
        /// See `VirtualAir.Faults`.
        public var acknowledgmentLoss = 0
        /// See `VirtualAir.Faults`.
        public var reportLoss = 0
        /// See `VirtualAir.Faults`.
        public var reportDelay = 0
        /// See `VirtualAir.Faults`.
        public var forgesAcknowledgments = false
        /// See `VirtualAir.Faults`.
        public var lost = FrameSelector.none
        /// See `VirtualAir.Faults`.
        public var duplication = 0
        /// See `VirtualAir.Faults`.
        public var delay = 100
        /// See `VirtualAir.Faults`.
        public var jitter = 0

        /// As the air takes it.
        var faults: VirtualAir.Faults {
            var faults = VirtualAir.Faults()
            faults.isCut = isCut
            faults.frameLoss = Double(frameLoss) / 1000
            faults.acknowledgmentLoss = Double(acknowledgmentLoss) / 1000
            faults.reportLoss = Double(reportLoss) / 1000
            faults.reportDelay = .microseconds(reportDelay)
            faults.forgesAcknowledgments = forgesAcknowledgments
            faults.lost = lost
            faults.duplication = Double(duplication) / 1000
            faults.delay = .microseconds(delay)
            faults.jitter = .microseconds(jitter)
            return faults
        }
    }
}
