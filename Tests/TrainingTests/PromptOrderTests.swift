import Testing
import Training

@Suite struct PromptOrderTests {
    private func rows(_ order: PromptOrder, count: UInt64, pass: UInt64) -> [UInt32] {
        var order = order
        return (0..<count).map { order.place(of: pass * count + $0).promptIndex }
    }

    @Test("Each pass visits every prompt exactly once", arguments: [1, 2, 3, 10, 257])
    func permutations(count: Int) {
        let order = PromptOrder(count: count, seed: 3, shuffles: true)
        for pass in 0..<5 as Range<UInt64> {
            #expect(
                rows(order, count: UInt64(count), pass: pass).sorted() == Array(0..<UInt32(count)))
        }
    }

    @Test("Passes differ from each other and from the unshuffled order")
    func passesDiffer() {
        let order = PromptOrder(count: 50, seed: 3, shuffles: true)
        let passes = (0..<10 as Range<UInt64>).map { rows(order, count: 50, pass: $0) }
        #expect(Set(passes).count == 10)
        #expect(!passes.contains(Array(0..<50)))
    }

    @Test("The order is a function of the seed")
    func seeds() {
        func first(_ seed: UInt64) -> [UInt32] {
            rows(PromptOrder(count: 50, seed: seed, shuffles: true), count: 50, pass: 0)
        }
        #expect(first(1) == first(1))
        #expect(Set((0..<20 as Range<UInt64>).map(first)).count == 20)
    }

    @Test("Without shuffling every pass is in the order of the rows")
    func unshuffled() {
        let order = PromptOrder(count: 7, seed: 3, shuffles: false)
        for pass in 0..<3 as Range<UInt64> {
            #expect(rows(order, count: 7, pass: pass) == Array(0..<7))
        }
    }

    @Test("Pass and row are found from the ordinal in any order of asking")
    func anyOrder() {
        let ordinals = [0, 9, 10, 11, 99, 35, 3, 10, 0] as [UInt64]
        var order = PromptOrder(count: 10, seed: 5, shuffles: true)
        for ordinal in ordinals {
            var fresh = PromptOrder(count: 10, seed: 5, shuffles: true)
            let place = order.place(of: ordinal)
            #expect(place == fresh.place(of: ordinal))
            #expect(place.pass == UInt32(ordinal / 10))
            #expect(place.promptIndex < 10)
        }
    }

    @Test("Every row is as likely in the first place as any other")
    func uniform() {
        var counts = [Int](repeating: 0, count: 5)
        for seed in 0..<5000 as Range<UInt64> {
            var order = PromptOrder(count: 5, seed: seed, shuffles: true)
            counts[Int(order.place(of: 0).promptIndex)] += 1
        }
        // 1000 expected each, standard deviation 28.
        #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    }
}
