/// Points in time as text, from seconds since 1970; UTC, proleptic Gregorian calendar.
package enum Timestamps {
    /// `2026-03-01T09:05:07.250Z`
    package static func iso8601(_ seconds: Double) -> String {
        let milliseconds = wholeMilliseconds(seconds)
        let fields = fields(milliseconds)
        return "\(fields.date[0])-\(fields.date[1])-\(fields.date[2])T"
            + fields.time.joined(separator: ":")
            + "." + padded(milliseconds.floorModulo(1000), 3) + "Z"
    }

    /// `20260301-090507`, which sorts by time and needs no quoting anywhere.
    package static func compact(_ seconds: Double) -> String {
        let fields = fields(wholeMilliseconds(seconds))
        return fields.date.joined() + "-" + fields.time.joined()
    }

    /// Clocks are outside our control: anything that is not a time within ±10,000 years counts as
    /// 1970.
    private static func wholeMilliseconds(_ seconds: Double) -> Int64 {
        guard seconds.isFinite, seconds.magnitude < 2.5e11 else { return 0 }
        return Int64((seconds * 1000).rounded(.down))
    }

    private static func fields(_ milliseconds: Int64) -> (date: [String], time: [String]) {
        let seconds = milliseconds.floorDivided(by: 1000)
        let day = seconds.floorModulo(86400)
        let date = civilDate(daysSince1970: seconds.floorDivided(by: 86400))
        return (
            [padded(date.year, 4), padded(date.month, 2), padded(date.day, 2)],
            [padded(day / 3600, 2), padded(day / 60 % 60, 2), padded(day % 60, 2)]
        )
    }

    /// Years are counted from March, so that the leap day comes last, in eras of 400 years (146,097
    /// days); H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func civilDate(
        daysSince1970: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let days = daysSince1970 + 719_468
        let era = days.floorDivided(by: 146_097)
        let dayOfEra = days.floorModulo(146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func padded(_ value: Int64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
    }

    fileprivate func floorModulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
