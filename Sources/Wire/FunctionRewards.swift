internal import GRPO

/// The rewards of a group by function, on the wire: a matrix of values and, where some function does not
/// apply to some completion, a matrix that says where one does. So "does not apply" is never a value, and
/// NaN stays NaN.
struct FunctionRewards {
    /// By completion, then by function.
    private let rows: [[Double?]]

    /// Reward functions; 0 where there are no such tensors.
    var count: Int { rows.first?.count ?? 0 }

    init(_ rows: [[Double?]]) { self.rows = rows }

    init(_ payload: PayloadReader, completionCount: Int) throws(WireError) {
        guard payload.has("function_rewards") else {
            rows = []
            return
        }
        let (values, functions) = try payload.matrix(
            "function_rewards", of: Double.self, rows: completionCount)
        guard functions > 0 else {
            throw WireError(.badTensor, "function_rewards has no columns")
        }
        try WireError.check(
            functions, atMost: WireLimits.rewardFunctions, "the number of reward functions")
        let applies = try Self.applies(payload, (completionCount, functions))
        for (place, applies) in applies.enumerated() {
            guard applies <= 1, applies == 1 || values[place].bitPattern == 0 else {
                throw WireError(
                    .badValue,
                    "reward \(place % functions) of completion \(place / functions) applies \(applies) "
                        + "with the value \(values[place]); it is 1, or 0 with the value 0")
            }
        }
        rows = (0..<completionCount).map { row in
            (row * functions..<(row + 1) * functions).map { applies[$0] == 1 ? values[$0] : nil }
        }
    }

    private static func applies(
        _ payload: PayloadReader, _ shape: (rows: Int, columns: Int)
    ) throws(WireError) -> [UInt8] {
        guard payload.has("reward_applies") else {
            return [UInt8](repeating: 1, count: shape.rows * shape.columns)
        }
        return try payload.matrix(
            "reward_applies", of: UInt8.self, rows: shape.rows, columns: shape.columns
        ).values
    }

    /// The rewards of one completion; empty where none travelled.
    func row(_ completion: Int) -> [Double?] { rows.isEmpty ? [] : rows[completion] }

    func describe(in payload: inout PayloadWriter) {
        guard count > 0 else { return }
        let all = rows.flatMap { $0 }
        let shape = [rows.count, count]
        payload.add("function_rewards", all.map { $0 ?? 0 }, shape: shape)
        guard all.contains(where: { $0 == nil }) else { return }
        let applies: [UInt8] = all.map { $0 == nil ? 0 : 1 }
        payload.add("reward_applies", applies[...], shape: shape)
    }
}
