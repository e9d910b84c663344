/// All computing threads working on one pass: models too large for a gradient per thread are computed
/// block by block, each product cut into parts.
///
/// Only the thread that owns the pass may call; how work is cut never changes a bit.
final class ComputeTeam {
    /// Rows of a part are a multiple of this, so that parts need no padding of their own.
    static let rowStep = 32
    /// Rows of a weight's gradient that are computed at once, whatever the number of threads.
    static let gradientRows = 1024

    let threads: ComputeThreads
    let products: [MatrixProducts]

    init(_ threads: ComputeThreads, tools: [ThreadTools]) {
        self.threads = threads
        products = tools.map(\.products)
    }

    /// Runs `body` for contiguous parts of `rows`, one per thread.
    func split(_ rows: Int, _ body: (Range<Int>, MatrixProducts) -> Void) {
        let steps = (rows + Self.rowStep - 1) / Self.rowStep
        threads.perform { thread in
            let start = steps * thread / threads.count * Self.rowStep
            let end = min(rows, steps * (thread + 1) / threads.count * Self.rowStep)
            if start < end { body(start..<end, products[thread]) }
        }
    }

    /// Runs `body` for each of 0, …, `count` − 1 on whichever thread is free.
    func share(_ count: Int, _ body: (_ item: Int, _ thread: Int) -> Void) {
        let counter = SharedCounter(limit: count)
        threads.perform { thread in
            while let item = counter.next() { body(item, thread) }
        }
    }
}

/// The products of a pass: on its own thread, or cut into parts for its team.
extension ThreadTools {
    /// destination [rows][outputs] = source [rows][inputs] · weights.
    func multiply(
        _ source: UnsafePointer<Float>, rows: Int, by weights: PackedMatrix,
        into destination: UnsafeMutablePointer<Float>
    ) {
        clock.time(.products) {
            guard let team, rows > ComputeTeam.rowStep else {
                return products.multiply(source, rows: rows, by: weights, into: destination)
            }
            team.split(rows) { part, products in
                products.multiply(
                    source + part.lowerBound * weights.inputs, rows: part.count, by: weights,
                    into: destination + part.lowerBound * weights.outputs)
            }
        }
    }

    /// dinputs = douts · weights; `matrix` as in `Model.multiplyBackward`.
    func multiplyBackward(
        _ douts: UnsafePointer<Float>, rows: Int, _ model: Model, matrix: Int,
        into dinputs: UnsafeMutablePointer<Float>
    ) {
        clock.time(.products) {
            guard let team, rows > ComputeTeam.rowStep else {
                return model.multiplyBackward(
                    douts, rows: rows, matrix: matrix, products: products, into: dinputs)
            }
            let place = model.place(of: matrix)
            team.split(rows) { part, products in
                model.multiplyBackward(
                    douts + part.lowerBound * place.outputs, rows: part.count, matrix: matrix,
                    products: products, into: dinputs + part.lowerBound * place.inputs)
            }
        }
    }
}
