import CaptureFiles
import FrameDecoding
import IEEE80211
import LinkSecurity
import Recording
import SessionCore

/// Makes a report of recordings of one or both devices, or of a capture of somebody who heard them.
public struct ReportBuilder {
    /// What one recording gives.
    struct Source {
        var configuration: EngineConfiguration
        var name: String
        var sightings: [Sighting] = []
        var events: [(instant: Int64, event: RecordedEvent)] = []
        var deliveries: [(instant: Int64, peer: MACAddress)] = []
        var stations: [RecordedStation] = []
        /// True if the core had been at work before.
        var isMidway = false
    }

    var sources: [Source] = []
    var overheard: [Sighting] = []
    var meanings: [FrameMeaning] = []
    var model = ReportModel()
    /// How many frames of captures were of no use: control frames that were taken for the fate of others, or of other devices.
    var leftOut = 0
    var names: [MACAddress: String] = [:]

    let keys: FrameKeyRing?

    /// Makes an empty one.
    ///
    /// - Parameter keys: what encrypted payloads are read with.
    public init(keys: FrameKeyRing? = nil) { self.keys = keys }

    // MARK: What it is made of

    /// Adds what an agent recorded.
    public mutating func add(
        recording items: [RecordedItem], configuration: EngineConfiguration, names: [MACAddress: String], file: String
    ) {
        var source = Source(configuration: configuration, name: file)
        var offset: Int64 = 0
        var isMidway: Bool?
        var addresses: [LinkIdentifier: LinkProperties] = [:]
        var open: [UInt64: Int] = [:]
        var found: [PeerConfiguration] = []
        for item in items {
            switch item {
            case .start(let start):
                offset = start.clockOffset
                isMidway = isMidway ?? (start.isMidway || start.part > 0)
            case .input(let input, let instant):
                let time = instant.nanoseconds &+ offset
                switch input {
                case .linkUp(let link, let properties): addresses[link] = properties
                case .frameReceived(let link, let mpdu, _):
                    append(mpdu, .received, link, addresses[link], at: time, to: &source)
                    if configuration.discovery.mode != .off { Self.find(mpdu, link, &found) }
                case .transmissionReported(let link, let number, let acknowledged):
                    if let index = open.removeValue(forKey: UInt64(link.rawValue) << 32 | UInt64(number.rawValue)) {
                        source.sightings[index].isAcknowledged = acknowledged
                    }
                case .linkDown, .payload, .command, .deadlineReached: break
                }
            case .output(.transmit(let link, let number, let mpdu), let instant):
                guard append(mpdu, .sent, link, addresses[link], at: instant.nanoseconds &+ offset, to: &source) else {
                    continue
                }
                open[UInt64(link.rawValue) << 32 | UInt64(number.rawValue)] = source.sightings.count - 1
            case .output(.deliver(_, let peer, _), let instant):
                source.deliveries.append((instant.nanoseconds &+ offset, peer))
            case .output(.event(let event), let instant):
                source.events.append((instant.nanoseconds &+ offset, event))
            case .station(let station, _): source.stations.append(station)
            case .turnEnd: break
            }
        }
        source.isMidway = isMidway ?? true
        // Not all that announced themselves became peers.
        let appeared = Set(source.events.filter { $0.event.kind == "peerAppeared" }.compactMap(\.event.peer))
        source.configuration.peers.removeAll { appeared.contains($0.mldAddress) }
        source.configuration.peers += found.filter { appeared.contains($0.mldAddress) }
        sources.append(source)
        self.names.merge(names) { first, _ in first }
    }

    /// Notes the radios of devices that announce themselves, each device's first on each link.
    private static func find(_ mpdu: [UInt8], _ link: LinkIdentifier, _ found: inout [PeerConfiguration]) {
        guard let header = try? MACHeader(parsing: mpdu.span), header.frameControl.kind == .action,
            let sender = header.transmitter, let device = FrameMeaning(mpdu: mpdu).announced
        else { return }
        let index = found.firstIndex { $0.mldAddress == device } ?? found.endIndex
        if index == found.endIndex { found.append(PeerConfiguration(mldAddress: device, links: [:], sessions: [])) }
        found[index].links[link] = found[index].links[link] ?? sender
    }

    /// Returns whether it is a frame.
    @discardableResult private func append(
        _ mpdu: [UInt8], _ place: Sighting.Place, _ link: LinkIdentifier, _ properties: LinkProperties?, at time: Int64,
        to source: inout Source
    ) -> Bool {
        guard let header = try? MACHeader(parsing: mpdu.span), let sender = header.transmitter,
            let receiver = header.receiver
        else { return false }
        source.sightings.append(
            Sighting(
                time: time, place: place, link: Int(link.rawValue), frequency: properties.map { Int($0.frequency) },
                sender: sender, receiver: receiver, mpdu: mpdu))
        return true
    }

    /// Adds a packet that somebody heard.
    public mutating func add(_ record: CaptureRecord) {
        guard let timestamp = record.timestamp else { return leftOut += 1 }
        let packet = record.octets.span
        var range = 0..<packet.count
        var frequency: Int?
        if record.linkType == .radiotap {
            guard let radiotap = try? Radiotap(parsing: packet) else { return leftOut += 1 }
            range = radiotap.mpduRange(ofPacketWithCount: packet.count)
            frequency = radiotap.channel.map { Int($0.frequency) }
        } else if record.linkType != .ieee80211 {
            return leftOut += 1
        }
        let mpdu = packet.extracting(range)
        guard let header = try? MACHeader(parsing: mpdu), let receiver = header.receiver else { return leftOut += 1 }
        if header.frameControl.kind == .acknowledgment {
            // An ACK follows right behind what it acknowledges.
            let index = overheard.indices.suffix(8).last {
                overheard[$0].sender == receiver && overheard[$0].frequency == frequency
            }
            if let index { overheard[index].isAcknowledged = true }
            return
        }
        guard let sender = header.transmitter else { return leftOut += 1 }
        let heard = mpdu.withUnsafeBytes { [UInt8]($0) }
        overheard.append(
            Sighting(
                time: Int64(clamping: timestamp), place: .overheard, link: frequency ?? 0, frequency: frequency,
                sender: sender, receiver: receiver, mpdu: record.whole(heard, from: range.lowerBound) ?? heard))
    }

    // MARK: What it becomes

    /// Puts all together.
    public mutating func build() -> ReportModel {
        if sources.isEmpty { buildFromAir() } else { buildFromRecordings() }
        let order = model.frames.indices.sorted { (model.frames[$0].sent, $0) < (model.frames[$1].sent, $1) }
        model.frames = order.map { model.frames[$0] }
        meanings = order.map { meanings[$0] }
        let times = model.frames.map(\.sent) + sources.flatMap { $0.events.map(\.instant) }
        model.origin = times.min() ?? 0
        model.end = max(times.max() ?? 0, model.frames.compactMap(\.received).max() ?? 0)
        addSeries()
        for index in sources.indices { addBands(of: index) }
        if sources.isEmpty { addFailoversOfAir() } else { addFailoversOfEvents() }
        return model
    }

    /// Adds a frame, with its meaning beside it.
    mutating func append(_ sighting: Sighting, received: Int64?, lane: Int, sender: Int, fate: ReportModel.Fate) {
        let meaning = FrameMeaning(mpdu: sighting.mpdu, keys: keys)
        meanings.append(meaning)
        var text = RecordedText.text(mpdu: sighting.mpdu)
        if keys != nil, let session = meaning.session, let sequence = meaning.sequence {
            text += ": payload \(sequence) of session \(session)"
        }
        model.frames.append(
            ReportModel.Frame(
                sent: sighting.time, received: received, lane: lane, sender: sender, kind: meaning.kind, fate: fate,
                text: text))
    }

    private func name(_ address: MACAddress) -> String { names[address].map { "\($0) (\(address))" } ?? "\(address)" }

    // MARK: Recordings

    private mutating func buildFromRecordings() {
        let own = sources[0].configuration
        let second = sources.count > 1 ? sources[1].configuration.mldAddress : nil
        let peers = own.peers
        let peer = peers.first { $0.mldAddress == second } ?? peers.first
        model.devices = [
            ReportModel.Device(name: name(own.mldAddress), isRecorded: true),
            ReportModel.Device(name: peer.map { name($0.mldAddress) } ?? "the peer", isRecorded: sources.count > 1),
        ]
        if peers.count > 1 { model.notes.append("Only one of \(peers.count) peers is shown.") }
        let links = (peer?.links.keys.map { Int($0.rawValue) } ?? []).sorted()
        model.lanes = links.map { link in
            let frequency = sources[0].sightings.first { $0.link == link }?.frequency
            return ReportModel.Lane(link: link, frequency: frequency)
        }
        addRates(of: peer?.mldAddress)
        let addresses = Set(peer.map { Array($0.links.values) } ?? [])
        let first = sources[0].sightings.filter { addresses.contains($0.sender) || addresses.contains($0.receiver) }
        guard sources.count > 1 else { return appendAlone(first, links) }
        let ownAddresses = Set(first.filter { $0.place == .sent }.map(\.sender))
        let other = sources[1].sightings.filter {
            ownAddresses.contains($0.sender) || ownAddresses.contains($0.receiver)
        }
        merge(first, other, links)
    }

    private mutating func appendAlone(_ sightings: [Sighting], _ links: [Int]) {
        for sighting in sightings {
            guard let lane = links.firstIndex(of: sighting.link) else { continue }
            let isSent = sighting.place == .sent
            let fate: ReportModel.Fate =
                isSent ? sighting.isAcknowledged.map { $0 ? .arrived : .lost } ?? .unknown : .arrived
            append(sighting, received: nil, lane: lane, sender: isSent ? 0 : 1, fate: fate)
        }
    }

    /// Joins what one device sent with what the other received, and estimates by it how far their clocks are apart.
    private mutating func merge(_ first: [Sighting], _ second: [Sighting], _ links: [Int]) {
        let there = Self.matches(sent: first, received: second)
        let back = Self.matches(sent: second, received: first)
        // An agent notes the time once for all that has come, so the shortest way there may be too short: the median is not.
        let forth = Self.median(there.map { second[$0.received].time &- first[$0.sent].time })
        let backwards = Self.median(back.map { first[$0.received].time &- second[$0.sent].time })
        var offset: Int64 = 0
        if let forth, let backwards {
            // A damaged clock may be centuries away.
            offset = (forth &- backwards) / 2
            let way = (Double(forth) + Double(backwards)) / 2e3
            model.notes.append(
                "The clocks are \(Double(offset) / 1e3) µs apart, estimated from \(there.count + back.count) frames that both have "
                    + "and that took \(way) µs each way, in the median.")
        } else {
            model.notes.append(
                "The two recordings have no frames in common in both directions; their clocks are taken as they are.")
        }
        appendSent(first, second, there, links, sender: 0, sentShift: 0, receivedShift: 0 &- offset)
        appendSent(second, first, back, links, sender: 1, sentShift: 0 &- offset, receivedShift: 0)
        for index in sources[1].events.indices { sources[1].events[index].instant &-= offset }
        for index in sources[1].deliveries.indices { sources[1].deliveries[index].instant &-= offset }
    }

    private mutating func appendSent(
        _ sent: [Sighting], _ received: [Sighting], _ matches: [(sent: Int, received: Int)], _ links: [Int],
        sender: Int,
        sentShift: Int64, receivedShift: Int64
    ) {
        var arrival = [Int?](repeating: nil, count: sent.count)
        var isMatched = [Bool](repeating: false, count: received.count)
        for match in matches {
            arrival[match.sent] = match.received
            isMatched[match.received] = true
        }
        // Before the first and after the last frame that it heard, the other recording tells nothing.
        let span = received.first.map { $0.time &+ receivedShift }.flatMap { first in
            received.last.map { first...max(first, $0.time &+ receivedShift) }
        }
        for (index, sighting) in sent.enumerated() where sighting.place == .sent {
            guard let lane = links.firstIndex(of: sighting.link) else { continue }
            var shifted = sighting
            shifted.time &+= sentShift
            let arrived = arrival[index].map { max(shifted.time, received[$0].time &+ receivedShift) }
            let isCovered = span?.contains(shifted.time) ?? false
            let fate: ReportModel.Fate =
                arrived != nil ? .arrived : sighting.isAcknowledged == true ? .arrived : isCovered ? .lost : .unknown
            append(shifted, received: arrived, lane: lane, sender: sender, fate: fate)
        }
        for (index, sighting) in received.enumerated() where sighting.place == .received && !isMatched[index] {
            guard let lane = links.firstIndex(of: sighting.link) else { continue }
            var shifted = sighting
            shifted.time &+= receivedShift
            append(shifted, received: nil, lane: lane, sender: sender, fate: .arrived)
        }
    }

    private static func median(_ values: [Int64]) -> Int64? { values.isEmpty ? nil : values.sorted()[values.count / 2] }

    /// Which sent frame is which received one: those with the same octets, in their order.
    private static func matches(sent: [Sighting], received: [Sighting]) -> [(sent: Int, received: Int)] {
        var waiting: [UInt64: [Int]] = [:]
        for (index, sighting) in sent.enumerated().reversed() where sighting.place == .sent {
            waiting[sighting.fingerprint, default: []].append(index)
        }
        var matches: [(sent: Int, received: Int)] = []
        for (index, sighting) in received.enumerated() where sighting.place == .received {
            if let match = waiting[sighting.fingerprint]?.popLast() { matches.append((match, index)) }
        }
        return matches
    }
}
