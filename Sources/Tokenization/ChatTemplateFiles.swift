extension ChatTemplate {
    /// The chat template of a model directory: `chat_template.jinja`, else `chat_template` in
    /// `tokenizer_config.json` (a text, or a list of `{name, template}` of which `default` is taken).
    /// `nil` where the model has none. Special tokens are read from `tokenizer_config.json`.
    /// Throws `TemplateError`.
    package static func load(
        directory: String, limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) -> ChatTemplate? {
        let configuration = try TokenizerConfiguration(directory + "/tokenizer_config.json")
        let file = directory + "/chat_template.jinja"
        if fileExists(file) {
            guard let source = String(validating: try bytes(of: file), as: UTF8.self) else {
                throw TemplateError(template: file, line: nil, problem: .file("it is not UTF-8"))
            }
            return try ChatTemplate(
                source: source, name: file, specialTokens: configuration.specialTokens,
                limits: limits)
        }
        guard let source = try configuration.template() else { return nil }
        return try ChatTemplate(
            source: source, name: configuration.file + ": chat_template",
            specialTokens: configuration.specialTokens, limits: limits)
    }

    fileprivate static func bytes(of file: String) throws(TemplateError) -> [UInt8] {
        do { return try readBytes(file) } catch {
            throw TemplateError(template: file, line: nil, problem: .file("\(error.problem)"))
        }
    }
}

/// What chat templates need of `tokenizer_config.json`; empty where there is no such file.
private struct TokenizerConfiguration {
    let file: String
    private var root: JSONValue = .null

    init(_ file: String) throws(TemplateError) {
        self.file = file
        guard fileExists(file) else { return }
        let bytes = try ChatTemplate.bytes(of: file)
        do { root = try JSONParser.parse(bytes) } catch {
            throw TemplateError(
                template: file, line: nil, problem: .file("not valid JSON at \(error)"))
        }
    }

    /// Special tokens by name; each is a text or an object with `content`.
    var specialTokens: [String: String] {
        let names = [
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
            "mask_token",
        ]
        var tokens: [String: String] = [:]
        for name in names {
            if let text = root[name]?.string ?? root[name]?["content"]?.string {
                tokens[name] = text
            }
        }
        return tokens
    }

    func template() throws(TemplateError) -> String? {
        guard let value = root["chat_template"], !value.isNull else { return nil }
        if let text = value.string { return text }
        let named = value.array ?? []
        let entry = named.first { $0["name"]?.string == "default" }
        if let text = entry?["template"]?.string { return text }
        throw TemplateError(
            template: file, line: nil,
            problem: .file(
                "chat_template is neither a text nor a list with the template \"default\""))
    }
}
