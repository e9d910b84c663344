import GRPO
import Testing
import Wire
import cohort

@Test("The frames sent raw are those that a worker sends, and decode to the same groups")
func framesAreReal() throws {
    let load = WireLoad(groupSize: 8, completionLength: 128)
    for (index, frame) in try load.groupFrames().enumerated() {
        guard case .group(let delivery) = try WorkerMessage(frame: frame).command else {
            Issue.record("frame \(index) is not a GROUP")
            continue
        }
        #expect(delivery.group == load.group(for: WireLoad.ticket(UInt64(index))))
    }
}

@Test("What comes back for a group is a verdict and a lease")
func answersAreReal() throws {
    let frames = try WireLoad(groupSize: 8, completionLength: 128).answerFrames()
    let types = try frames.map { try LearnerMessage(frame: $0).type }
    #expect(types == [.ack, .lease])
}

@Test("Mixed completions have 4 to the longest length, and both occur", arguments: [4, 16, 128])
func completionLengths(longest: Int) {
    let load = WireLoad(groupSize: 8, completionLength: longest)
    let groups = (0..<64).map { load.group(for: WireLoad.ticket($0)) }
    let lengths = groups.flatMap { $0.completions.map(\.tokens.count) }
    #expect(groups.allSatisfy { $0.completions.count == 8 })
    #expect(lengths.min()! >= 4 && lengths.max()! <= longest)
    #expect(lengths.min()! <= 4 + longest / 16 && lengths.max()! >= longest - longest / 16)
}

@Test("A longest completion below 4 tokens is the only length", arguments: [1, 3])
func shortCompletions(longest: Int) {
    let group = WireLoad(groupSize: 2, completionLength: longest).group(for: WireLoad.ticket(5))
    #expect(group.completions.allSatisfy { $0.tokens.count == longest })
}

@Test("Full lengths are all the longest", arguments: [1, 128])
func fullCompletions(longest: Int) {
    let load = WireLoad(groupSize: 8, completionLength: longest, lengths: .full)
    let lengths = (0..<64).flatMap { load.group(for: WireLoad.ticket($0)).completions.map(\.tokens.count) }
    #expect(lengths == Array(repeating: longest, count: 64 * 8))
}

@Test("The load is a pure function of its sizes")
func loadIsReproducible() throws {
    let first = try WireLoad(groupSize: 4, completionLength: 32).groupFrames()
    #expect(try WireLoad(groupSize: 4, completionLength: 32).groupFrames() == first)
    #expect(try WireLoad(groupSize: 4, completionLength: 33).groupFrames() != first)
}

@Test("Sizes that no message can hold do not fit")
func sizesThatFit() {
    #expect(WireLoad.fits(groupSize: 8, completionLength: 128))
    #expect(WireLoad.fits(groupSize: 1, completionLength: 1))
    for (size, length) in [(0, 8), (8, 0), (-1, 8), (8, -1), (Int.max, Int.max), (1 << 40, 8)] {
        #expect(!WireLoad.fits(groupSize: size, completionLength: length))
    }
}
