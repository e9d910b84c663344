import Foundation
import Testing
import cohort

@Suite("Statistics of experiments") struct StatisticsTests {
    @Test("Mean, variance and errors are the textbook's")
    func sample() {
        let sample = Sample([2, 4, 4, 4, 5, 5, 7, 9])
        #expect(sample.mean == 5)
        #expect(abs(sample.variance - 32.0 / 7) < 1e-12)
        #expect(abs(sample.standardError - (32.0 / 7 / 8).squareRoot()) < 1e-12)
        #expect((sample.least, sample.greatest) == (2, 9))
        #expect(abs(sample.standardError(ofDifferenceTo: sample) - (32.0 / 28).squareRoot()) < 1e-12)
    }

    @Test("A single value has no variance")
    func single() {
        #expect(Sample([3]).variance == 0)
        #expect(Sample([3]).standardError == 0)
    }

    @Test("Clearly above means four standard errors of the difference")
    func clearly() {
        let low = Sample([-1, 1])
        // The difference's standard error is √2.
        #expect(!Sample([4.6, 6.6]).isClearlyAbove(low))
        #expect(Sample([4.7, 6.7]).isClearlyAbove(low))
        #expect(!low.isClearlyAbove(Sample([4.7, 6.7])))
    }

    @Test("A line through points is found, with no error; with scatter, with its error")
    func line() {
        let exact = LineFit(x: [0, 1, 2, 3], y: [1, 3, 5, 7])
        #expect(abs(exact.slope - 2) < 1e-12)
        #expect(abs(exact.intercept - 1) < 1e-12)
        #expect(exact.slopeError < 1e-12)
        // y = x + (0, 1, −1, 0): slope 0.8, residual sum of squares 1.8, Σ(x − m)² = 5.
        let scattered = LineFit(x: [0, 1, 2, 3], y: [0, 2, 1, 3])
        #expect(abs(scattered.slope - 0.8) < 1e-12)
        #expect(abs(scattered.slopeError - (1.8 / 2 / 5).squareRoot()) < 1e-12)
    }

    @Test("Moments of vectors are those of their components")
    func vectors() {
        var moments = VectorMoments(dimensions: 2)
        let rows: [[Double]] = [[1, 10], [2, 10], [6, 16]]
        for row in rows { moments.add(row) }
        let columns = (0..<2).map { column in Sample(rows.map { $0[column] }) }
        #expect(moments.mean == columns.map(\.mean))
        #expect(abs(moments.totalVariance - columns[0].variance - columns[1].variance) < 1e-12)
        for (error, column) in zip(moments.standardErrors, columns) {
            #expect(abs(error - column.standardError) < 1e-12)
        }
    }

    @Test("Work comes back in order, and the first failure by index is thrown", arguments: [1, 3])
    func pool(threads: Int) throws {
        struct Fault: Error, Equatable { var index: Int }
        let pool = WorkPool(threads: threads)
        #expect(try pool.map(50) { $0 * $0 } == (0..<50).map { $0 * $0 })
        #expect(try pool.map(0) { $0 } == [])
        #expect(throws: Fault(index: 3)) {
            try pool.map(9) { if $0 % 4 == 3 { throw Fault(index: $0) } else { $0 } }
        }
    }

    @Test(
        "Numbers are written with three significant digits",
        arguments: [
            (0, "0"), (0.0288, "0.0288"), (12.5, "12.5"), (1340, "1,340"), (-0.5, "−0.5"),
            (0.00001234, "1.23·10⁻⁵"), (1e12, "10¹²"), (100, "100"), (0.9996, "1"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test("An error decides how many digits its value has")
    func errors() {
        #expect(NumberText.withError(1.00034, 0.00985) == "1.0003 ± 0.0099")
        #expect(NumberText.withError(12.34, 1.5) == "12.3 ± 1.5")
        #expect(NumberText.withError(2, 0) == "2")
        #expect(NumberText.bytes(3 * 1_073_741_824 / 2) == "1.5 GiB")
    }

    @Test("A curve passes a level at the first point that is not below it, or never")
    func passages() {
        let curve = Curve(
            "c", x: [0, 5, 10], runs: [[0.1, 0.9, 0.2], [0.1, 0.2, 0.85], [0.1, 0.2, 0.3]])
        #expect(curve.passages(of: 0.85) == [5, 10, nil])
    }
}
