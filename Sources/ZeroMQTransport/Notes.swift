/// What a link has to say to a person: each sentence once, however often its cause comes again.
struct Notes {
    /// Sentences that are remembered; peers can make up any number.
    private static let capacity = 64

    private let say: @Sendable (String) -> Void
    private var said: Set<String> = []

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    mutating func once(_ sentence: String) {
        guard said.count < Self.capacity, said.insert(sentence).inserted else { return }
        say(sentence)
    }

    func say(_ sentence: String) { say(sentence) }
}
