import GRPO
import Tasks
import Testing
import Tokenization

/// A byte-level tokenizer with all 256 bytes, one special token and no merges: one id per byte.
func byteTokenizer() throws -> Tokenizer {
    let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
    let scalars = (0..<256).map { printable.contains($0) ? UInt32($0) : 0 }
    var next: UInt32 = 0x100
    var members: [JSONMember] = [JSONMember("<|im_end|>", .number("256"))]
    for (byte, scalar) in scalars.enumerated() {
        let value = scalar == 0 && byte != 0 || byte == 0 ? next : scalar
        if value == next { next += 1 }
        members.append(JSONMember(String(Unicode.Scalar(value)!), .number("\(byte)")))
    }
    let json = JSONValue.object([
        JSONMember(
            "pre_tokenizer",
            .object([
                JSONMember("type", .string("ByteLevel")),
                JSONMember("add_prefix_space", .bool(false)),
            ])),
        JSONMember("decoder", .object([JSONMember("type", .string("ByteLevel"))])),
        JSONMember(
            "added_tokens",
            .array([
                .object([
                    JSONMember("id", .number("256")), JSONMember("content", .string("<|im_end|>")),
                    JSONMember("special", .bool(true)), JSONMember("normalized", .bool(false)),
                ])
            ])),
        JSONMember(
            "model",
            .object([
                JSONMember("vocab", .object(members)), JSONMember("merges", .array([])),
            ])),
    ])
    return try Tokenizer(json: Array(json.compactText.utf8))
}

/// A sampled completion of these tokens.
func completion(_ tokens: [Int32]) -> Completion {
    Completion(
        tokens: tokens, behaviorLogprobs: tokens.map { _ in -1 },
        keptLogMasses: tokens.map { _ in 0 },
        finishReason: .stop)
}
