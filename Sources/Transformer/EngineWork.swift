/// What an engine computed, and for how long.
package struct EngineWork: Sendable {
    /// How often each product was computed.
    package var products: [ProductShape: Int] = [:]
    /// Seconds of each part, over all threads.
    package var seconds: [EnginePart: Double] = [:]

    init(_ tools: [ThreadTools]) {
        for tool in tools {
            products.merge(tool.products.takeCounts(), uniquingKeysWith: +)
            seconds.merge(tool.clock.take(), uniquingKeysWith: +)
        }
    }
}
