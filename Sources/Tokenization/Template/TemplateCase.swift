extension TemplateText {
    /// Jinja's `title` filter, whose words begin after white space or one of `-({[<`.
    static func titleFilter(_ text: String) -> String {
        var result = ""
        var insideWord = false
        for scalar in text.unicodeScalars {
            if isPythonSpace(scalar) || "-({[<".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
                insideWord = false
            } else {
                let properties = scalar.properties
                result += insideWord ? properties.lowercaseMapping : properties.uppercaseMapping
                insideWord = true
            }
        }
        return result
    }

    /// First letter large, the rest small.
    static func capitalize(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        return first.properties.titlecaseMapping
            + string(text.unicodeScalars.dropFirst()).lowercased()
    }

    /// Every word capitalised; a word is a run of letters.
    static func title(_ text: String) -> String {
        var result = ""
        var insideWord = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            result += insideWord ? properties.lowercaseMapping : properties.titlecaseMapping
            insideWord = properties.isCased
        }
        return result
    }
}
