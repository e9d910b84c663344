package import Ports

/// On what the bits of a row of a matrix product do not depend on this machine.
package struct ProductInvariance: Hashable, Sendable, Codable {
    /// On the number of rows, with packed weights: what forward passes use, so this alone decides
    /// whether sampler and learner agree exactly.
    package var rowsWithPackedWeights: Bool
    /// On the number of rows, with plain weights: what gradients use.
    package var rowsWithPlainWeights: Bool
    /// On whether all columns are computed at once or block by block.
    package var columnBlocks: Bool

    package var holds: Bool { rowsWithPackedWeights }

    /// Computes rows of several matrices in batches of many sizes and compares bits; a few hundredths
    /// of a second.
    package static func measured(_ type: TensorType) -> ProductInvariance {
        let products = MatrixProducts(type)
        let sizes = [(24, 40), (96, 100), (128, 512), (384, 128), (512, 2816), (1408, 512)]
        let probes = sizes.map { InvarianceProbe(inputs: $0, outputs: $1, products: products) }
        return ProductInvariance(
            rowsWithPackedWeights: probes.allSatisfy { $0.rowsAreInvariant(packed: true) },
            rowsWithPlainWeights: probes.allSatisfy { $0.rowsAreInvariant(packed: false) },
            columnBlocks: probes.allSatisfy { $0.blocksAreInvariant() })
    }
}

/// One matrix, and rows of numbers to multiply it with.
private struct InvarianceProbe {
    static let rows = 256
    let inputs, outputs: Int
    let products: MatrixProducts
    let source: FloatBuffer
    /// [outputs][inputs]
    let weights: FloatBuffer

    init(inputs: Int, outputs: Int, products: MatrixProducts) {
        self.inputs = inputs
        self.outputs = outputs
        self.products = products
        source = FloatBuffer(count: Self.rows * inputs)
        weights = FloatBuffer(count: outputs * inputs)
        for index in 0..<source.count { source.pointer[index] = Self.value(index) }
        for index in 0..<weights.count { weights.pointer[index] = Self.value(index + 7) }
    }

    /// Of full precision, so that every change of order shows.
    private static func value(_ index: Int) -> Float {
        let hash = UInt32(truncatingIfNeeded: index) &* 2_654_435_761
        return Float(hash >> 8) * 0x1p-23 - 1
    }

    func rowsAreInvariant(packed: Bool) -> Bool {
        let matrix = packed ? pack(columns: 0..<outputs) : nil
        let reference = product(rows: Self.rows, matrix)
        return [1, 2, 5, 8, 9, 16, 24, 31, 48, 64, 100, 128, 200].allSatisfy { rows in
            agrees(product(rows: rows, matrix), reference, rows: rows, columns: 0..<outputs)
        }
    }

    func blocksAreInvariant() -> Bool {
        let reference = product(rows: Self.rows, pack(columns: 0..<outputs))
        return stride(from: 0, to: outputs, by: 32).allSatisfy { start in
            let columns = start..<min(start + 32, outputs)
            let block = product(rows: Self.rows, pack(columns: columns))
            return agrees(block, reference, rows: Self.rows, columns: columns)
        }
    }

    /// Whether `result` has the bits of these columns of `reference`.
    private func agrees(
        _ result: FloatBuffer, _ reference: FloatBuffer, rows: Int, columns: Range<Int>
    ) -> Bool {
        (0..<rows).allSatisfy { row in
            columns.allSatisfy { column in
                let place = row * columns.count + column - columns.lowerBound
                return result.pointer[place].bitPattern
                    == reference.pointer[row * outputs + column].bitPattern
            }
        }
    }

    private struct Packed {
        var matrix: PackedMatrix
        let memory: FloatBuffer
    }

    private func pack(columns: Range<Int>) -> Packed {
        let bytes = products.packedBytes(outputs: columns.count, inputs: inputs)
        let memory = FloatBuffer(zeros: bytes / 4 + 16)
        products.pack(
            weights.pointer + columns.lowerBound * inputs, .byOutputs, outputs: columns.count,
            inputs: inputs, into: memory.pointer)
        let matrix = PackedMatrix(
            outputs: columns.count, inputs: inputs, type: products.storage,
            values: UnsafeRawPointer(memory.pointer))
        return Packed(matrix: matrix, memory: memory)
    }

    private func product(rows: Int, _ packed: Packed?) -> FloatBuffer {
        let columns = packed?.matrix.outputs ?? outputs
        let result = FloatBuffer(count: MatrixProducts.paddedRows(rows) * columns)
        if let packed {
            products.multiply(
                source.pointer, rows: rows, by: packed.matrix, into: result.pointer)
        } else {
            // The same numbers, taken as [inputs][outputs].
            products.multiply(
                source.pointer, rows: rows, by: weights.pointer, k: inputs, n: outputs,
                into: result.pointer)
        }
        return result
    }
}
