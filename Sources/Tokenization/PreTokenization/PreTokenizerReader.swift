extension PreTokenizer {
    /// Throws `TokenizerError`, also for a pre-tokenizer that is not implemented.
    init(_ settings: SettingsReader?) throws(TokenizerError) {
        var reader = Reader()
        if let settings {
            try reader.add(settings)
            try StepLimits.check(reader.steps.map { _ in 1 }, settings)
        }
        (steps, isByteLevel) = (reader.steps, reader.isByteLevel)
    }

    private struct Reader {
        var steps: [Step] = []
        var isByteLevel = false

        mutating func add(_ settings: SettingsReader) throws(TokenizerError) {
            let type = try settings.string("type")
            if type == "Sequence" {
                for part in try settings.objects("pretokenizers") { try add(part) }
                return
            }
            // After it, bytes are spelt as other characters, which the steps here do not see.
            guard !isByteLevel else {
                throw settings.error(
                    .unsupported(part: settings.path, name: "\(type) after ByteLevel"))
            }
            switch type {
            case "Split": try addSplit(settings)
            case "ByteLevel": try addByteLevel(settings)
            case "Metaspace": steps.append(.metaspace(try Metaspace(settings)))
            default: steps.append(.cutter(try PreTokenizer.cutter(type, settings)))
            }
        }

        private mutating func addByteLevel(_ settings: SettingsReader) throws(TokenizerError) {
            isByteLevel = true
            if try settings.flag("add_prefix_space", default: true) { steps.append(.prefixSpace) }
            if try settings.flag("use_regex", default: true) { steps.append(.scanner(.gpt2)) }
        }

        private mutating func addSplit(_ settings: SettingsReader) throws(TokenizerError) {
            let behavior = try PreTokenizer.behavior(try settings.string("behavior"), settings)
            let inverted = try settings.flag("invert", default: false)
            if let regex = try settings.object("pattern")?.optionalString("Regex"),
                let scanner = SplitScanner(pattern: regex)
            {
                // These patterns match every character, so keeping the matches and dropping the rest
                // is the same as isolating them.
                guard behavior == .isolated || behavior == .removed && inverted else {
                    throw settings.error(
                        .unsupported(
                            part: settings.path,
                            name: "Split with behavior \(behavior.rawValue), invert \(inverted)"))
                }
                return steps.append(.scanner(scanner))
            }
            let pattern = try TextPattern(settings, named: "Split")
            steps.append(
                .cutter(PieceCutter(matching: .pattern(pattern), behavior, isInverted: inverted)))
        }
    }

    private static func behavior(
        _ name: String, _ settings: SettingsReader
    ) throws(TokenizerError) -> PieceCutter.Behavior {
        guard let behavior = PieceCutter.Behavior(rawValue: name) else {
            throw settings.error(
                .unsupported(part: settings.key("behavior"), name: "\"\(name)\""))
        }
        return behavior
    }

    private static func cutter(
        _ type: String, _ settings: SettingsReader
    ) throws(TokenizerError) -> PieceCutter {
        switch type {
        case "Digits":
            let alone = try settings.flag("individual_digits", default: false)
            return PieceCutter(matching: .classes(.numeric), alone ? .isolated : .contiguous)
        case "Punctuation":
            let name = try settings.optionalString("behavior") ?? "Isolated"
            return PieceCutter(matching: .classes(.punctuation), try behavior(name, settings))
        case "Whitespace": return PieceCutter(matching: .words, .removed, isInverted: true)
        case "WhitespaceSplit": return PieceCutter(matching: .classes(.space), .removed)
        case "CharDelimiterSplit":
            return PieceCutter(matching: .scalar(try settings.scalar("delimiter").value), .removed)
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }
}
