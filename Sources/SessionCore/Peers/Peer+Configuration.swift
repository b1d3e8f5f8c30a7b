import IEEE80211

// Things that two devices must agree on (`CFG-1`, `CFG-2`): the ID, the channel and the addresses of each link, and who they are. Each reports its own
// in heartbeats, and compares what it is sent.
extension Peer {
    /// Compares what the peer says of itself with what is configured here.
    mutating func compare(_ sender: SenderLinks, _ port: inout Port) {
        let isOther = sender.mldAddress != mldAddress
        for index in links.indices {
            let cause = disagreement(on: links[index], sender, port) ?? (isOther ? .mldAddressMismatch : nil)
            settle(cause, on: index, &port)
        }
    }

    /// The first of what the two devices disagree about on a link; `nil` if they agree, or the peer does not say.
    private func disagreement(on link: PeerLink, _ sender: SenderLinks, _ port: Port) -> EventCause? {
        guard let radio = port.radios[link.identifier] else { return nil }
        if let there = sender.links.first(where: { $0.address == link.address }) {
            if there.identifier != link.identifier { return .linkMismatch }
            return there.frequency == radio.frequency ? nil : .channelMismatch
        }
        // A discovered radio that was replaced is learned from announcements.
        guard learning?.isConfigured ?? true else { return nil }
        return sender.links.contains { $0.identifier == link.identifier } ? .addressMismatch : nil
    }

    /// A link on which the two devices do not agree, or do so again.
    private mutating func settle(_ cause: EventCause?, on index: Int, _ port: inout Port) {
        guard links[index].disagreement != cause else { return }
        let change = links[index].disagree(cause)
        let link = links[index].identifier
        if let cause, links[index].mayTellDisagreement(at: port.now) {
            port.tell(Event(.peerDisagrees, peer: mldAddress, link: link, cause: cause))
        }
        react(to: change, on: index, &port)
    }

    /// This device's report of its own links.
    static func ownLinks(_ port: Port) -> SenderLinks {
        SenderLinks(
            mldAddress: port.configuration.mldAddress,
            links: port.radios.entries.map {
                SenderLinks.Link(identifier: $0.link, frequency: $0.value.frequency, address: $0.value.address)
            })
    }
}
