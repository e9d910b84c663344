import Testing
import cohort

@Test("The median is the middle value, or the mean of the two in the middle")
func medianOfRounds() {
    #expect(Rounds([7]).median == 7)
    #expect(Rounds([9, 1, 5]).median == 5)
    #expect(Rounds([4, 1, 3, 100]).median == 3.5)
}

@Test("One disturbed round does not move the median but shows in the spread")
func spreadOfRounds() {
    let calm = Rounds([100, 100, 100, 100, 100])
    let disturbed = Rounds([100, 100, 10, 100, 100])
    #expect(calm.median == disturbed.median)
    #expect(calm.spread == 0)
    #expect(disturbed.spread == 0.9)
    #expect(Rounds([3]).spread == 0)
}

@Test("Ratios are taken round by round, so a machine that slows both sides changes nothing")
func ratiosOfRounds() {
    let ceiling = Rounds([200, 100, 50])
    let measured = Rounds([100, 50, 25])
    #expect(measured.ratios(to: ceiling).values == [0.5, 0.5, 0.5])
    // The medians' quotient would say 50 / 90.
    #expect(Rounds([50, 10, 90]).ratios(to: Rounds([100, 90, 60])).median == 0.5)
}

@Test("The spread is relative to the median and never divides by zero")
func spreadOfNothing() {
    #expect(Rounds([0, 0, 0]).spread == 0)
    #expect(Rounds([1, 2, 3]).spread == 1)
}
