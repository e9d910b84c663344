internal import CKernels

extension FloatBuffer {
    /// L2 norm in float64, over pieces of fixed size in order.
    func norm(threads: ComputeThreads) -> Double {
        let size = 1 << 16
        let pieces = (count + size - 1) / size
        let counter = SharedCounter(limit: pieces)
        let sums = threads.collect(pieces) { _, deliver in
            while let piece = counter.next() {
                let start = piece * size
                deliver(piece, ck_sum_of_squares(pointer + start, min(size, count - start)))
            }
        }
        return sums.reduce(0, +).squareRoot()
    }
}
