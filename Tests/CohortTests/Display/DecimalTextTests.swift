import Testing

import cohort

@Test(
    "Durations are written in at most two units",
    arguments: [
        (0.0, "0s"), (0.04, "0s"), (0.45, "0.4s"), (1, "1s"), (59.9, "59s"), (60, "1m 00s"),
        (65, "1m 05s"), (3599, "59m 59s"), (3600, "1h 00m"), (7400, "2h 03m"), (86_399, "23h 59m"),
        (86_400, "1d 00h"), (273_600, "3d 04h"), (-5, "0s"),
    ])
func durations(seconds: Double, text: String) {
    #expect(DecimalText.duration(.seconds(seconds)) == text)
}

@Test(
    "Fixed decimals round and never print a negative zero",
    arguments: [
        (0.4126, 3, "0.413"), (0.0, 3, "0.000"), (-0.0004, 3, "0.000"), (-0.0006, 3, "-0.001"),
        (1, 0,
        "1"), (12.25, 1, "12.3"), (0.05, 1, "0.1"), (999.9996, 3, "1000.000"), (-12.5, 2, "-12.50"),
        (.nan, 3, "nan"), (.infinity, 3, "inf"), (-.infinity, 3, "-inf"), (1e300, 3, "1e+300"),
    ])
func fixedDecimals(value: Double, digits: Int, text: String) {
    #expect(DecimalText.fixed(value, digits: digits) == text)
}

@Test(
    "Large numbers are shortened",
    arguments: [
        (0.0, "0"), (950.4, "950"), (999.4, "999"), (999.6, "1.0k"), (18_432, "18.4k"),
        (999_949, "999.9k"), (999_951, "1.0M"), (2_100_000, "2.1M"), (.nan, "nan"),
    ])
func compactNumbers(value: Double, text: String) {
    #expect(DecimalText.compact(value) == text)
}
