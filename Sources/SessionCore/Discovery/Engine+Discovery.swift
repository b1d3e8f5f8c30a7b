import IEEE80211
import LinkSecurity

/// What the engine knows of devices that are not configured, beside the peers that it made of them.
struct Discovery {
    /// How many peers are made of announcements.
    var creations = RateBudget(perSecond: 16)
    /// Places of peers that vanished.
    var vacant: [Int] = []
    private var told: [Told] = []
    private var tellings = RateBudget(perSecond: 4)

    private struct Told: Equatable {
        let device: MACAddress
        let cause: EventCause
    }

    private static let mostTold = 64

    /// Whether the user is to hear of a device that can't become a peer.
    mutating func mayTell(_ cause: EventCause, of device: MACAddress, at now: MonotonicInstant) -> Bool {
        let telling = Told(device: device, cause: cause)
        guard !told.contains(telling), tellings.take(at: now) else { return false }
        if told.count >= Self.mostTold { told.removeFirst() }
        told.append(telling)
        return true
    }
}

// Peers come, change and go by themselves.
extension Engine {
    func index(of device: MACAddress) -> Int? {
        peers.firstIndex { $0.mldAddress == device && !$0.isVacant }
    }

    // MARK: Announcements

    /// A device announced itself on a link.
    mutating func announcementReceived(
        _ mpdu: Span<UInt8>, _ header: MACHeader, on link: LinkIdentifier, _ radio: LinkProperties
    ) throws(FrameError) {
        guard case .vendorSpecific(let action) = try ActionFrame(parsing: mpdu).action,
            let transmitter = header.address2
        else { return }
        let announcement: Announcement
        do throws(SessionFrameError) {
            guard case .announcement(let read) = try PeerAction(body: action.body) else { return }
            announcement = read
        } catch {
            guard case .versionNotSupported = error else {
                port.counters.count(error)
                return
            }
            port.counters.announcements.otherVersion += 1
            if let sender = Announcement.sender(ofBody: action.body) { tell(.versionMismatch, of: sender, on: link) }
            return
        }
        let device = announcement.mldAddress
        guard !device.isGroup, device.rawValue != 0, !transmitter.isGroup else {
            port.counters.malformed += 1
            return
        }
        guard device != port.configuration.mldAddress, transmitter != radio.address else {
            port.counters.announcements.ownAddress += 1
            return
        }
        guard announcement.link == link else {
            port.counters.announcements.otherLink += 1
            tell(.linkMismatch, of: device, on: link)
            return
        }
        if let peer = index(of: device) {
            peerAnnounced(announcement, peer, at: transmitter)
        } else {
            strangerAnnounced(announcement, at: transmitter)
        }
    }

    private mutating func peerAnnounced(_ announcement: Announcement, _ peer: Int, at address: MACAddress) {
        let link = announcement.link
        let owner = owners[RadioKey(link: link, address: address)]
        guard peers[peer].learning?.budget.take(at: port.now) ?? true else {
            port.counters.announcements.tooFast += 1
            return
        }
        let index = peers[peer].links.firstIndex { $0.identifier == link }
        if owner == peer, let index {
            // With keys it is no more than a hint that is known already.
            if peers[peer].learning != nil, !port.isProtected(peer) {
                peers[peer].announcedAgain(announcement, on: index, port)
            }
            return
        }
        // A radio in use stays the peer's: whoever is in range can announce another one.
        let isInUse = index.map { peers[peer].links[$0].health.isUsable } ?? false
        guard owner == nil, peers[peer].learning != nil, !isInUse else {
            port.counters.announcements.addressTaken += 1
            return
        }
        let isNew: Bool
        if port.isProtected(peer) {
            isNew = peers[peer].noteCandidate(announcement, at: address, &port)
        } else {
            isNew = index == nil
            learn(link, at: address, of: peer, announcement)
        }
        if isNew { port.announceSoon(on: link) }
    }

    private mutating func strangerAnnounced(_ announcement: Announcement, at address: MACAddress) {
        let device = announcement.mldAddress
        guard owners[RadioKey(link: announcement.link, address: address)] == nil else {
            port.counters.announcements.addressTaken += 1
            return
        }
        let key: PreSharedKey?
        switch port.configuration.discovery.admission {
        case .anybody: key = nil
        case .holders(let file):
            key = file?.key(for: device)
            guard key != nil else {
                port.counters.announcements.noKey += 1
                tell(.noKeyForPeer, of: device, on: announcement.link)
                return
            }
        }
        guard let place = nextPlace() else {
            port.counters.announcements.tooManyPeers += 1
            tell(.tooManyPeers, of: device, on: announcement.link)
            return
        }
        guard discovery.creations.take(at: port.now) else {
            port.counters.announcements.tooFast += 1
            return
        }
        makePeer(PeerConfiguration(mldAddress: device, links: [:], sessions: [], key: key), at: place)
        peerAnnounced(announcement, place.index, at: address)
    }

    private mutating func learn(
        _ link: LinkIdentifier, at address: MACAddress, of peer: Int, _ announcement: Announcement?
    ) {
        if let old = peers[peer].links.first(where: { $0.identifier == link }) {
            owners[RadioKey(link: link, address: old.address)] = nil
        }
        owners[RadioKey(link: link, address: address)] = peer
        peers[peer].learn(link, at: address, &port)
        guard let announcement, let index = peers[peer].links.firstIndex(where: { $0.identifier == link }) else { return }
        peers[peer].announcedAgain(announcement, on: index, port)
    }

    private mutating func tell(_ cause: EventCause, of device: MACAddress, on link: LinkIdentifier) {
        guard discovery.mayTell(cause, of: device, at: port.now) else { return }
        port.tell(Event(.announcementRefused, peer: device, link: link, cause: cause))
    }

    // MARK: Places

    /// Where a discovered peer is kept.
    private struct Place {
        let index: Int
        /// Who must make way: a device that has proved nothing.
        let evicts: Bool
    }

    /// How long a device that an announcement named has to prove that it has the key, while others wait for its place.
    private static let proofTime = Duration.seconds(1)

    private func nextPlace() -> Place? {
        let discovered = peers.indices.filter { peers[$0].learning?.isConfigured == false }
        if discovered.count < port.configuration.discovery.mostPeers {
            return Place(index: discovery.vacant.last ?? peers.count, evicts: false)
        }
        let oldest = discovered.lazy.filter { !peers[$0].isListed }
            .min { since($0) < since($1) }
        guard let oldest, since(oldest) + Self.proofTime <= port.now else { return nil }
        return Place(index: oldest, evicts: true)
    }

    private func since(_ peer: Int) -> MonotonicInstant { peers[peer].learning?.since ?? port.now }

    private mutating func makePeer(_ configuration: PeerConfiguration, at place: Place) {
        if place.evicts { vacate(place.index) }
        discovery.vacant.removeAll { $0 == place.index }
        var peer = Peer(index: place.index, configuration: configuration, port: &port)
        peer.learning = Learning(
            isConfigured: false, isDormant: port.configuration.discovery.mode == .listen, since: port.now)
        let protection = Port.protection(of: configuration, port.configuration)
        if place.index == peers.count {
            peers.append(peer)
            port.protections.append(protection)
        } else {
            peers[place.index] = peer
            port.protections[place.index] = protection
        }
    }

    /// Leaves the place of a peer to the next one. Nothing may be left that names it.
    private mutating func vacate(_ index: Int) {
        for link in peers[index].links { owners[RadioKey(link: link.identifier, address: link.address)] = nil }
        port.log.forget(peer: index)
        port.noKeyTold.forget(index)
        port.protections[index] = nil
        let nobody = PeerConfiguration(mldAddress: MACAddress(rawValue: 0), links: [:], sessions: [])
        peers[index] = Peer(index: index, configuration: nobody, port: &port)
        discovery.vacant.append(index)
    }

    /// Lets go of discovered peers, and of links of them, of which nothing was heard for long.
    mutating func forgetSilentPeers() {
        for index in peers.indices {
            let (gone, isOver) = peers[index].forgetSilent(&port)
            for link in gone { owners[RadioKey(link: link.identifier, address: link.address)] = nil }
            guard isOver else { continue }
            peers[index].vanish(&port)
            if peers[index].learning?.isConfigured == false { vacate(index) }
        }
    }

    // MARK: Candidates

    /// A frame came from a radio of no peer. If an announcement named it, and the frame is authentic, it is the peer's from now on.
    ///
    /// - Returns: whether it came from a candidate.
    mutating func candidateFrameReceived(
        _ mpdu: Span<UInt8>, _ header: MACHeader, from address: MACAddress, on link: LinkIdentifier
    ) throws(FrameError) -> Bool {
        let kind = header.frameControl.kind
        guard kind == .action || kind == .actionNoAck,
            let peer = peers.firstIndex(where: { $0.learning?.candidate(on: link, at: address) != nil }),
            let candidate = peers[peer].learning?.candidate(on: link, at: address)
        else { return false }
        guard ProtectionElement.isAtEnd(of: mpdu) else {
            guard let message = try? HandshakeFrame.message(in: try ActionFrame(parsing: mpdu).action) else {
                port.protections[peer]?.refusals.unprotected += 1
                return true
            }
            peers[peer].wake(&port)
            peers[peer].handshakeReceived(message, via: candidate.peerLink, &port)
            return true
        }
        guard let proof = port.protections[peer]?.verify(mpdu) else { return true }
        peers[peer].wake(&port)
        peers[peer].proved(proof, on: link, &port)
        let known = peers[peer].links.firstIndex { $0.identifier == link }
        guard known.map({ !peers[peer].links[$0].health.isUsable }) ?? true else {
            port.counters.stale += 1
            return true
        }
        learn(link, at: address, of: peer, nil)
        guard let index = peers[peer].links.firstIndex(where: { $0.identifier == link }) else { return true }
        actionReceived(try ActionFrame(parsing: mpdu).action, from: peer, on: index)
        return true
    }
}
