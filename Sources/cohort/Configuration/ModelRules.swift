extension ConfigurationRules {
    static let lengths: [Rule] = [
        { configuration in
            let (longest, completion) = (
                configuration.model.maxPositionEmbeddings, configuration.grpo.maxCompletionLength
            )
            guard configuration.model.isBuiltIn, completion >= longest else { return nil }
            return (
                ["grpo.max_completion_length", "model.max_position_embeddings"],
                "max_completion_length = \(completion) leaves no room for a prompt in the built-in "
                    + "model's max_position_embeddings = \(longest)"
            )
        },
        { configuration in
            guard configuration.data.path.isEmpty, !configuration.data.evalPath.isEmpty else {
                return nil
            }
            return (
                ["data.eval_path", "data.path"],
                "eval_path goes with path; the built-in task makes its own evaluation prompts"
            )
        },
        { configuration in
            guard configuration.data.path.isEmpty, configuration.data.task.isEmpty else {
                return nil
            }
            return (
                ["data.task", "data.path"],
                "task and path are both empty, so there are no prompts; set one of them"
            )
        },
        { configuration in
            let task = configuration.data.task
            guard configuration.data.path.isEmpty, !task.isEmpty, task != "addition" else {
                return nil
            }
            return (
                ["data.task"],
                "there is no built-in task \(quotedString(task)); take \"addition\", or set path to "
                    + "prompts of your own"
            )
        },
    ]

    /// The built-in model's shape; a model directory brings its own.
    static let shapes: [Rule] = [
        { configuration in
            let (width, heads) = (
                configuration.model.hiddenSize, configuration.model.numAttentionHeads
            )
            // Rotary embeddings turn pairs of numbers, so a head's width is even.
            guard configuration.model.isBuiltIn, width % (2 * heads) != 0 else { return nil }
            return (
                ["model.hidden_size", "model.num_attention_heads"],
                "hidden_size = \(width) does not give \(heads) attention heads an even width each; "
                    + "take a multiple of \(2 * heads)"
            )
        },
        { configuration in
            let (heads, shared) = (
                configuration.model.numAttentionHeads, configuration.model.numKeyValueHeads
            )
            guard configuration.model.isBuiltIn, heads % shared != 0 else { return nil }
            return (
                ["model.num_attention_heads", "model.num_key_value_heads"],
                "num_attention_heads = \(heads) is not a multiple of num_key_value_heads = \(shared)"
            )
        },
    ]
}
