/// Numbers as people read them. Independent of the locale, so that output can be compared.
package enum DecimalText {
    /// `value` with that many digits after the point: `0.413`, `-0.0021`, `nan`.
    package static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : (value > 0 ? "inf" : "-inf") }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (value.magnitude * scale).rounded()
        // Beyond 2⁵³ there is nothing after the point to print.
        guard scaled < 0x1p53 else { return value.description }
        let whole = Int64(scaled)
        let text = String(repeating: "0", count: max(0, digits + 1 - String(whole).count))
            + String(whole)
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard digits > 0 else { return sign + text }
        return sign + text.dropLast(digits) + "." + text.suffix(digits)
    }

    /// `950`, `18.4k`, `2.1M`
    package static func compact(_ value: Double) -> String {
        switch value.magnitude {
        case _ where !value.isFinite: fixed(value, digits: 0)
        case ..<999.5: fixed(value, digits: 0)
        case ..<999_950: fixed(value / 1e3, digits: 1) + "k"
        default: fixed(value / 1e6, digits: 1) + "M"
        }
    }

    /// A length of time in at most two units: `0.4s`, `59s`, `1m 05s`, `2h 03m`, `3d 04h`.
    package static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if seconds < 0 || attoseconds < 0 { return "0s" }
        let tenths = attoseconds / 100_000_000_000_000_000
        switch seconds {
        case 0: return tenths == 0 ? "0s" : "0.\(tenths)s"
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m \(twoDigits(seconds % 60))s"
        case ..<86400: return "\(seconds / 3600)h \(twoDigits(seconds / 60 % 60))m"
        default: return "\(seconds / 86400)d \(twoDigits(seconds / 3600 % 24))h"
        }
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
