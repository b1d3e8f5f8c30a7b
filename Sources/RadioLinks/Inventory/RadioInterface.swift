import IEEE80211

/// An interface of a radio, as the kernel tells of it, and who uses it.
public struct RadioInterface: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// The kernel's number of it.
    public var index: UInt32
    /// What it is.
    public var mode: InterfaceMode
    /// Whether it is up.
    public var up: Bool
    /// Its address.
    public var address: String
    /// Centre frequency in MHz; left out where the kernel tells none.
    public var frequency: UInt16?
    /// Whether the radio saves power on it; left out where the driver has no say in it.
    public var powerSave: Bool?
    /// Whether an agent made it: it has the mark of one.
    public var madeByRelink: Bool
    /// The programs that use it.
    public var programs: [RunningProgram]
}

/// Who must let go of a radio before it can be tried or used.
enum RadioOccupancy {
    /// What counts as holding a radio.
    enum Measure {
        /// What keeps the kernel from setting a channel: an interface that is up and no monitor (`EBUSY`).
        case channel
        /// All that a trial could disturb: every interface that is up, and every one that a program uses.
        case disturbance
    }

    /// The interfaces that hold a radio.
    static func holders(among interfaces: [RadioInterface], by measure: Measure) -> [RadioInterface] {
        interfaces.filter { interface in
            switch measure {
            case .channel: interface.up && interface.mode != .monitor
            case .disturbance: interface.up || !interface.programs.isEmpty
            }
        }
    }
}
