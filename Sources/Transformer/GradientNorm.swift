internal import CKernels

/// L2 norm in float64, over pieces of fixed size in order.
func norm(of gradient: FloatBuffer, threads: ComputeThreads) -> Double {
    let size = 1 << 16
    let count = (gradient.count + size - 1) / size
    var sums = [Double](repeating: 0, count: count)
    sums.withUnsafeMutableBufferPointer { sums in
        let sums = sums
        threads.perform { thread in
            for piece in stride(from: thread, to: count, by: threads.count) {
                let start = piece * size
                sums[piece] = ck_sum_of_squares(
                    gradient.pointer + start, min(size, gradient.count - start))
            }
        }
    }
    return sums.reduce(0, +).squareRoot()
}
