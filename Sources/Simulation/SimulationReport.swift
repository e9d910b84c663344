package struct SimulationReport: Hashable, Sendable {
    package var time: Duration
    package var events: Int
    package var faults: Int
    package var learnerRestarts: Int
}
