import Foundation
import Testing

extension ProcessTests {
    @Suite("cohort score and doctor") struct ScoreTests {
        private struct Scores: Decodable {
            var ids: [Int]
            var logprobs: [Double?]
        }

        private func score(_ lines: [String], _ options: [String] = []) async throws -> [Scores] {
            let model = try await Start.shared.model
            let outcome = try await cohort(
                ["score", "--model", model] + options, input: lines.joined(separator: "\n"))
            #expect(outcome.code == 0, "\(outcome)")
            return try outcome.output.map {
                try JSONDecoder().decode(Scores.self, from: Data($0.utf8))
            }
        }

        @Test("Texts and ids get one log-probability per token but the first")
        func forms() async throws {
            let texts = try await score([#""12+34=46""#, #"{"text":"12+34=46"}"#])
            let ids = try #require(texts.first?.ids)
            #expect(ids.count == 8)
            let again = try await score(["\(ids)", #"{"ids":\#(ids)}"#, "[\(ids[0])]"])
            #expect((texts + again[..<2]).allSatisfy { $0.ids == ids })
            for scores in texts + again[..<2] {
                #expect(scores.logprobs == texts[0].logprobs)
                #expect(scores.logprobs.count == ids.count)
                #expect(scores.logprobs[0] == nil)
                #expect(scores.logprobs.dropFirst().allSatisfy { ($0 ?? 1) < 0 })
            }
            #expect(again[2].logprobs == [nil])
        }

        @Test("What is scored together changes nothing; the type and the temperature do")
        func settings() async throws {
            let text = #""12+34=46""#
            let alone = try await score([text])[0].logprobs
            let many = try await score((0..<150).map { #""\#($0)+1=""# } + [text], ["--threads", "1"])
            #expect(many.count == 151)
            #expect(many[150].logprobs == alone)
            #expect(try await score([text], ["--dtype", "bf16"])[0].logprobs != alone)
            #expect(try await score([text], ["--temperature", "0.5"])[0].logprobs != alone)
        }

        @Test(
            "A wrong line is named",
            arguments: [
                ("12+", "1: invalid JSON"), ("[1,999]", "1: token 999 is outside the vocabulary"),
                ("{}", "1: must be a text, a list of token ids"), ("[]", "1: there is no token"),
                ("\"1\"\n[1.5]", "2: must be a text"),
            ])
        func wrongLine(line: String, message: String) async throws {
            let model = try await Start.shared.model
            let outcome = try await cohort(["score", "--model", model], input: line)
            #expect(outcome.code == 65, "\(outcome)")
            #expect(outcome.notes.contains { $0.contains("standard input:" + message) }, "\(outcome)")
        }

        @Test("doctor says whether bits agree, for people and for programs")
        func doctor() async throws {
            let text = try await cohort(["doctor"])
            #expect(text.code == 0)
            #expect(text.output.contains { $0.hasPrefix("exact in bfloat16") })
            let json = try await cohort(["doctor", "--json"])
            let object = try JSONSerialization.jsonObject(
                with: Data(json.output.joined(separator: "\n").utf8))
            let exactness = try #require((object as? [String: Any])?["exactness"] as? [[String: Any]])
            #expect(exactness.count == 2)
            #expect(exactness.allSatisfy { $0["is_exact"] is Bool })
        }
    }
}
