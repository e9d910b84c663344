import Foundation

/// Numbers of a page: three significant digits, whatever the size, and a typographic minus.
package enum NumberText {
    /// `0`, `0.0288`, `12.5`, `1,340`, `1.2·10⁻⁵`
    package static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return fixed(value, digits: 0) }
        let exponent = Int(floor(log10(value.magnitude)))
        guard -4...5 ~= exponent else { return scientific(value, exponent) }
        let text = trimmed(fixed(value, digits: max(0, 2 - exponent)))
        return exponent >= 3 ? grouped(text) : text
    }

    private static func fixed(_ value: Double, digits: Int) -> String {
        DecimalText.fixed(value, digits: digits).replacing("-", with: "−")
    }

    /// `0.36 (0.27 to 0.4)`, or the value alone where there is no spread.
    package static func estimate(_ estimate: Estimate) -> String {
        guard estimate.hasSpread else { return short(estimate.value) }
        let range = "\(short(estimate.low)) to \(short(estimate.high))"
        return "\(short(estimate.value)) (\(range))"
    }

    /// `0.9972 ± 0.0041`: two significant digits of the error decide.
    package static func withError(_ value: Double, _ error: Double) -> String {
        guard error > 0, error.isFinite else { return short(value) }
        let digits = min(max(0, 1 - Int(floor(log10(error)))), 9)
        return fixed(value, digits: digits) + " ± " + fixed(error, digits: digits)
    }

    /// Bytes in binary units: `1.86 GiB`.
    package static func bytes(_ count: Double) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (count, 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return "\(short(value)) \(units[unit])"
    }

    private static func scientific(_ value: Double, _ exponent: Int) -> String {
        let digits = trimmed(fixed(value / pow(10, Double(exponent)), digits: 2))
        let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        let raised = String(exponent.magnitude).map { superscripts[Int(String($0)) ?? 0] }
        let power = "10" + (exponent < 0 ? "⁻" : "") + String(raised)
        return digits == "1" ? power : "\(digits)·\(power)"
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        let short = text.reversed().drop { $0 == "0" }
        return String((short.first == "." ? short.dropFirst() : short).reversed())
    }

    private static func grouped(_ text: String) -> String {
        let (sign, digits) = text.hasPrefix("−") ? ("−", text.dropFirst()) : ("", text[...])
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return sign + result
    }
}
