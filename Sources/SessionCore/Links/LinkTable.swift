/// One value for each of some links. Looked into with every frame, so a place per link ID and no hashing.
struct LinkTable<Value> {
    private var values: [Value?] = Array(repeating: nil, count: LinkIdentifier.greatest + 1)

    subscript(link: LinkIdentifier) -> Value? {
        get { values[Int(link.rawValue)] }
        set { values[Int(link.rawValue)] = newValue }
    }

    /// The links that have a value, with it, in ascending order.
    var entries: [(link: LinkIdentifier, value: Value)] {
        values.indices.compactMap { index in
            guard let link = LinkIdentifier(index), let value = values[index] else { return nil }
            return (link, value)
        }
    }
}
