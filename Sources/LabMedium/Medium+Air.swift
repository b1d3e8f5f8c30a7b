import DequeModule
import IEEE80211
import SessionCore
import VirtualAir

/// What happens on the air.
extension Medium {
    /// Octets on the air beside the frame's: its frame check sequence, and the acknowledgment.
    private static let checkSequenceLength = 4
    private static let acknowledgmentLength = 14

    /// Drops what hwsim drops, the oldest frames of a radio when too many wait; hwsim reports nothing of them.
    mutating func makeRoom(for sender: Int, in lane: Int) {
        let onAir = lanes[lane].onAir?.sender == sender ? 1 : 0
        let waiting = lanes[lane].waiting.count { $0.sender == sender } + onAir
        guard waiting >= Self.queueLimit else { return }
        var surplus = waiting - Self.queueFloor + 1
        lanes[lane].waiting.removeAll {
            guard $0.sender == sender, surplus > 0 else { return false }
            surplus -= 1
            radios[sender].counters.dropped += 1
            return true
        }
    }

    /// Puts the next frame on the air, if there is one and the air is free.
    mutating func startNext(in lane: Int, at instant: MonotonicInstant) {
        guard lanes[lane].onAir == nil, let attempt = lanes[lane].waiting.popFirst() else { return }
        start(attempt, in: lane, at: instant)
    }

    private mutating func start(_ attempt: Attempt, in lane: Int, at instant: MonotonicInstant) {
        let transmission = attempt.transmission
        let airtime = links[lanes[lane].link].airtime(
            of: transmission.octets.count + Self.checkSequenceLength
                + (transmission.wantsAcknowledgment ? Self.acknowledgmentLength : 0))
        radios[attempt.sender].counters.airtimeMicroseconds += airtime.microseconds
        lanes[lane].onAir = attempt
        lanes[lane].onAir?.end = instant + airtime
    }

    /// The try's time on the air is over: each radio hears it or not.
    mutating func endTry(in lane: Int) {
        guard let attempt = lanes[lane].onAir else { return }
        let receiver = attempt.transmission.receiver
        keep(attempt.transmission.octets, link: lanes[lane].link, at: attempt.end)
        var reached: Conclusion?
        for path in radios[attempt.sender].paths {
            let isForIt = radios[directions[path.index].to].address == receiver
            let isSelected = directions[path.index].settings.selector.selects(attempt.transmission.octets)
            guard let arrival = send(along: path, at: attempt.end, isSelected: isSelected) else { continue }
            if isSelected && !directions[path.index].settings.handsOver {
                directions[path.index].counters.withheld += 1
                if isForIt {
                    let isHeard = radios[directions[path.index].to].listens
                    reached = Conclusion(lane: lane, path: path, isHeard: isHeard)
                }
                continue
            }
            let delivery = Delivery(
                radio: radios[directions[path.index].to].hwsim, frequency: attempt.transmission.frequency,
                octets: attempt.transmission.octets, rateIndex: attempt.transmission.rateIndex, path: path)
            if arrival > attempt.end {
                let index = arrivals.firstIndex { arrival < $0.instant } ?? arrivals.endIndex
                arrivals.insert(Arrival(instant: arrival, delivery: delivery), at: index)
            } else {
                outputs.append(.deliver(delivery))
            }
            if isForIt {
                let isHeard = arrival == attempt.end || radios[directions[path.index].to].listens
                reached = Conclusion(lane: lane, path: path, isHeard: isHeard)
            }
        }
        conclusion = reached ?? Conclusion(lane: lane, path: nil, isHeard: false)
    }

    /// When a frame that ends now arrives; `nil` when it gets lost.
    private mutating func send(
        along path: Path, at instant: MonotonicInstant, isSelected: Bool
    ) -> MonotonicInstant? {
        let settings = directions[path.index].settings
        // Drawn always and in this order, so that a change of one setting does not change the others' luck.
        let isLost = chance(settings.loss, &directions[path.index].luck)
        let share = Double.random(in: 0..<1, using: &directions[path.index].luck)
        directions[path.index].counters.frames += 1
        guard !(isLost && isSelected), !settings.isCut else {
            directions[path.index].counters.lost += 1
            return nil
        }
        let jitter = Int64(share * Double(settings.jitter.nanoseconds))
        var arrival = instant + settings.delay + .nanoseconds(jitter)
        if !settings.reorders { arrival = max(arrival, directions[path.index].lastArrival) }
        directions[path.index].lastArrival = max(arrival, directions[path.index].lastArrival)
        return arrival
    }

    /// The radios have been handed the try: there is an acknowledgment or not, another try or not.
    mutating func conclude(_ conclusion: Conclusion) {
        let lane = conclusion.lane
        guard var attempt = lanes[lane].onAir else { return }
        lanes[lane].onAir = nil
        let isAcknowledged =
            attempt.transmission.wantsAcknowledgment && conclusion.isHeard
            && (conclusion.path.map { acknowledge(attempt, along: directions[$0.index].back) } ?? false)
        let mayTryAgain = attempt.transmission.wantsAcknowledgment && attempt.tries <= links[lanes[lane].link].retries
        if !isAcknowledged && mayTryAgain {
            attempt.tries += 1
            attempt.transmission.markAsRetry()
            radios[attempt.sender].counters.retries += 1
            start(attempt, in: lane, at: attempt.end)
            return
        }
        if isAcknowledged {
            radios[attempt.sender].counters.acknowledged += 1
        } else if attempt.transmission.wantsAcknowledgment {
            radios[attempt.sender].counters.unacknowledged += 1
        }
        let report = report(of: attempt.transmission, isAcknowledged: isAcknowledged, tries: attempt.tries)
        outputs.append(.report(report))
        startNext(in: lane, at: attempt.end)
    }

    /// The receiver acknowledges, if it can; whether the sender hears it.
    private mutating func acknowledge(_ attempt: Attempt, along path: Path) -> Bool {
        let direction = directions[path.index]
        guard radios[direction.from].section.acknowledges else { return false }
        let isLost = chance(direction.settings.acknowledgmentLoss, &directions[path.index].acknowledgmentLuck)
        directions[path.index].counters.acknowledgments += 1
        let transmitter = attempt.transmission.transmitter
        keep(
            [0xd4, 0, 0, 0] + (0..<6).map(transmitter.octet), link: radios[direction.from].link, at: attempt.end)
        guard !isLost, !direction.settings.isCut else {
            directions[path.index].counters.acknowledgmentsLost += 1
            return false
        }
        return true
    }

    func report(of transmission: Transmission, isAcknowledged: Bool, tries: Int) -> TransmissionReport {
        TransmissionReport(
            radio: transmission.radio, cookie: transmission.cookie, isAcknowledged: isAcknowledged,
            wantsAcknowledgment: transmission.wantsAcknowledgment, rateIndex: transmission.rateIndex, tries: tries)
    }

    private func chance(_ probability: Double, _ luck: inout SeededRandom) -> Bool {
        Double.random(in: 0..<1, using: &luck) < probability
    }
}
