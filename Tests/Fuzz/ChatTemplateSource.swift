import Foundation

private let limits = TemplateLimits(steps: 3_000, depth: 16, textBytes: 1 << 16)

/// A chat template, and after a zero byte a JSON value: the messages, or an object of variables.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard
        let template = try? ChatTemplate(
            source: String(decoding: parts[0], as: UTF8.self), specialTokens: ["bos_token": "<s>"],
            limits: limits)
    else { return 0 }
    let context = parts.count > 1 ? try? JSONParser.parse(Array(parts[1])) : nil
    var variables: [String: JSONValue] = [:]
    for member in context?.members ?? [] { variables[member.key] = member.value }
    let text = try? template.render(
        messages: context ?? .array([]), variables: variables,
        clock: TemplateClock(Date(timeIntervalSince1970: 0)))
    precondition((text ?? "").utf8.count <= limits.textBytes)
    return 0
}
