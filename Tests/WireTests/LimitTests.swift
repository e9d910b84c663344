import GRPO
import Testing
import Wire

@Suite("Limits of a session") struct LimitTests {
    private static let fields: [(any WritableKeyPath<SessionLimits, Int> & Sendable, Int)] = [
        (\.frameBytes, WireLimits.rolloutFrameBytes), (\.headerBytes, WireLimits.headerBytes),
        (\.stringBytes, WireLimits.stringBytes), (\.promptTokens, WireLimits.tokensPerPrompt),
        (\.completionTokens, WireLimits.tokensPerCompletion),
        (\.completions, WireLimits.completionsPerGroup), (\.heldLeases, WireLimits.heldLeases),
        (\.chunkBytes, WireLimits.chunkBytes),
    ]

    @Test("Each limit travels at its least and at the protocol's, and not beyond", arguments: fields)
    func travels(
        path: any WritableKeyPath<SessionLimits, Int> & Sendable, most: Int
    ) throws {
        for value in [1, most - 1, most] {
            var hello = Sample.hello()
            hello.limits = changed(path, value)
            #expect(try sent(.hello(hello)) == .hello(hello))
            var welcome = Sample.welcome()
            welcome.limits = changed(path, value)
            #expect(try sent(.welcome(welcome)) == .welcome(welcome))
        }
        for (value, error) in [(0, WireError.Code.badField), (most + 1, .limitExceeded)] {
            var hello = Sample.hello()
            hello.limits = changed(path, value)
            #expect(code { () throws(WireError) in try sent(.hello(hello)) } == error)
        }
    }

    private func changed(
        _ path: any WritableKeyPath<SessionLimits, Int> & Sendable, _ value: Int
    ) -> SessionLimits {
        var limits = SessionLimits()
        limits[keyPath: path] = value
        return limits
    }

    @Test("Who takes less than a run needs is told what and how much", arguments: fields)
    func shortage(
        path: any WritableKeyPath<SessionLimits, Int> & Sendable, most: Int
    ) {
        let sentence = changed(path, 5).shortage(for: changed(path, 6))
        if path == \SessionLimits.heldLeases {
            #expect(sentence == nil)
        } else {
            #expect(sentence?.contains(" 6 ") == true && sentence?.contains("only 5") == true)
        }
        #expect(changed(path, 6).shortage(for: changed(path, 6)) == nil)
    }

    @Test("A group is measured by prompt, completions and their tokens: at the limit, and beyond")
    func group() {
        let group = Sample.group()  // A prompt of 3, completions of 2 and 3 tokens.
        func code(_ limits: SessionLimits) -> WireError.Code? {
            WireTests.code { () throws(WireError) in try limits.check(group) }
        }
        #expect(code(SessionLimits(promptTokens: 3, completionTokens: 3, completions: 2)) == nil)
        #expect(code(SessionLimits(promptTokens: 2)) == .limitExceeded)
        #expect(code(SessionLimits(completionTokens: 2)) == .limitExceeded)
        #expect(code(SessionLimits(completions: 1)) == .limitExceeded)
    }
}
