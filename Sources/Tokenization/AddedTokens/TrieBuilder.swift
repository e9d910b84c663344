/// Makes the edges of an `AddedTokenMatcher`.
struct TrieBuilder {
    private struct Node {
        var children: [UInt8: Int] = [:]
        var token: Int?
    }

    private var nodes = [Node()]

    mutating func add(_ text: [UInt8], _ token: Int) {
        var node = 0
        for byte in text {
            if let child = nodes[node].children[byte] {
                node = child
            } else {
                nodes.append(Node())
                nodes[node].children[byte] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        // Two tokens of one text (after normalising): the first stays.
        if nodes[node].token == nil { nodes[node].token = token }
    }

    func edges() -> PairTable {
        var table = PairTable(expecting: nodes.count)
        for (index, node) in nodes.enumerated() {
            for (byte, child) in node.children {
                let token = nodes[child].token.map { UInt32($0) + 1 } ?? 0
                table.insert(UInt32(index), UInt32(byte), (UInt32(child), token))
            }
        }
        return table
    }
}
