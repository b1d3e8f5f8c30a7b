import IEEE80211
import LinkSecurity
import SessionCore

// What this project's own elements and actions say (docs/protocol.md).

extension [UInt8] {
    /// Appends a session's identifier.
    mutating func append(_ session: SessionIdentifier) {
        append("session 0x")
        append(hex: session.rawValue)
    }

    /// Appends words with the links of a set: `link 1`, `links 1, 2`.
    private mutating func append(_ words: StaticString, _ links: LinkSet) {
        append(words)
        append(links.count == 1 ? "link " : "links ")
        append(text: links.isEmpty ? "none" : links.description)
    }

    /// Appends what the elements say that this project knows: the session, and the device and link it comes from.
    mutating func append(elements: [IEEE80211.Element]) {
        do throws(SessionFrameError) {
            if let element = try SessionElement(in: elements) {
                append("; Relink ")
                append(element)
            }
        } catch {
            append("; Relink element, not readable: ")
            append(text: error.text)
        }
        guard let device = try? BasicMultiLinkElement(in: elements) else { return }
        append("; MLD ", device.mldAddress)
        append(" link ", device.linkID)
    }

    private mutating func append(_ element: SessionElement) {
        append(element.session)
        if element.flags.contains(.sharing) {
            append(" sharing ", element.rebuildNumber)
        } else if element.flags.contains(.rebuild) {
            append(" rebuild ", element.rebuildNumber)
            if element.flags.contains(.fromReceiver) { append(" by its receiver") }
        } else {
            if element.flags.contains(.supportsRebuild) { append(" supports rebuild") }
            if element.flags.contains(.supportsSharing) { append(" supports sharing") }
        }
        if let position = element.position {
            append(", position ", position.start.rawValue)
            append(" to ", position.next.rawValue)
        }
        if let links = element.links { append(", ", links) }
        if element.reason != .unspecified {
            append(", refused: ")
            append(text: String(describing: element.reason))
        }
        append(", transmission ", element.transmission.rawValue)
    }

    /// Appends what a vendor-specific action says.
    mutating func append(vendorSpecific action: VendorSpecificAction) {
        guard action.oui == SessionElement.oui else {
            append("Vendor-specific")
            append(action.oui)
            return
        }
        append("Relink ")
        do throws(SessionFrameError) {
            if let message = try HandshakeFrame.message(in: .vendorSpecific(action)) {
                let kind = HandshakeKind(of: message)
                append(text: "handshake " + (kind.map { "\($0)" } ?? "message of an unknown kind"))
                return
            }
            append(try PeerAction(body: action.body))
        } catch {
            append("action, not readable: ")
            append(text: error.text)
        }
    }

    private mutating func append(_ action: PeerAction) {
        switch action {
        case .heartbeat(let heartbeat):
            append("heartbeat, transmission ", heartbeat.transmission.rawValue)
            append(heartbeat.flags.contains(.linkAlive) ? ", link alive" : ", link not alive")
            append(", next in ", heartbeat.interval)
            append(" TU")
            for entry in heartbeat.sessions {
                append(", ")
                append(entry.session)
                append(entry.isLive ? " live" : " interrupted")
                if !entry.links.isEmpty { append(" on ", entry.links) }
            }
            if let sender = heartbeat.sender {
                append(", MLD ", sender.mldAddress)
                for link in sender.links {
                    append(", link ", link.identifier.rawValue)
                    append(" at ", link.frequency)
                    append(" MHz ", link.address)
                }
            }
            guard let receives = heartbeat.receives else { break }
            if let highest = receives.highThroughput.highestModulation { append(", receives up to MCS ", highest) }
            if let capabilities = receives.veryHighThroughput {
                append(", VHT MCS ", capabilities.highestModulation)
                append(" with ", capabilities.streams)
                append(capabilities.streams == 1 ? " stream" : " streams")
            }
        case .sessionAcknowledgment(let transmission):
            append("acknowledgment of transmission ", transmission.rawValue)
        case .blockAcknowledgment(let acknowledgment):
            append("block acknowledgment, ")
            append(acknowledgment.session)
            append(", all before ", acknowledgment.start.rawValue)
            append(" and ", BlockAckBitmap.count(acknowledgment.bitmap))
            append(" more received")
        case .announcement(let announcement):
            append("announcement, MLD ", announcement.mldAddress)
            append(" link ", announcement.link.rawValue)
            append(", supports ")
            let names = announcement.capabilities.names
            append(text: names.isEmpty ? "nothing" : names.joined(separator: ", "))
            append(", next in ", announcement.interval)
            append(" TU")
        }
    }
}

extension SessionFrameError {
    /// What is wrong, for people.
    var text: String {
        switch self {
        case .truncated: "cut short"
        case .versionNotSupported(let version): "version \(version) is not known"
        case .unknownType(let type): "type \(type) is not known"
        case .corrupted: "its integrity check does not hold"
        case .inconsistentLength: "a length contradicts what is there"
        }
    }
}
