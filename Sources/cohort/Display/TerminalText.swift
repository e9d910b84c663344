/// Text from outside (prompts, completions, names) made fit for a terminal.
package enum TerminalText {
    /// `text` with everything that a terminal would act on, or that would reorder or hide other
    /// text, written out: control characters, ESC, bidirectional and other format characters, line
    /// and paragraph separators, private and unassigned code points. A backslash is doubled, so the
    /// result is unambiguous.
    package static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case _ where isHarmful(scalar):
                let code = "\\u{" + hexadecimal(scalar.value, digits: 1) + "}"
                result.append(contentsOf: code.unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// `text` cut to `columns`, ending in "…" where something is missing. No more than four
    /// combining marks in a row are kept, so that they cannot climb over other lines.
    package static func truncated(_ text: String, columns: Int) -> String {
        var kept = String.UnicodeScalarView()
        var before = kept
        var used = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            let width = columnWidth(of: scalar)
            marks = width == 0 ? marks + 1 : 0
            if marks > 4 { continue }
            if used + width > columns {
                return columns > 0 ? String(before) + "…" : ""
            }
            // What fits with one column left for the ellipsis.
            kept.append(scalar)
            used += width
            if used <= columns - 1 { before = kept }
        }
        return String(kept)
    }

    /// Columns that `text` takes, which holds no control characters.
    package static func columnWidth(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columnWidth(of: $1) }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
        0x20000...0x3FFFD,
    ]

    private static func columnWidth(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: 0
        default: wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }
}
