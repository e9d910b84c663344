import Foundation
#if canImport(FoundationXML)
import FoundationXML
#endif

/// What an XML parser sees of a document; `problem` is its first complaint.
final class ParsedMarkup: NSObject, XMLParserDelegate {
    private(set) var problem: String?
    private(set) var names: [String] = []
    /// All values of all attributes, by the attribute's name.
    private(set) var attributes: [String: [String]] = [:]
    private(set) var text = ""

    init(_ markup: String) {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        if !parser.parse() {
            problem = "line \(parser.lineNumber): \(String(describing: parser.parserError))"
        }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        names.append(name)
        for (key, value) in attributes { self.attributes[key, default: []].append(value) }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
