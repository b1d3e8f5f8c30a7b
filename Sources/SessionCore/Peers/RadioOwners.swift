import IEEE80211

/// Which peer a radio belongs to, by its link and its link MAC address. Only looked up, never iterated.
struct RadioOwners {
    private var peers: [RadioKey: Int] = [:]
    /// The last answer on each link: frames come in runs.
    private var last = LinkTable<(address: MACAddress, peer: Int)>()

    private struct RadioKey: Hashable {
        let link: LinkIdentifier
        let address: MACAddress
    }

    subscript(link: LinkIdentifier, address: MACAddress) -> Int? {
        get { peers[RadioKey(link: link, address: address)] }
        set {
            peers[RadioKey(link: link, address: address)] = newValue
            last[link] = nil
        }
    }

    /// The same, for every frame: remembers the answer.
    mutating func find(_ link: LinkIdentifier, _ address: MACAddress) -> Int? {
        if let last = last[link], last.address == address { return last.peer }
        guard let peer = self[link, address] else { return nil }
        last[link] = (address, peer)
        return peer
    }
}
