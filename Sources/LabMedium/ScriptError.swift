/// What is wrong with a script or a change.
public enum ScriptError: Error, Equatable, Sendable {
    /// Two links have this number.
    case linkTwice(Int)
    /// Two radios have this name on one link, or the same address.
    case radioTwice(String)
    /// No link has this number.
    case unknownLink(Int)
    /// No radio has this name on the links in question.
    case unknownRadio(String)
    /// This is no MAC address.
    case notAnAddress(String)
    /// The setting can't have this value.
    case outOfRange(setting: String)
    /// The setting is one of whole links, and the change names a direction.
    case notOfDirections(setting: String)
}

extension ScriptError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .linkTwice(let link): "link \(link) is there twice"
        case .radioTwice(let name): "radio \(name) is there twice, or its address is"
        case .unknownLink(let link): "there is no link \(link)"
        case .unknownRadio(let name): "there is no radio \(name) on that link"
        case .notAnAddress(let text): "\(text) is no MAC address"
        case .outOfRange(let setting): "\(setting) is out of range"
        case .notOfDirections(let setting): "\(setting) is set for links, not for directions"
        }
    }
}
