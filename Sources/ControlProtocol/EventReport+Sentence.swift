extension EventReport {
    /// The time of day by the agent's wall clock (UTC) and the sentence: one line for a person, without a line feed.
    public var line: String {
        let time = wallClock.split(separator: "T").last.map { $0.hasSuffix("Z") ? $0.dropLast() : $0 }
        return "\(time ?? Substring(wallClock)) \(sentence())"
    }

    /// What happened, in plain words. An event that this version does not know is told by its name.
    /// - Parameter peerName: What to call the peer instead of by its MLD address.
    public func sentence(peerName: String? = nil) -> String {
        let peerName = peerName ?? peer ?? "a peer"
        let sessionName = sessionName(peerName)
        var text =
            switch event {
            case "linkUp": "\(linkName) up"
            case "linkDown": "\(linkName) down"
            case "linkAlive": "\(linkName) to \(peerName) alive"
            case "linkSuspect": "\(linkName) to \(peerName) suspect"
            case "linkLost": "\(linkName) to \(peerName) lost"
            case "peerAppeared": "\(peerName) appeared, \(linkNames)"
            case "peerChanged": "\(peerName) changed\(onLink), now \(linkNames)"
            case "peerVanished": "\(peerName) vanished"
            case "announcementRefused": "announcement of \(peerName) refused\(onLink)"
            case "secured": "keys with \(peerName) made\(onLink)"
            case "peerDisagrees": "\(peerName) and this device disagree\(onLink)"
            case "handshakeFailed": "no keys with \(peerName)\(onLink)"
            case "sessionRequested": "\(sessionName) requested\(onLink)"
            case "established": "\(sessionName) established\(onLink)"
            case "establishedAnew": "\(sessionName) established anew\(onLink)"
            case "interrupted": "\(sessionName) interrupted\(link.map { " by the loss of link \($0)" } ?? "")"
            case "rebuildRequested": "rebuild of \(sessionName) requested\(onLink)"
            case "rebuilt": "\(sessionName) rebuilt\(onLink)"
            case "rebuildLoop": "\(sessionName) is rebuilt and lost again and again, last\(onLink)"
            case "shareRequested": "sharing of \(sessionName) on \(linkNames) requested\(onLink)"
            case "shared": "\(sessionName) shared, lives on \(linkNames)"
            case "sharedLinkLost": "\(sessionName) lost \(linkName), lives on \(linkNames)"
            case "noLinkDelivers": "\(sessionName) goes on\(onLink), \(linkNames) fail"
            case "refused": "\(sessionName) refused\(onLink)"
            case "payloadsGivenUp": "\(sessionName) gave up payloads\(onLink)"
            case "ended": "\(sessionName) ended\(onLink)"
            default: "\(Self.words(event)): \(sessionName)\(onLink)"
            }
        if let cause { text += ": " + (Self.advice(cause) ?? Self.words(cause)) }
        let facts = measurements
        if !facts.isEmpty { text += " (" + facts.joined(separator: ", ") + ")" }
        return text
    }

    /// `transmissionsNotAcknowledged` as `transmissions not acknowledged`.
    static func words(_ name: String) -> String {
        var text = ""
        for character in name {
            if character.isUppercase { text += " " }
            text += character.lowercased()
        }
        return text
    }

    /// What a user can do when a peer can't be one.
    private static func advice(_ cause: String) -> String? {
        switch cause {
        case "wrongKey": "it uses another key; compare the fingerprints in \"relink status\" of both devices"
        case "versionMismatch": "it speaks another version of the protocol; run the same version on both devices"
        case "noKeyForPeer": "it protects its frames, and this device has no key for it; add key_file"
        case "peerNotProtected": "it does not protect its frames; give it the key of this device"
        case "tooManyPeers": "as many devices as may be are peers already; raise most_peers in [discovery]"
        case "linkMismatch": "it gives this link another ID; write the same id in [[links]] of both devices"
        case "unknownPeer": "its radio is none of a peer of this device; add it under [[peers]], if it is to be one"
        case "noAnswer":
            "it does not answer; see that its agent runs, has this device's addresses under [[peers]], and uses the same channel"
        case "mldAddressTaken":
            "another device has this device's mld_address, or repeats its announcements; give each device an mld_address of its own"
        case "mldAddressMismatch":
            "it has another mld_address than the one under [[peers]] here; write the one that \"relink status\" shows there"
        case "addressMismatch":
            "its radio has another address on this link than the one under [[peers]] here; compare with \"relink status\" there"
        case "channelMismatch": "its radio is on another channel; write the same channel in [[links]] of both devices"
        case "payloadsNotDelivered":
            "payloads do not get through, whatever radios acknowledge; see if shorter ones do (mtu in [interface])"
        default: nil
        }
    }

    private var linkName: String { link.map { "link \($0)" } ?? "a link" }
    private var linkNames: String {
        guard let links, !links.isEmpty else { return "no link" }
        return "link\(links.count == 1 ? "" : "s") \(links.map(String.init).joined(separator: ", "))"
    }
    private var onLink: String { link.map { " on link \($0)" } ?? "" }

    private func sessionName(_ peerName: String) -> String {
        guard let session else { return "a session with \(peerName)" }
        let about = [tid.map { "TID \($0)" }, role].compactMap(\.self).joined(separator: ", ")
        return "session \(session)\(about.isEmpty ? "" : " (\(about))") with \(peerName)"
    }

    private var measurements: [String] {
        [
            frames.map { "\($0) frame\($0 == 1 ? "" : "s")" },
            elapsedMicroseconds.map { "\($0) µs" },
            confirmedMicroseconds.map { "confirmed after \($0) µs" },
            framesLost.flatMap { $0 == 0 ? nil : "\($0) payload\($0 == 1 ? "" : "s") lost" },
            length.map { "of \($0) bytes or more" },
        ].compactMap(\.self)
    }
}
