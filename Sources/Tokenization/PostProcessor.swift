/// The ids that are put around a text's own, such as a token that begins every text.
struct PostProcessor: Sendable {
    /// Ids before and after what was there, in the order in which they are applied.
    private var frames: [(before: [Int32], after: [Int32])] = []

    init(_ settings: SettingsReader?) throws(TokenizerError) {
        guard let settings else { return }
        try add(settings)
        try StepLimits.check(frames.map { _ in 1 }, settings)
    }

    private mutating func add(_ settings: SettingsReader) throws(TokenizerError) {
        let type = try settings.string("type")
        switch type {
        case "Sequence":
            for part in try settings.objects("processors") { try add(part) }
        case "ByteLevel": break  // Moves offsets, adds no ids.
        case "TemplateProcessing": frames.append(try Self.frame(settings))
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }

    private static func frame(
        _ settings: SettingsReader
    ) throws(TokenizerError) -> (before: [Int32], after: [Int32]) {
        var frame: (before: [Int32], after: [Int32]) = ([], [])
        var seenText = false
        for item in try settings.objects("single") {
            if let text = try item.object("Sequence") {
                guard try text.string("id") == "A", !seenText else {
                    throw settings.error(
                        .unsupported(
                            part: settings.key("single"), name: "with the text not just once"))
                }
                seenText = true
            } else if let token = try item.object("SpecialToken") {
                let ids = try specialIDs(named: try token.string("id"), settings)
                if seenText { frame.after += ids } else { frame.before += ids }
            } else {
                throw item.error(.missing(key: item.key("Sequence")))
            }
        }
        guard seenText else {
            throw settings.error(
                .inconsistent("\(settings.key("single")) leaves out the text itself"))
        }
        return frame
    }

    private static func specialIDs(
        named name: String, _ settings: SettingsReader
    ) throws(TokenizerError) -> [Int32] {
        guard let table = try settings.object("special_tokens"), let entry = try table.object(name)
        else {
            throw settings.error(
                .inconsistent(
                    "\(settings.key("single")) uses the special token \"\(name)\", "
                        + "which special_tokens does not define"))
        }
        var ids: [Int32] = []
        for id in try entry.array("ids") { ids.append(try entry.tokenID(id, "ids")) }
        return ids
    }

    /// Puts the special ids around `ids`.
    func apply(to ids: [Int32]) -> [Int32] {
        frames.reduce(ids) { $1.before + $0 + $1.after }
    }

    /// Every id that may be added.
    var specialIDs: [Int32] { frames.flatMap { $0.before + $0.after } }
}
