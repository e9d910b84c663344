/// Standard output of a reward program, in pieces as a pipe may cut them: the first byte says how long they
/// are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    bytes.removeFirst()
    let lines = cut(bytes, pieces: Int(first) + 1)
    precondition(lines == cut(bytes, pieces: max(1, bytes.count)))
    var hello = RewardHello(names: ["a", "b"])
    for line in lines {
        if let said = try? RewardHello(line: line) { hello = said }
        precondition(1...RewardHello.namesMax ~= hello.names.count)
        precondition(1...RewardHello.batchMax ~= hello.batch)
        for answer in (try? RewardAnswer.answers(line: line)) ?? [] {
            guard case .rewards(let rewards) = answer.checked(offered: hello.names) else { continue }
            precondition(Set(rewards.keys) == Set(hello.names))
        }
    }
    return 0
}

private func cut(_ bytes: [UInt8], pieces size: Int) -> [[UInt8]] {
    var splitter = LineSplitter()
    var result: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
        for piece in splitter.add(bytes[start...].prefix(size)) {
            if case .line(let line) = piece { result.append(line) }
        }
    }
    return result
}
