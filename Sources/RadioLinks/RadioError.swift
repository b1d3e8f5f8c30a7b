import Glibc
import IEEE80211

/// Why a radio can't be used, with what to do about it. `description` always names the cause and the remedy.
public enum RadioError: Error, Equatable, Sendable {
    /// The kernel has no radio of this name in this network namespace.
    case wiphyNotFound(name: String, available: [String])
    /// The kernel has no nl80211: no driver of a radio is loaded.
    case wirelessMissing
    /// The kernel has no radio at all in this network namespace.
    case radiosMissing
    /// The radio has no monitor mode.
    case monitorUnsupported(wiphy: String)
    /// An interface of this name exists, and it is not one that an earlier agent left behind.
    case interfaceNameTaken(interface: String)
    /// The interface name is empty, longer than 15 octets, or has characters that the kernel refuses.
    case interfaceNameUnusable(String)
    /// The radio has no channel at this frequency (MHz).
    case channelUnknown(wiphy: String, frequency: UInt16)
    /// The regulatory domain does not let this radio transmit on its own on this channel.
    case channelForbidden(wiphy: String, frequency: UInt16, restriction: ChannelRestriction, regulatoryDomain: String)
    /// Other interfaces of the radio are up and hold it on their channel.
    case channelBusy(wiphy: String, frequency: UInt16, interfaces: [String])
    /// Somebody uses the radio: these interfaces have to be let go of first.
    case radioHeld(wiphy: String, holders: [RadioInterface])
    /// The radio has no channel on which it may transmit of its own accord.
    case noPermittedChannel(wiphy: String, regulatoryDomain: String)
    /// The user wants no more of it.
    case interrupted
    /// The radio is on another channel than the one set; `found` is 0 where it tells none.
    case channelNotKept(interface: String, wanted: UInt16, found: UInt16)
    /// The interface has another address than the one set.
    case addressNotKept(interface: String, wanted: MACAddress, found: MACAddress)
    /// The address is a group address or all zero.
    case addressUnusable(MACAddress)
    /// MAC acknowledgment was asked for, and no way to hold the radio gives it.
    case macAcknowledgmentImpossible(wiphy: String, failures: [WayFailure])
    /// No way to hold the radio can be used; this is the last one.
    case radioNotHeld(wiphy: String, failure: WayFailure)
    /// The access point or IBSS that holds the radio was stopped.
    case anchorStopped(interface: String)
    /// The radio is switched off by rfkill.
    case radioBlocked(wiphy: String)
    /// This process may not do that.
    case permissionDenied(action: String)
    /// The frame, radiotap header included, is longer than the interface's MTU.
    case frameTooLong(interface: String, length: Int, mtu: UInt32)
    /// The interface is down.
    case interfaceDown(interface: String)
    /// The interface or its radio is gone.
    case interfaceGone(interface: String)
    /// The interface does not deliver radiotap headers but this link type of libpcap.
    case linkTypeUnexpected(interface: String, linkType: Int32)
    /// libpcap could not do something, in its own words.
    case captureFailed(interface: String, action: String, message: String)
    /// The kernel refused something, with its `errno`.
    case refused(action: String, code: Int32)
    /// The link was closed.
    case closed(interface: String)
}

/// What keeps a radio from transmitting on a channel of its own accord (nl80211: `NL80211_FREQUENCY_ATTR_*`).
///
/// The gravest comes first.
public enum ChannelRestriction: String, Codable, Equatable, Sendable, CaseIterable {
    /// `DISABLED`: not allowed at all.
    case disabled
    /// `RADAR`: radar has to be looked for first, which a monitor interface can't.
    case radar
    /// `NO_IR`: no initiating radiation; only listening, or answering a station that is there.
    case noInitiatingRadiation
}

extension RadioError: CustomStringConvertible {
    /// The cause, a semicolon, and the remedy.
    public var description: String { "\(cause); \(remedy)" }

    /// What is wrong.
    public var cause: String {
        switch self {
        case .wiphyNotFound(let name, let available):
            "there is no radio \(name) in this network namespace"
                + (available.isEmpty ? " (there is none at all)" : " (there are \(available.joined(separator: ", ")))")
        case .wirelessMissing: "this kernel has no wireless networking (nl80211)"
        case .radiosMissing: "there are no radios in this network namespace"
        case .monitorUnsupported(let wiphy): "the driver of \(wiphy) has no monitor mode"
        case .interfaceNameTaken(let interface): "an interface \(interface) exists and is not a left-over of relink"
        case .interfaceNameUnusable(let name): "'\(name)' can't be the name of an interface"
        case .channelUnknown(let wiphy, let frequency): "\(wiphy) has no channel at \(frequency) MHz"
        case .channelForbidden(let wiphy, let frequency, let restriction, let domain):
            "\(wiphy) may not transmit at \(frequency) MHz: \(restriction.phrase) in regulatory domain \(domain)"
        case .channelBusy(let wiphy, let frequency, let interfaces):
            "\(wiphy) can't go to \(frequency) MHz while it serves "
                + (interfaces.isEmpty ? "another interface" : interfaces.joined(separator: ", "))
        case .radioHeld(let wiphy, let holders): "\(wiphy) is in use: \(holders.map(\.phrase).joined(separator: ", "))"
        case .noPermittedChannel(let wiphy, let domain):
            "\(wiphy) has no channel on which it may transmit in regulatory domain \(domain)"
        case .interrupted: "this was interrupted"
        case .channelNotKept(let interface, let wanted, let found):
            found == 0
                ? "\(interface) is on no channel, though it was set to \(wanted) MHz"
                : "\(interface) is at \(found) MHz, though it was set to \(wanted) MHz"
        case .addressNotKept(let interface, let wanted, let found):
            "\(interface) has the address \(found), though it was set to \(wanted)"
        case .addressUnusable(let address): "\(address) can't be the address of a radio"
        case .macAcknowledgmentImpossible(let wiphy, let failures):
            "\(wiphy) gives no MAC acknowledgments: "
                + (failures.isEmpty ? "nothing may hold it" : failures.map(\.cause).joined(separator: "; "))
        case .radioNotHeld(let wiphy, let failure): "\(wiphy) can't be held on its channel: \(failure.cause)"
        case .anchorStopped(let interface): "\(interface), which holds the radio on its channel, was stopped"
        case .radioBlocked(let wiphy): "\(wiphy) is switched off (rfkill)"
        case .permissionDenied(let action): "this process may not \(action)"
        case .frameTooLong(let interface, let length, let mtu):
            "a frame of \(length) octets with its radiotap header does not fit the MTU of \(interface), \(mtu)"
        case .interfaceDown(let interface): "\(interface) is down"
        case .interfaceGone(let interface): "\(interface) or its radio is gone"
        case .linkTypeUnexpected(let interface, let linkType):
            "\(interface) delivers packets of link type \(linkType) instead of radiotap (127)"
        case .captureFailed(let interface, let action, let message): "can't \(action) on \(interface): \(message)"
        case .refused(let action, let code): "can't \(action): \(String(cString: strerror(code)))"
        case .closed(let interface): "the link on \(interface) was closed"
        }
    }

    /// The remedy for the user.
    public var remedy: String {
        switch self {
        case .wiphyNotFound:
            "plug it in, load its driver, or name one that `iw phy` lists"
                + " (`iw phy NAME set netns name NAMESPACE` moves one)"
        case .wirelessMissing: "plug a radio in, or load its driver (modprobe; lspci -k and lsusb name it)"
        case .radiosMissing:
            "plug one in, load its driver (modprobe; lspci -k and lsusb name it), or move one here"
                + " (iw phy NAME set netns PROCESS)"
        case .monitorUnsupported: "use a radio whose `iw phy` lists monitor under supported interface modes"
        case .interfaceNameTaken(let interface):
            "choose another `interface` for the link, or remove it: iw dev \(interface) del"
        case .interfaceNameUnusable: "use 1 to 15 letters, digits, '-' or '_'"
        case .channelUnknown: "choose a channel that `iw phy` lists for it"
        case .channelForbidden(_, _, let restriction, _):
            restriction == .radar
                ? "choose a channel without radar detection"
                : "set the country you are in (iw reg set CC; needs wireless-regdb) or choose another channel"
        case .channelBusy(_, _, let interfaces):
            "set \(interfaces.isEmpty ? "it" : interfaces.joined(separator: ", ")) down (ip link set … down) and keep"
                + " NetworkManager and wpa_supplicant off it (nmcli device set NAME managed no)"
        case .radioHeld(_, let holders): Self.release(holders)
        case .noPermittedChannel: "set the country you are in (iw reg set CC; needs wireless-regdb)"
        case .interrupted: "start it again"
        case .channelNotKept:
            "stop what else uses the radio (iw dev; NetworkManager, wpa_supplicant), or choose another channel"
        case .addressNotKept: "leave `address` out, or use a radio whose driver lets it be changed"
        case .addressUnusable: "use an individual address, such as 02:…: the lowest bit of the first octet is 0"
        case .macAcknowledgmentImpossible: "set acknowledgment = \"frame\" or \"auto\" for this link"
        case .radioNotHeld(_, let failure): failure.problem.remedy
        case .anchorStopped: "keep what stopped it (iw, NetworkManager, hostapd) off the radio"
        case .radioBlocked: "switch it on: rfkill unblock wifi"
        case .permissionDenied: "run relink as root, or give it CAP_NET_ADMIN and CAP_NET_RAW"
        case .frameTooLong: "send less at a time, or raise the MTU (2304 is the most)"
        case .interfaceDown(let interface): "set it up: ip link set \(interface) up"
        case .interfaceGone: "plug the radio in again, or load its driver"
        case .linkTypeUnexpected: "use a radio whose driver delivers radiotap headers"
        case .captureFailed: "look whether the interface is still there and up: ip link show"
        case .refused: "see what the kernel says about the radio: dmesg | tail"
        case .closed: "make the link anew"
        }
    }
}

extension ChannelRestriction {
    fileprivate var phrase: String {
        switch self {
        case .disabled: "the channel is disabled"
        case .noInitiatingRadiation: "the channel is for listening only (no IR)"
        case .radar: "the channel needs radar detection"
        }
    }
}
