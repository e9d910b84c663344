/// A list or tuple that knows how deeply it is nested.
struct TemplateList {
    let items: [TemplateValue]
    /// Tuples look different as text and equal no list.
    let isTuple: Bool
    let depth: Int

    init(_ items: [TemplateValue], isTuple: Bool = false) {
        self.items = items
        self.isTuple = isTuple
        depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
    }
}

/// Keys in the order of insertion, compared by scalars.
struct TemplateDict {
    private(set) var entries: [(key: String, value: TemplateValue)] = []
    private var places: [[UInt8]: Int] = [:]
    private(set) var depth = 1

    init() {}

    subscript(_ key: String) -> TemplateValue? {
        get { places[Array(key.utf8)].map { entries[$0].value } }
        set {
            guard let newValue else { return }
            depth = max(depth, 1 + newValue.depth)
            if let place = places[Array(key.utf8)] {
                entries[place].value = newValue
            } else {
                places[Array(key.utf8)] = entries.count
                entries.append((key, newValue))
            }
        }
    }
}
