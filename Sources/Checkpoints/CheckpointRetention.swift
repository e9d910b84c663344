/// Which checkpoints of a run are kept.
package struct CheckpointRetention: Hashable, Sendable {
    /// `save_total_limit`: the newest so many; `nil`: all.
    package let limit: Int?
    /// `keep_every_steps`: those of steps that are multiples of this, for ever; `nil`: none for that reason.
    package let every: Int?

    /// 0 stands for `nil`, as in the settings.
    package init(limit: Int? = nil, every: Int? = nil) {
        self.limit = limit.flatMap { $0 > 0 ? $0 : nil }
        self.every = every.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Which of the checkpoints of these `steps` may go once the one of `newest` is verified, oldest first.
    ///
    /// `newest` counts as one of the newest, and stays, even where damaged ones have higher numbers.
    package func removable(of steps: [Int], keeping newest: Int) -> [Int] {
        guard let limit else { return [] }
        let others = steps.filter { $0 != newest }.sorted()
        return others.dropLast(limit - 1).filter { step in
            every.map { !step.isMultiple(of: $0) } ?? true
        }
    }
}
