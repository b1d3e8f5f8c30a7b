import IEEE80211
import SessionCore

// What the air alone shows.

extension ReportBuilder {
    mutating func buildFromAir() {
        var devices: [MACAddress: MACAddress] = [:]
        var links: [MACAddress: Int] = [:]
        for sighting in overheard {
            let meaning = FrameMeaning(mpdu: sighting.mpdu, keys: keys)
            guard let device = meaning.device else { continue }
            devices[sighting.sender] = devices[sighting.sender] ?? device
            if let link = meaning.link { links[sighting.sender] = links[sighting.sender] ?? link }
        }
        completeByTraffic(&devices)
        // The two devices with most to say to each other.
        var counts: [[MACAddress]: Int] = [:]
        for sighting in overheard {
            guard let sender = devices[sighting.sender], let receiver = devices[sighting.receiver], sender != receiver
            else { continue }
            counts[[min(sender, receiver), max(sender, receiver)], default: 0] += 1
        }
        // Of several that say as much, those with the lowest addresses, whatever the order of the dictionary.
        let pair = counts.max { ($0.value, $1.key.description) < ($1.value, $0.key.description) }?.key ?? []
        model.devices = pair.map { ReportModel.Device(name: names[$0] ?? "\($0)", isRecorded: false) }
        while model.devices.count < 2 { model.devices.append(ReportModel.Device(name: "nobody", isRecorded: false)) }
        let between = overheard.filter {
            guard let sender = devices[$0.sender], let receiver = devices[$0.receiver] else { return false }
            return pair.contains(sender) && pair.contains(receiver) && sender != receiver
        }
        let frequencies = Set(between.map(\.link)).sorted()
        model.lanes = frequencies.enumerated().map { index, frequency in
            let link = between.first { $0.link == frequency && links[$0.sender] != nil }.flatMap { links[$0.sender] }
            return ReportModel.Lane(link: link ?? index + 1, frequency: frequency == 0 ? nil : frequency)
        }
        let hasAcknowledgments = between.contains { $0.isAcknowledged == true }
        for sighting in between {
            guard let lane = frequencies.firstIndex(of: sighting.link), let device = devices[sighting.sender],
                let sender = pair.firstIndex(of: device)
            else { continue }
            let fate: ReportModel.Fate =
                sighting.isAcknowledged == true ? .arrived : hasAcknowledgments ? .lost : .unknown
            append(sighting, received: nil, lane: lane, sender: sender, fate: fate)
        }
        if !hasAcknowledgments { resolveAnswers() }
        let others = overheard.count - between.count + leftOut
        model.notes.append("This is what was heard on the air. What the devices thought of it is in their recordings.")
        if others > 0 { model.notes.append("\(others) packets of others are left out.") }
    }

    /// Radios that talk to a known device's radio on the same link, and are not known yet, are taken for devices of their own.
    private func completeByTraffic(_ devices: inout [MACAddress: MACAddress]) {
        for sighting in overheard where !sighting.receiver.isGroup {
            if devices[sighting.sender] == nil { devices[sighting.sender] = sighting.sender }
            if devices[sighting.receiver] == nil { devices[sighting.receiver] = sighting.receiver }
        }
    }

    /// Where no radio acknowledges, the frames that answer say what arrived.
    private mutating func resolveAnswers() {
        var open: [UInt64: Int] = [:]
        for (index, meaning) in meanings.enumerated() {
            let frame = model.frames[index]
            let key = { (sender: Int, number: UInt32) in
                UInt64(frame.lane) << 40 | UInt64(sender) << 32 | UInt64(number)
            }
            if let number = meaning.transmission { open[key(frame.sender, number)] = index }
            if let answered = meaning.answered, let index = open.removeValue(forKey: key(1 - frame.sender, answered)) {
                model.frames[index].fate = .arrived
            }
        }
    }

    mutating func addFailoversOfAir() {
        for (index, meaning) in meanings.enumerated() where meaning.isRebuild {
            let frame = model.frames[index]
            guard frame.fate != .lost else { continue }
            let session = meaning.session.map { "\($0)" } ?? "?"
            let isAnswer = model.failovers.last.map {
                $0.session == session && model.milliseconds(frame.sent) - $0.requested < 50
            }
            if isAnswer == true { continue }
            let lastGood = model.frames[..<index].last { $0.fate == .arrived && $0.lane != frame.lane }
            let request = model.milliseconds(frame.sent)
            model.failovers.append(
                measured(
                    ReportModel.Failover(
                        session: session, device: nil, lostLane: lastGood?.lane, newLane: frame.lane,
                        lastGood: lastGood.map { model.milliseconds($0.sent) }, declared: nil, requested: request,
                        acknowledged: frame.fate == .arrived ? request : nil),
                    from: frame.sent, sender: frame.sender))
        }
    }
}
