internal import Tokenization

/// One line of a reward program's standard output as JSON. The words `NaN`, `Infinity` and `-Infinity`,
/// which JSON lacks and Python's `json` writes, are read as the texts of the same name.
func rewardLine(_ line: [UInt8]) throws(RewardLineError) -> JSONValue {
    if let value = try? JSONParser.parse(line) { return value }
    do { return try JSONParser.parse(quotingNonFiniteNumbers(line)) } catch {
        throw RewardLineError(
            "it printed a line that is no JSON (column \(error.column): \(error.message)): "
                + "\(excerpt(line)); standard output is for answers, standard error for everything else")
    }
}

private func quotingNonFiniteNumbers(_ line: [UInt8]) -> [UInt8] {
    let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }
    var result: [UInt8] = []
    var isInString = false
    var index = 0
    while index < line.count {
        let byte = line[index]
        if isInString, byte == UInt8(ascii: "\\"), index + 1 < line.count {
            result += line[index...index + 1]
            index += 2
            continue
        }
        if byte == UInt8(ascii: "\"") { isInString.toggle() }
        if !isInString, let word = words.first(where: { line[index...].starts(with: $0) }) {
            result += [UInt8(ascii: "\"")] + word + [UInt8(ascii: "\"")]
            index += word.count
        } else {
            result.append(byte)
            index += 1
        }
    }
    return result
}

/// The beginning of a line, for messages: what is no printable ASCII is replaced.
func excerpt(_ line: [UInt8], atMost limit: Int = 80) -> String {
    let shown = line.prefix(limit).map { 0x20...0x7E ~= $0 ? $0 : UInt8(ascii: "?") }
    return "«" + String(decoding: shown, as: UTF8.self) + (line.count > limit ? "…»" : "»")
}
