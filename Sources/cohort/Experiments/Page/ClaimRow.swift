/// A claim of the algorithm, and the section or test that shows it.
package struct ClaimRow: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// A section of the page, by its study's name.
        case section(String)
        /// A test of the suite, by its sentence.
        case test(String)
    }

    package var row: String
    package var claim: String
    package var places: [Place]

    package init(_ row: String, _ claim: String, _ places: [Place]) {
        self.row = row
        self.claim = claim
        self.places = places
    }

    static let introduction =
        "Claims that can be computed exactly are tests of the suite, by the sentence that names them; "
        + "the others are sections of this page."

    /// A row of the table; sections that the page lacks are named without a link.
    func markup(sections: Set<String>) -> Markup {
        let list = places.map { place in
            switch place {
            case .section(let name):
                sections.contains(name)
                    ? tag("li", [:], [.text("section "), tag("a", ["href": "#\(name)"], name)])
                    : tag("li", [:], "section \(name)")
            case .test(let sentence): tag("li", [:], "test “\(sentence)”")
            }
        }
        return tag(
            "tr", [:],
            [
                tag("th", ["scope": "row"], row), tag("td", [:], claim),
                tag("td", [:], [tag("ul", ["class": "places"], list)]),
            ])
    }
}
