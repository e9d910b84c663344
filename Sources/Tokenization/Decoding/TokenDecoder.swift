/// How token texts become text again: each step turns a list of texts into another, as in the
/// `tokenizers` library.
struct TokenDecoder: Sendable {
    enum Step: Sendable {
        /// Each token's characters stand for bytes; all become one text. Only `fuse` may follow.
        case byteLevel
        /// `<0xXX>` tokens stand for bytes.
        case byteFallback
        /// All texts become one.
        case fuse
        case replace(TextPattern, [UInt8])
        /// Spaces for their stand-in; those of the first text are dropped if `dropsFirst`.
        case metaspace([UInt8], dropsFirst: Bool)
        /// Takes a character away, so often at most, at the ends of each text.
        case strip([UInt8], start: Int, stop: Int)
    }

    let steps: [Step]
    /// No decoder in the file: tokens with a space between, as the reference does.
    let isSpaced: Bool

    /// The text of `tokens`. Bytes that are not UTF-8 become U+FFFD.
    func decode(_ tokens: some Sequence<String>) -> String {
        var stream = DecodingStream(self)
        for token in tokens { stream.append(Array(token.utf8)) }
        stream.finish()
        return String(decoding: stream.output, as: UTF8.self)
    }
}

extension TokenDecoder {
    /// Throws `TokenizerError`, also for a decoder that is not implemented.
    init(_ settings: SettingsReader?) throws(TokenizerError) {
        var steps: [Step] = []
        if let settings {
            try Self.add(settings, to: &steps)
            try StepLimits.check(steps.map(\.growth), settings)
        }
        self.steps = steps
        isSpaced = settings == nil
    }

    private static func add(
        _ settings: SettingsReader, to steps: inout [Step]
    ) throws(TokenizerError) {
        let type = try settings.string("type")
        // What follows would see the bytes of half characters.
        if type != "Fuse", case .byteLevel? = steps.first(where: \.isByteLevel) {
            throw settings.error(.unsupported(part: settings.path, name: "\(type) after ByteLevel"))
        }
        switch type {
        case "Sequence":
            for part in try settings.objects("decoders") { try add(part, to: &steps) }
        case "ByteLevel": steps.append(.byteLevel)
        case "ByteFallback": steps.append(.byteFallback)
        case "Fuse": steps.append(.fuse)
        case "Replace":
            let content = Array(try settings.string("content").utf8)
            steps.append(.replace(try TextPattern(settings, named: type), content))
        case "Metaspace":
            let metaspace = try Metaspace(settings)
            steps.append(
                .metaspace(metaspace.replacement, dropsFirst: metaspace.prefix != .never))
        case "Strip":
            let content = Array(String(try settings.scalar("content")).utf8)
            steps.append(
                .strip(
                    content, start: try settings.count("start"), stop: try settings.count("stop")))
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }
}

extension TokenDecoder.Step {
    fileprivate var isByteLevel: Bool {
        if case .byteLevel = self { true } else { false }
    }
}
