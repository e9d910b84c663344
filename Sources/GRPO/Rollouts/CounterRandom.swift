/// Counter-based random numbers: Philox 4×32-10 (Salmon et al., "Parallel Random Numbers: As Easy as
/// 1, 2, 3", SC 2011). A value is a pure function of key and counter, so a completion does not depend on
/// who samples it, when, or beside what.
public struct Philox4x32: Sendable {
    public var key: (UInt32, UInt32)

    public init(key: (UInt32, UInt32)) { self.key = key }

    /// The generator of a 64-bit seed.
    public init(seed: UInt64) {
        self.init(key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }

    /// Four words for one counter value; ten rounds.
    public func callAsFunction(
        _ counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let p0 = UInt64(c.0) * 0xD251_1F53
            let p1 = UInt64(c.2) * 0xCD9E_8D57
            c = (
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c.1 ^ k.0,
                UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ c.3 ^ k.1,
                UInt32(truncatingIfNeeded: p0)
            )
            k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
        }
        return c
    }
}

/// The random stream of one completion, keyed as the design says: run seed, data pass, prompt index,
/// attempt and sample index; the position is the counter's remaining part.
public struct SampleKey: Hashable, Sendable {
    public var seed: UInt64
    public var ticket: TicketKey
    public var sample: UInt32

    public init(seed: UInt64, ticket: TicketKey, sample: UInt32) {
        self.seed = seed
        self.ticket = ticket
        self.sample = sample
    }

    /// A uniform number in [0, 1) with 24 random bits, for the token at `position` of the completion.
    public func uniform(position: UInt32) -> Float {
        // Pass and attempt go into the key through one block of the cipher itself, so that no pair of
        // (pass, attempt) values can collide by addition.
        let mixed = Philox4x32(seed: seed)((ticket.pass, ticket.attempt, 0x434F_484F, 0x5254_0001))
        let block = Philox4x32(key: (mixed.0, mixed.1))((ticket.promptIndex, sample, position, mixed.2))
        return Float(block.0 >> 8) * 0x1p-24
    }
}

/// A sequential generator over a Philox stream, for shuffles and procedural data.
public struct CounterRandom: RandomNumberGenerator, Sendable {
    private let philox: Philox4x32
    private let stream: UInt64
    private var counter: UInt64 = 0

    /// Two streams of one seed are independent.
    public init(seed: UInt64, stream: UInt64) {
        philox = Philox4x32(seed: seed)
        self.stream = stream
    }

    public mutating func next() -> UInt64 {
        let block = philox((
            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
            UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
        ))
        counter += 1
        return UInt64(block.0) | UInt64(block.1) << 32
    }
}
