/// The sessions that users and hosts want of agents.
struct Wishes {
    /// A session as its initiator knows it.
    struct Wish: Hashable {
        let initiator: Int
        let receiver: Int
        let tid: Int
    }

    private(set) var wanted: Set<Wish> = []
    /// Those that were ended by a user at either end at any time: whether they are wanted again depends on what came first there.
    private(set) var closed: Set<Wish> = []
    /// Those that the user of the initiator ended, and that nobody wanted since.
    private(set) var ended: Set<Wish> = []

    mutating func want(_ initiator: Int, _ receiver: Int, _ tid: Int) {
        let wish = Wish(initiator: initiator, receiver: receiver, tid: tid)
        wanted.insert(wish)
        ended.remove(wish)
    }

    mutating func close(_ initiator: Int, _ receiver: Int, _ tid: Int) {
        let wish = Wish(initiator: initiator, receiver: receiver, tid: tid)
        wanted.remove(wish)
        closed.insert(wish)
        ended.insert(wish)
    }

    /// The receiver's user ended it.
    mutating func closeFromAfar(_ initiator: Int, _ receiver: Int, _ tid: Int) {
        closed.insert(Wish(initiator: initiator, receiver: receiver, tid: tid))
    }

    /// An agent begins a new life, which knows of no wish.
    mutating func begin(_ station: Int) {
        wanted = wanted.filter { $0.initiator != station }
        ended = ended.filter { $0.initiator != station }
    }
}
