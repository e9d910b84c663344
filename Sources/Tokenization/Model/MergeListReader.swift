/// Reads `model.merges`, written as `"a b"` or as `["a", "b"]`; a merge's rank is its place in the list.
struct MergeListReader {
    let settings: SettingsReader
    let vocabulary: TokenTable

    struct Merges {
        var table: PairTable
        /// Whether some merge joins the beginning of a word to what stands before it.
        var mergesAcrossWords = false
    }

    func read() throws(TokenizerError) -> Merges {
        let list = try settings.array("merges")
        var merges = Merges(table: PairTable(expecting: list.count))
        for (rank, entry) in list.enumerated() {
            let (left, right) = try pair(entry, rank)
            let leftID = try id(of: left, rank)
            let rightID = try id(of: right, rank)
            let merged = left + right
            let mergedID = try id(of: merged, rank)
            if WordStart.isCrossed(by: merged) { merges.mergesAcrossWords = true }
            // A pair listed again is ranked by its last place, as in the reference.
            merges.table.insert(
                UInt32(leftID), UInt32(rightID), (UInt32(rank), UInt32(mergedID)))
        }
        return merges
    }

    private func pair(_ entry: JSONValue, _ rank: Int) throws(TokenizerError) -> ([UInt8], [UInt8])
    {
        switch entry {
        case .string(let text):
            let parts = text.utf8.split(
                separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            if parts.count == 2 { return (Array(parts[0]), Array(parts[1])) }
        case .array(let items):
            if items.count == 2, let left = items[0].string, let right = items[1].string {
                return (Array(left.utf8), Array(right.utf8))
            }
        default: break
        }
        throw settings.wrongType("merges[\(rank)]", "\"left right\" or [\"left\", \"right\"]")
    }

    private func id(of token: [UInt8], _ rank: Int) throws(TokenizerError) -> Int32 {
        guard let id = vocabulary[token] else {
            throw settings.error(
                .inconsistent(
                    "merge \(rank) needs the token \(show(token)), which is not in the vocabulary"))
        }
        return id
    }

    private func show(_ token: [UInt8]) -> String {
        "\"\(String(decoding: token, as: UTF8.self))\""
    }
}
