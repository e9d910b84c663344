/// Well-formed XML that is HTML too: text is escaped, every element is closed.
package indirect enum Markup: Sendable {
    case text(String)
    case element(String, [(name: String, value: String)], [Markup])
    /// The contents of a style element, which holds no markup.
    case style(String)

    /// Elements that HTML writes without an end.
    private static let empty: Set = ["meta", "link", "line", "path", "rect", "circle", "br"]

    package var rendered: String {
        var result = ""
        render(into: &result)
        return result
    }

    private func render(into result: inout String) {
        switch self {
        case .text(let text): result += Self.escaped(text)
        case .style(let text): result += "<style>\(text)</style>"
        case .element(let name, let attributes, let children):
            result += "<" + name
            for attribute in attributes {
                result += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
            }
            guard !children.isEmpty || !Self.empty.contains(name) else {
                result += "/>"
                return
            }
            result += ">"
            for child in children { child.render(into: &result) }
            result += "</\(name)>"
            if Self.blocks.contains(name) { result += "\n" }
        }
    }

    /// A line end behind these keeps the source readable.
    private static let blocks: Set = [
        "p", "h1", "h2", "h3", "section", "table", "tr", "svg", "ul", "li", "figure", "header", "nav",
    ]

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Control characters are not allowed in XML.
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// `tag("p", ["class": "note"], [.text("…")])`
func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
) -> Markup {
    .element(name, attributes.map { (name: $0.key, value: $0.value) }, children)
}

/// An element that holds text only.
func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String
) -> Markup {
    tag(name, attributes, [.text(text)])
}
