/// The kinds of entries; the raw value stands in the table `entries`.
enum EntryKind: String, CaseIterable {
    case start, group, drop, batch, version, checkpoint

    /// Where entries of this kind are, one row each.
    var table: String {
        switch self {
        case .start: "starts"
        case .group: "groups"
        case .drop: "drops"
        case .batch: "batches"
        case .version: "versions"
        case .checkpoint: "checkpoints"
        }
    }

    /// The columns that enter the chain, in its order; `number` goes before them.
    var columns: [String] {
        switch self {
        case .start: ["incarnation", "at"]
        case .group:
            [
                "ordinal", "pass", "prompt_index", "attempt", "version", "version_incarnation",
                "worker",
                "worker_incarnation", "at", "prompt_tokens", "completion_tokens", "payload_bytes",
                "digest",
                "tokens_offset", "completions", "completion_digests",
            ]
        case .drop: ["ordinal", "pass", "prompt_index", "attempt", "cause", "detail", "at"]
        case .batch: ["step", "members", "at"]
        case .version:
            [
                "version", "incarnation", "digest", "optimizer_steps", "tokens", "accounting",
                "metrics",
                "at",
            ]
        case .checkpoint: ["step", "position", "position_chain", "at"]
        }
    }
}
