import IEEE80211
import LinkSecurity

// Frames: whose they are, and whether they are what they say.
extension Engine {
    /// Returns whether the frame carries an intact payload.
    mutating func frameReceived(_ mpdu: Span<UInt8>, on link: LinkIdentifier) -> Bool {
        guard let radio = port.radios[link] else { return false }
        do throws(FrameError) {
            let header = try MACHeader(parsing: mpdu)
            if port.configuration.discovery.mode != .off, Announcement.isCarried(by: mpdu, header),
                header.address1 == radio.address || header.address1 == .broadcast
            {
                try announcementReceived(mpdu, header, on: link, radio)
                return false
            }
            guard header.address1 == radio.address, let transmitter = header.address2 else {
                port.counters.unknownSender += 1
                return false
            }
            guard let peer = owners.find(link, transmitter),
                let index = peers[peer].links.firstIndex(where: { $0.identifier == link })
            else {
                switch header.frameControl.kind {
                case .action, .actionNoAck: try strangerActionReceived(mpdu, header, from: transmitter, on: link)
                default: port.counters.unknownSender += 1
                }
                return false
            }
            switch header.frameControl.kind {
            case .action, .actionNoAck:
                if port.isProtected(peer), ProtectionElement.isAtEnd(of: mpdu) {
                    guard let proof = port.protections[peer]?.verify(mpdu) else { return false }
                    peers[peer].proved(proof, on: link, &port)
                    actionReceived(try ActionFrame(parsing: mpdu).action, from: peer, on: index)
                } else if port.isProtected(peer),
                    Self.needsProtection(mpdu.extracting(header.headerLength...))
                {
                    unprotected(from: peer, on: index)
                } else {
                    bareActionReceived(try ActionFrame(parsing: mpdu).action, from: peer, on: index)
                }
            case .qosData where port.isProtected(peer):
                return try protectedDataReceived(mpdu, header, from: peer, on: index)
            case .qosData: return try dataReceived(mpdu, header, from: peer, on: index)
            default: port.counters.foreign += 1
            }
        } catch {
            port.counters.malformed += 1
        }
        return false
    }

    /// A device that is no peer sent something to this one. When it asks for keys while a configured peer is missing, the two
    /// configurations may not agree: the user is to hear of it.
    mutating func strangerHeard(_ mpdu: Span<UInt8>, _ header: MACHeader, on link: LinkIdentifier) {
        guard header.frameControl.kind == .action,
            peers.contains(where: { !$0.isVacant && ($0.learning?.isConfigured ?? true) && !$0.wasHeard(at: port.now) }
            ),
            let transmitter = header.address2,
            PeerAction.type(of: mpdu.extracting(header.headerLength...)) == HandshakeFrame.type
        else { return }
        port.tellStranger(transmitter, on: link)
    }

    /// An action frame without protection: a handshake message, or one of a peer without a key.
    private mutating func bareActionReceived(_ action: Action, from peer: Int, on index: Int) {
        do throws(SessionFrameError) {
            if let message = try HandshakeFrame.message(in: action) {
                peers[peer].handshakeReceived(message, via: peers[peer].links[index], &port)
                return
            }
        } catch {
            if case .versionNotSupported = error, port.isProtected(peer) {
                peers[peer].tellFailure(.versionMismatch, on: peers[peer].links[index].identifier, &port)
            }
            port.counters.count(error)
            return
        }
        guard port.isProtected(peer) else {
            actionReceived(action, from: peer, on: index)
            return
        }
        port.counters.foreign += 1
    }

    /// Whether the body of an action frame is one that a peer with a key protects: a Block Ack action, or one of ours that is no
    /// handshake message. Its first octets tell: who floods this device with such frames must not have it read them.
    private static func needsProtection(_ body: Span<UInt8>) -> Bool {
        if let type = PeerAction.type(of: body) { return type != HandshakeFrame.type }
        return !body.isEmpty && body[0] == PeerAction.blockAckCategory
    }

    /// A frame without protection came from the radio of a peer that has a key: whoever sent it.
    private mutating func unprotected(from peer: Int, on index: Int) {
        port.protections[peer]?.refusals.unprotected += 1
        // Beside keys that work, it is nothing that the user could mend.
        guard !port.canSend(to: peer) else { return }
        peers[peer].tellFailure(.peerNotProtected, on: peers[peer].links[index].identifier, &port)
    }

    mutating func actionReceived(_ action: Action, from peer: Int, on index: Int) {
        do throws(SessionFrameError) {
            try peers[peer].actionReceived(action, on: index, &port)
        } catch {
            port.counters.count(error)
        }
    }

    private mutating func dataReceived(
        _ mpdu: Span<UInt8>, _ header: MACHeader, from peer: Int, on index: Int
    ) throws(FrameError) -> Bool {
        try header.requireReadableBody()
        guard !header.frameControl.toDS, !header.frameControl.fromDS else {
            port.counters.foreign += 1
            return false
        }
        let body = mpdu.extracting(header.headerLength...)
        do throws(SessionFrameError) {
            guard let (header, range) = try PayloadHeader.read(body) else {
                port.counters.foreign += 1
                return false
            }
            guard let payload = port.store.insert(body.extracting(range)) else {
                port.counters.unexpectedPayloads += 1
                return true
            }
            peers[peer].payloadReceived(header, payload, on: index, &port)
            return true
        } catch {
            port.counters.count(error)
            return false
        }
    }

    private mutating func protectedDataReceived(
        _ mpdu: Span<UInt8>, _ header: MACHeader, from peer: Int, on index: Int
    ) throws(FrameError) -> Bool {
        guard header.frameControl.flags.contains(.protectedFrame) else {
            unprotected(from: peer, on: index)
            return false
        }
        guard let (proof, payload) = port.store.open(mpdu, by: &port.protections[peer]) else { return false }
        peers[peer].proved(proof, on: peers[peer].links[index].identifier, &port)
        do throws(SessionFrameError) {
            let read = try port.store.withContent(payload, from: PeerSecurity.contentOffset) {
                (content) throws(SessionFrameError) in
                try PayloadHeader.readProtected(content)
            }
            guard let read else {
                port.counters.foreign += 1
                port.store.remove(payload)
                return false
            }
            guard read.link == peers[peer].links[index].identifier.rawValue else {
                port.protections[peer]?.refusals.wrongLink += 1
                port.store.remove(payload)
                return true
            }
            peers[peer].payloadReceived(read.header, payload, on: index, &port)
        } catch {
            port.counters.count(error)
            port.store.remove(payload)
            return false
        }
        return true
    }
}
