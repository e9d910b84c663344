internal import GRPO
internal import Ports

/// 1 where the completion is reasoning in one `<think>` block and then an answer; else 0. TRL's
/// `think_format_reward`: `^<think>(?!.*<think>)(.*?)</think>.*$`, where the dot matches line ends too.
struct ThinkFormatReward: RewardFunction {
    let name = "think_format_reward"
    let reader: CompletionReader

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        completions.map { Self.isWellFormed(reader.wholeText($0)) ? 1 : 0 }
    }

    static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let start = Array("<think>".utf8)
        guard bytes.starts(with: start) else { return false }
        let rest = bytes.dropFirst(start.count)
        return !rest.contains(start) && rest.contains(Array("</think>".utf8))
    }
}

extension ArraySlice<UInt8> {
    /// Whether `part` stands somewhere in it, byte for byte.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}
