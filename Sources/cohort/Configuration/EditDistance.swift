/// How far a misspelling is from a word: Damerau–Levenshtein distance in its
/// optimal-string-alignment form (insertions, deletions, substitutions, swaps of neighbours), where
/// a substitution by a neighbour on a QWERTY keyboard costs a little less than 1, so that ties go
/// to the likelier slip.
enum EditDistance {
    private static let rows = ["1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm,."]

    /// For each ASCII character its column, in half key widths, and row; `nil` off the keyboard.
    private static let places: [(x: Int, y: Int)?] = {
        var places = [(x: Int, y: Int)?](repeating: nil, count: 128)
        for (y, row) in rows.enumerated() {
            for (x, key) in row.utf8.enumerated() { places[Int(key)] = (2 * x + y, y) }
        }
        // Shift and the key of "-".
        places[Int(UInt8(ascii: "_"))] = (20, 0)
        return places
    }()

    private static func substitution(_ a: UInt8, _ b: UInt8) -> Double {
        if a == b { return 0 }
        guard a < 128, b < 128, let first = places[Int(a)], let second = places[Int(b)] else {
            return 1
        }
        let isNeighbour = abs(first.x - second.x) <= 2 && abs(first.y - second.y) <= 1
        return isNeighbour ? 0.9 : 1
    }

    /// The distance between two words in UTF-8 bytes; infinity where it is more than `limit`.
    static func between(_ first: String, _ second: String, limit: Double) -> Double {
        let a = Array(first.utf8)
        let b = Array(second.utf8)
        guard Double(abs(a.count - b.count)) <= limit else { return .infinity }
        var beforeLast = [Double](repeating: 0, count: b.count + 1)
        var last = (0...b.count).map(Double.init)
        var row = last
        for i in 0..<a.count {
            row[0] = Double(i + 1)
            for j in 0..<b.count {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + substitution(a[i], b[j]))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row[j + 1] = best
            }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[b.count] <= limit ? last[b.count] : .infinity
    }
}
