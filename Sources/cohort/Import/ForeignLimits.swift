/// What a file from another system may hold. Their own tools write about 40,000 bytes, 600 values and 6
/// levels at most.
package enum ForeignLimits {
    package static let bytesMax = 256 << 10
    /// Bytes of a key's name.
    package static let nameMax = 128
    package static let depthMax = 32
    /// Values, after anchors are expanded.
    package static let valuesMax = 20_000
    /// References to anchors. The YAML parser follows them wherever a mapping's key contains one, and n of
    /// them multiply a file's size by at most 3^(n/3): 350 times for 16.
    package static let aliasesMax = 16
}

/// Counts the values of a file.
struct ForeignBudget {
    private var valuesLeft = ForeignLimits.valuesMax

    /// Takes a value `depth` levels down into account. Throws a sentence.
    mutating func spend(depth: Int) throws(ImportObstacle) {
        valuesLeft -= 1
        guard valuesLeft >= 0 else {
            throw ImportObstacle("the file holds more than \(ForeignLimits.valuesMax) values")
        }
        guard depth <= ForeignLimits.depthMax else {
            throw ImportObstacle("values are nested deeper than \(ForeignLimits.depthMax) levels")
        }
    }

    /// Throws a sentence where a key's name is too long.
    static func check(name: String) throws(ImportObstacle) {
        guard name.utf8.count <= ForeignLimits.nameMax else {
            throw ImportObstacle("a key's name has more than \(ForeignLimits.nameMax) bytes")
        }
    }
}
