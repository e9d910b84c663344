import Testing
import cohort

@Suite("Axes of plots") struct AxisTests {
    private func axis(
        _ kind: AxisKind, _ values: [Double], includes: Double? = nil, fits: Bool = true
    ) -> Axis {
        Axis(kind, values: values, includes: includes, range: (200, 0), ticks: 5, fitsTicks: fits)
    }

    @Test("Ticks are 1, 2 or 5 times a power of ten and enclose all values")
    func linear() {
        #expect(axis(.linear, [0, 0.97]).ticks == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(axis(.linear, [-3, 12]).ticks == [-5, 0, 5, 10, 15])
        #expect(axis(.linear, [4, 5], includes: 0).ticks == [0, 1, 2, 3, 4, 5])
    }

    @Test("Logarithmic ticks are powers of ten, with more where there are few")
    func logarithmic() {
        #expect(axis(.logarithmic, [0.01, 1000]).ticks == [0.01, 0.1, 1, 10, 100, 1000])
        #expect(axis(.logarithmic, [0.02, 0.2]).ticks.count >= 3)
        #expect(axis(.logarithmic, [1, 1e12]).ticks.count <= 7)
    }

    @Test("The ends of the domain lie at the ends of the range, the middle in between")
    func places() {
        let linear = axis(.linear, [0, 10])
        #expect(linear.place(0) == 200)
        #expect(linear.place(10) == 0)
        #expect(linear.place(5) == 100)
        #expect(linear.place(99) == 0)
        let logarithmic = axis(.logarithmic, [1, 100])
        #expect(abs(logarithmic.place(10) - 100) < 1e-9)
        #expect(logarithmic.place(0) == 200)
    }

    @Test("An axis that does not fit its ticks ends where the data does")
    func tight() {
        let axis = axis(.linear, [3, 117], fits: false)
        #expect(axis.domain == 3...117)
        #expect(axis.ticks == [50, 100])
    }

    @Test(
        "A single value, no value, and values that are no numbers still make an axis",
        arguments: [[2], [], [.nan, .infinity], [0]] as [[Double]])
    func degenerate(values: [Double]) {
        for kind in [AxisKind.linear, .logarithmic] {
            let axis = axis(kind, values)
            #expect(axis.domain.lowerBound < axis.domain.upperBound)
            #expect((0...200).contains(axis.place(2)))
        }
    }
}
