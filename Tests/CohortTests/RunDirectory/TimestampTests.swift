import Foundation
import Testing

import cohort

@Test(
    "Timestamps are UTC with milliseconds",
    arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (951_826_199.999, "2000-02-29T12:09:59.999Z"),
        (1_709_251_199.5, "2024-02-29T23:59:59.500Z"), (1_709_251_200, "2024-03-01T00:00:00.000Z"),
        (4_107_542_399, "2100-02-28T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"), (.nan, "1970-01-01T00:00:00.000Z"),
        (1e300, "1970-01-01T00:00:00.000Z"),
    ])
func timestamps(seconds: Double, text: String) {
    #expect(Timestamps.iso8601(seconds) == text)
}

@Test("Timestamps agree with Foundation's over four centuries")
func timestampsAgreeWithFoundation() {
    for index in 0..<2000 {
        let seconds = -3e9 + Double(index) * 7_003_001
        let expected = Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false))
        #expect(Timestamps.iso8601(seconds).prefix(19) == expected.prefix(19))
    }
}

@Test("The compact form sorts by time")
func compactTimestamps() {
    #expect(Timestamps.compact(1_772_355_907.9) == "20260301-090507")
}
