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

// Peers come, change and go by themselves. An announcement is believed in nothing but that it is worth a try.
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
            // One radio of this device may hear another one.
            let isOwnRadio = port.radios.entries.contains { $0.value.address == transmitter }
            if device == port.configuration.mldAddress, !isOwnRadio {
                tell(.mldAddressTaken, of: device, on: link)
            }
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
        guard peers[peer].learning?.budget.take(at: port.now) ?? true else {
            port.counters.announcements.tooFast += 1
            return
        }
        let known = peers[peer].links.first { $0.identifier == link }
        // A radio in use stays the peer's: whoever is in range can announce another one.
        let isInUse = known?.health.isUsable ?? false
        switch owners[link, address] {
        case peer:
            peers[peer].learning?.capabilities = announcement.capabilities
        case nil where peers[peer].learning != nil && !isInUse:
            if peers[peer].noteCandidate(announcement, at: address, &port) { port.announceSoon(on: link) }
        default: port.counters.announcements.addressTaken += 1
        }
    }

    private mutating func strangerAnnounced(_ announcement: Announcement, at address: MACAddress) {
        let device = announcement.mldAddress
        guard owners[announcement.link, address] == nil else {
            port.counters.announcements.addressTaken += 1
            return
        }
        let key: PreSharedKey?
        let isProtected = announcement.capabilities.contains(.protection)
        switch port.configuration.discovery.admission {
        case .anybody: key = nil
        case .holders(let file): key = isProtected ? file?.key(for: device) : nil
        }
        guard (key != nil) == isProtected, isProtected || port.configuration.discovery.admission == .anybody else {
            port.counters.announcements.noKey += 1
            tell(isProtected ? .noKeyForPeer : .peerNotProtected, of: device, on: announcement.link)
            return
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

    private mutating func learn(_ link: LinkIdentifier, at address: MACAddress, of peer: Int) {
        if let old = peers[peer].links.first(where: { $0.identifier == link }) {
            owners[link, old.address] = nil
        }
        owners[link, address] = peer
        peers[peer].learn(link, at: address, &port)
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

    private func nextPlace() -> Place? {
        let discovered = peers.indices.filter { peers[$0].learning?.isConfigured == false }
        if discovered.count < port.configuration.discovery.mostPeers {
            return Place(index: discovery.vacant.last ?? peers.count, evicts: false)
        }
        let idlest = discovered.filter { peers[$0].learning?.makesWay(at: port.now) ?? false }
            .min { named($0) < named($1) }
        return idlest.map { Place(index: $0, evicts: true) }
    }

    private func named(_ peer: Int) -> MonotonicInstant { peers[peer].learning?.lastNamed ?? port.now }

    private mutating func makePeer(_ configuration: PeerConfiguration, at place: Place) {
        if place.evicts {
            peers[place.index].vanish(&port)
            vacate(place.index)
        }
        discovery.vacant.removeAll { $0 == place.index }
        var peer = Peer(index: place.index, configuration: configuration, port: &port)
        peer.learning = Learning(
            isConfigured: false, isDormant: port.configuration.discovery.mode == .listen, since: port.now)
        var protection = Port.protection(of: configuration, port.configuration)
        if port.logsKeys { protection?.beginKeyLog() }
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
        for link in peers[index].links { owners[link.identifier, link.address] = nil }
        port.log.forget(peer: index)
        port.failuresTold.forget(index)
        port.protections[index] = nil
        let nobody = PeerConfiguration(mldAddress: MACAddress(rawValue: 0), links: [:], sessions: [])
        peers[index] = Peer(index: index, configuration: nobody, port: &port)
        discovery.vacant.append(index)
    }

    /// Lets go of discovered peers, and of links of them, of which nothing was heard for long.
    mutating func forgetSilentPeers() {
        for index in peers.indices {
            let (gone, isOver) = peers[index].forgetSilent(&port)
            for link in gone { owners[link.identifier, link.address] = nil }
            guard isOver else { continue }
            peers[index].vanish(&port)
            if peers[index].learning?.isConfigured == false { vacate(index) }
        }
    }

    // MARK: Candidates

    /// An action frame came from a radio of no peer. If an announcement named it, and the frame proves that the peer's agent is
    /// there, it is the peer's from now on.
    mutating func strangerActionReceived(
        _ mpdu: Span<UInt8>, _ header: MACHeader, from address: MACAddress, on link: LinkIdentifier
    ) throws(FrameError) {
        // Several devices may claim the radio, of which one is right at the most.
        let claimants = peers.indices.filter { peers[$0].learning?.candidate(on: link, at: address) != nil }
        guard !claimants.isEmpty else {
            port.counters.unknownSender += 1
            strangerHeard(mpdu, header, on: link)
            return
        }
        let action = try ActionFrame(parsing: mpdu).action
        for peer in claimants where proves(mpdu, action, peer, at: address, on: link) {
            guard peers[peer].links.first(where: { $0.identifier == link })?.health.isUsable != true else {
                port.counters.stale += 1
                return
            }
            peers[peer].wake(&port)
            learn(link, at: address, of: peer)
            guard let index = peers[peer].links.firstIndex(where: { $0.identifier == link }) else { return }
            actionReceived(action, from: peer, on: index)
            return
        }
    }

    /// Whether a frame of a candidate comes from the peer: with a key, when it is authentic; without, when it is a heartbeat.
    private mutating func proves(
        _ mpdu: Span<UInt8>, _ action: Action, _ peer: Int, at address: MACAddress, on link: LinkIdentifier
    ) -> Bool {
        guard port.isProtected(peer) else {
            if case .vendorSpecific(let own) = action, own.oui == SessionElement.oui,
                case .heartbeat? = try? PeerAction(body: own.body)
            {
                return true
            }
            port.counters.unknownSender += 1
            return false
        }
        guard ProtectionElement.isAtEnd(of: mpdu) else {
            if let message = try? HandshakeFrame.message(in: action) {
                let radio = Learning.radio(on: link, at: address)
                peers[peer].handshakeReceived(message, via: radio, &port)
            } else {
                port.protections[peer]?.refusals.unprotected += 1
            }
            return false
        }
        guard let proof = port.protections[peer]?.verify(mpdu) else { return false }
        peers[peer].proved(proof, on: link, &port)
        return true
    }
}
