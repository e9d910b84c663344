package import Foundation

/// The moment that `strftime_now` speaks of. Injected, because a prompt that depends on the wall clock
/// could not be reproduced.
package struct TemplateClock: Hashable, Sendable {
    private let date: Date
    private let timeZone: TimeZone

    package init(_ date: Date, timeZone: TimeZone = .gmt) {
        self.date = date
        self.timeZone = timeZone
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// `strftime` in the C locale; `%-d` and the like leave out leading zeros.
    func formatted(_ format: String) throws(TemplateFault) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday, .dayOfYear], from: date)
        var text = ""
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            var directive = scalars.popFirst()
            let isBare = directive == "-"
            if isBare { directive = scalars.popFirst() }
            guard let directive, let piece = Self.piece(directive, parts, isBare: isBare) else {
                throw TemplateFault(.unsupported("the date format '\(format)'"))
            }
            text += piece
        }
        return text
    }

    private static func piece(
        _ directive: Unicode.Scalar, _ parts: DateComponents, isBare: Bool
    ) -> String? {
        func padded(_ value: Int?, _ width: Int = 2) -> String {
            let digits = String(value ?? 0)
            return isBare
                ? digits : String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let hour = parts.hour ?? 0
        switch directive {
        case "Y": return padded(parts.year, 4)
        case "y": return padded((parts.year ?? 0) % 100)
        case "m": return padded(parts.month)
        case "d": return padded(parts.day)
        case "H": return padded(hour)
        case "I": return padded(hour % 12 == 0 ? 12 : hour % 12)
        case "M": return padded(parts.minute)
        case "S": return padded(parts.second)
        case "j": return padded(parts.dayOfYear, 3)
        case "p": return hour < 12 ? "AM" : "PM"
        case "B": return months[((parts.month ?? 1) - 1) % 12]
        case "b": return String(months[((parts.month ?? 1) - 1) % 12].prefix(3))
        case "A": return weekdays[((parts.weekday ?? 1) - 1) % 7]
        case "a": return String(weekdays[((parts.weekday ?? 1) - 1) % 7].prefix(3))
        case "%": return "%"
        default: return nil
        }
    }
}
