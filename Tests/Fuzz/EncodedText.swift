import Foundation

/// The tokenizers of the golden files, in the folder that COHORT_FUZZ_FIXTURES names.
private let tokenizers: [Tokenizer] = {
    let folder =
        ProcessInfo.processInfo.environment["COHORT_FUZZ_FIXTURES"] ?? "Tests/Fixtures/tokenizers"
    let names = [
        "gpt2", "smollm2", "qwen2", "llama3", "llama2", "mistral", "metaspace", "folding",
        "characters", "bytes",
    ]
    return names.map { try! Tokenizer(directory: folder + "/" + $0) }
}()

/// A text, after a byte that chooses the tokenizer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    checkEncoding(text, tokenizers[Int(choice) % tokenizers.count])
    return 0
}
