/// Which refusals are worth a line in the log: whoever knocks a thousand times a second must not fill it.
struct RefusalLog {
    private struct Entry {
        var until: ContinuousClock.Instant
        var silent = 0
    }

    /// Refusals that are remembered; of more different ones in a minute only the first are reported.
    private static let entriesMax = 256
    private static let pause = Duration.seconds(60)

    private var entries: [String: Entry] = [:]

    /// What to say; `nil` if the same was said less than a minute ago.
    mutating func sentence(
        _ what: String, from address: String, at now: ContinuousClock.Instant
    ) -> String? {
        let text = address.isEmpty ? "refused: \(what)" : "refused, from \(address): \(what)"
        if let entry = entries[text], now < entry.until {
            entries[text]!.silent += 1
            return nil
        }
        let silent = entries[text]?.silent ?? 0
        if entries.count >= Self.entriesMax { entries = entries.filter { now < $0.value.until } }
        guard entries.count < Self.entriesMax else { return nil }
        entries[text] = Entry(until: now + Self.pause)
        return silent == 0 ? text : "\(text) (\(silent) more of these in between)"
    }
}
