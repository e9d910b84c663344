/// The whole page: one file, no script, nothing loaded.
package struct ExperimentsPage: Sendable {
    package var sections: [Section]
    /// Seeds per curve.
    package var seeds: Int
    /// Where each claim of the algorithm is shown.
    package var claims: [ClaimRow]

    package init(sections: [Section], seeds: Int, claims: [ClaimRow]) {
        self.sections = sections
        self.seeds = seeds
        self.claims = claims
    }

    /// A function of the page's contents alone.
    package var html: String { "<!DOCTYPE html>\n" + document.rendered }

    private static let title = "Why GRPO has the parts that it has"

    private var document: Markup {
        tag(
            "html", ["lang": "en"],
            [
                tag(
                    "head", [:],
                    [
                        tag("meta", ["charset": "utf-8"]),
                        tag(
                            "meta",
                            ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                        tag("title", [:], Self.title), .style(Stylesheet.text),
                    ]),
                tag("body", [:], [header, tag("main", [:], sections.map(Self.markup) + map), footer]),
            ])
    }

    private var header: Markup {
        tag(
            "header", [:],
            [
                tag("h1", [:], Self.title),
                tag("p", [:], Self.introduction),
            ] + (hasVerdicts ? overview : []))
    }

    /// A page of training runs alone claims nothing.
    private var hasVerdicts: Bool { sections.contains { !$0.verdicts.isEmpty } }

    private var overview: [Markup] {
        [
            tag(
                "p", ["class": "method"],
                "Seeds per curve: \(seeds). The same seeds give the same page, byte for byte."),
            tag("nav", ["aria-label": "Claims and verdicts"], [summary]),
        ]
    }

    private static let introduction =
        "GRPO trains a language model from rewards: for each prompt the policy samples a group of "
        + "completions, each is scored, and the policy moves towards those that beat their group. Each "
        + "section takes one claim about why a part of the algorithm is there, and tests it on a task "
        + "small enough to be repeated many times: sums of two digits, answered by a policy that is a "
        + "table, whose expected reward, divergence and gradient are computed exactly. Advantages, "
        + "ratios, clipping and KL are computed by the same code that trains real models. Where a claim "
        + "does not hold at this scale, the verdict says so."

    /// One row per verdict, with a link to its section.
    private var summary: Markup {
        let rows = sections.flatMap { section in
            section.verdicts.map { verdict in
                tag(
                    "tr", [:],
                    [
                        tag(
                            "th", ["scope": "row"],
                            [tag("a", ["href": "#\(section.name)"], verdict.statement)]),
                        tag("td", [:], [Self.word(verdict)]),
                    ])
            }
        }
        let head = tag(
            "tr", [:],
            [tag("th", ["scope": "col"], "Claim"), tag("th", ["scope": "col"], "Verdict")])
        return tag("table", [:], [tag("thead", [:], [head]), tag("tbody", [:], rows)])
    }

    private static func word(_ verdict: Verdict) -> Markup {
        tag(
            "span", ["class": verdict.holds ? "word" : "word no"],
            (verdict.holds ? "✓ " : "✗ ") + verdict.word)
    }

    private static func markup(_ section: Section) -> Markup {
        let verdicts = section.verdicts.map { verdict in
            tag(
                "li", ["class": verdict.holds ? "yes" : "no"],
                [
                    word(verdict), .text(": "), .text(verdict.statement + ". "),
                    .text(verdict.evidence),
                ])
        }
        let heading = "\(section.name)-heading"
        let figures = section.figures.enumerated().map { index, figure in
            figure.markup(id: "\(section.name)-\(index + 1)")
        }
        return tag(
            "section", ["id": section.name, "aria-labelledby": heading],
            [
                tag("h2", ["id": heading], section.title), tag("p", [:], section.claim),
            ]
                + (verdicts.isEmpty ? [] : [tag("ul", ["class": "verdicts"], verdicts)])
                + [
                    tag("div", ["class": "figures"], figures),
                    tag("p", ["class": "method"], section.method),
                ]
                + (section.instructions.map { markup($0, of: section.title) } ?? []))
    }

    /// Long lines scroll by themselves, by keyboard too.
    private static func markup(_ instructions: Instructions, of title: String) -> [Markup] {
        let code = tag("code", [:], instructions.commands.joined(separator: "\n"))
        return [
            tag("p", [:], instructions.text),
            tag(
                "pre",
                [
                    "class": "scroll", "role": "region", "tabindex": "0",
                    "aria-label": "Commands: \(title)",
                ], [code]),
        ]
    }

    private var map: [Markup] {
        guard !claims.isEmpty else { return [] }
        let shown = Set(sections.map(\.name))
        let head = tag(
            "tr", [:],
            ["Row", "Claim", "Where it is shown"].map { tag("th", ["scope": "col"], $0) })
        let table = tag(
            "table", [:],
            [tag("thead", [:], [head]), tag("tbody", [:], claims.map { $0.markup(sections: shown) })])
        return [
            tag(
                "section", ["id": "claims", "aria-labelledby": "claims-heading"],
                [
                    tag("h2", ["id": "claims-heading"], "Every claim, and where it is shown"),
                    tag("p", [:], ClaimRow.introduction),
                    tag(
                        "div",
                        [
                            "class": "scroll", "role": "region", "tabindex": "0",
                            "aria-label": "Table: every claim",
                        ], [table]),
                ])
        ]
    }

    private var footer: Markup {
        tag("footer", [:], [tag("p", [:], "Made by cohort \(CohortVersion.text), cohort experiments.")])
    }
}
