import Foundation
import Testing

extension ProcessTests {
    @Suite("What is lost") struct LossTests {
        @Test("Common patterns lose messages without an error where the link loses none")
        func losses() async throws {
            let outcome = try await cohort([
                "bench", "loss", "--messages", "10000", "--killed-messages", "3000",
                "--pause-microseconds", "20", "--json",
            ])
            try #require(outcome.code == 0, "\(outcome)")
            let text = Data(outcome.output.joined(separator: "\n").utf8)
            let patterns = try JSONDecoder().decode(Report.self, from: text).patterns
            #expect(patterns.count == 4)
            for pattern in patterns {
                #expect(pattern.send_errors == 0, "\(pattern)")
                #expect(pattern.processed_again == 0, "\(pattern)")
                #expect((pattern.lost == 0) == (pattern.pattern == "our link"), "\(pattern)")
            }
        }
    }
}

/// What `cohort bench loss --json` prints.
private struct Report: Decodable {
    struct Pattern: Decodable {
        var pattern: String
        var send_errors: Int
        var processed_again: Int
        var lost: Int
    }

    var patterns: [Pattern]
}
