import GRPO
import Testing

@Suite struct ProfileTests {
    @Test("Every profile is there, by name, and says what it takes from where")
    func names() throws {
        #expect(
            Profile.all.map(\.name) == [
                "cohort", "trl-1.10", "trl-1.16", "trl-async", "verl-0.8", "dr-grpo", "dapo",
                "gspo", "cispo-raw", "cispo-delta", "rloo", "original", "prime-rl",
            ])
        for profile in Profile.all {
            #expect(try Profile.named(profile.name) == profile)
            #expect(!profile.source.isEmpty)
        }
        #expect(throws: WordError.unknownProfile("trl")) { try Profile.named("trl") }
        #expect(WordError.unknownProfile("trl").description.contains("trl-1.16"))
    }

    @Test("Every statement of a profile differs from the default, or repeats it on purpose")
    func statements() throws {
        let defaults = AlgorithmSettings()
        for profile in Profile.all {
            var settings = defaults
            for statement in profile.statements {
                let word = try AlgorithmWord.named(statement.word)
                try word.set(statement.value, in: &settings)
                #expect(word.value(in: settings) == statement.value)
            }
            #expect(settings == profile.settings)
            _ = try Objective(
                configuration: settings.objective, step: StepExtent(prompts: 1, lossTokens: 1))
        }
        #expect(Profile.cohort.statements.isEmpty && Profile.cohort.settings == defaults)
    }

    @Test("What profiles are known for")
    func contents() throws {
        let verl = try Profile.named("verl-0.8").objective
        #expect(verl.dualClip == 3 && verl.klEstimator == .lowVar && verl.beta == 0)
        let gspo = try Profile.named("gspo").objective
        #expect(gspo.importanceSamplingLevel == .sequence && gspo.epsilonHigh == 4e-4)
        let dapo = try Profile.named("dapo").settings
        #expect(dapo.run.dynamicSampling && dapo.run.overlongBuffer == 0.2)
        #expect(dapo.objective.constantGroups == .drop && dapo.objective.epsilonHigh == 0.28)
        #expect(try Profile.named("rloo").advantage.baseline == .leaveOneOut)
        #expect(try Profile.named("trl-async").advantage.divisor == .biased)
        #expect(Profile.original.settings.run.maxGradNorm == 1)
    }
}

@Suite struct AlgorithmWordTests {
    /// A document in which every word matters.
    private func document() -> ObjectiveDocument {
        var random = CounterRandom(seed: 31, stream: 0)
        func list(_ count: Int, _ range: ClosedRange<Double>) -> [Double?] {
            (0..<count).map { _ in Double.random(in: range, using: &random) }
        }
        let groups = (0..<3).map { (group: Int) -> DocumentGroup in
            DocumentGroup(
                completions: (0..<3).map { (sample: Int) -> DocumentCompletion in
                    let count = 2 + (sample * 2 + group) % 4
                    var completion = DocumentCompletion(
                        logprobs: list(count, -4 ... -1), behaviorLogprobs: list(count, -3 ... -1))
                    completion.proximalLogprobs = list(count, -3.5 ... -1)
                    completion.referenceLogprobs = list(count, -30 ... -1)
                    completion.entropies = list(count, 0...2)
                    completion.divergences = list(count, 0...1)
                    completion.values = list(count, 0...1)
                    completion.finishReason = sample == 1 ? .length : .stop
                    let score = Double(sample)
                    completion.rewards = [
                        "a": group == 2 ? 0.1 : score, "b": group == 2 ? 0.2 : score * score / 3,
                    ]
                    return completion
                })
        }
        var document = ObjectiveDocument(groups: groups)
        document.rewardWeights = ["a": 0.3]
        document.maxCompletionLength = 5
        return document
    }

    private func answer(_ changes: [String: WordValue]) throws -> ObjectiveAnswer {
        let settings = try AlgorithmSettings(profile: "cohort", changes: changes)
        return try document().evaluate(settings, profile: "")
    }

    /// What must hold for a word to matter.
    private static let contexts: [String: [String: WordValue]] = [
        "epsilon_high": ["surrogate": "cispo_delta"],
        "surrogate": ["epsilon_high": 0.3],
        "kl_tau": [:],
        "kl_input_clamp": ["kl_estimator": "k1"], "kl_output_clamp": ["kl_estimator": "k2"],
        "sapo_temperature_pos": ["surrogate": "sapo"], "sapo_temperature_neg": ["surrogate": "sapo"],
        "vespo_k_pos": ["surrogate": "vespo"], "vespo_lambda_pos": ["surrogate": "vespo"],
        "vespo_k_neg": ["surrogate": "vespo"], "vespo_lambda_neg": ["surrogate": "vespo"],
        "per_device_train_batch_size": ["loss_type": "bnpo"],
        "importance_sampling_clip_max": ["importance_sampling_correction": "token_truncate"],
        "importance_sampling_clip_min": ["importance_sampling_correction": "token_mask"],
        "rejected_tokens": [
            "importance_sampling_correction": "token_mask", "importance_sampling_clip_max": 1.2,
        ],
        "importance_sampling_correction": [
            "importance_sampling_clip_max": 1.2, "importance_sampling_clip_min": 0.9,
        ],
        "kl_placement": ["kl_estimator": "k1"], "advantage_epsilon": [:],
        "advantage_epsilon_place": ["advantage_epsilon": 2],
        "constant_group_advantage": ["advantage_epsilon": 1e-17],
        "overlong_penalty": ["overlong_buffer": 3], "overlong_bounded": ["overlong_buffer": 3],
        "loss_type": ["epsilon_high": 0.3, "per_device_train_batch_size": 2],
        "log_ratio_clamp": ["surrogate": "unclipped"],
        "constant_groups": ["advantage_epsilon": 1e-6],
    ]
    private static let values: [String: WordValue] = [
        "advantage_epsilon": 0.5, "epsilon": 0.01, "epsilon_high": 0.9, "delta": 1.05,
        "dual_clip": 1.1, "log_ratio_clamp": 0.1, "kl_tau": 0.1, "sapo_temperature_pos": 2,
        "sapo_temperature_neg": 3, "vespo_k_pos": 1, "vespo_lambda_pos": 1, "vespo_k_neg": 1,
        "vespo_lambda_neg": 1, "beta": 0.5, "kl_input_clamp": 1, "kl_output_clamp": 1,
        "use_bias_correction_kl": true, "per_device_train_batch_size": 3,
        "mask_truncated_completions": true, "entropy_coef": 0.1, "top_entropy_quantile": 0.4,
        "vf_coef": 0.1, "importance_sampling_clip_max": 1.01, "importance_sampling_clip_min": 0.99,
        "off_policy_mask_threshold": 0, "overlong_buffer": 3, "overlong_penalty": 0.2,
    ]
    /// Words that are for the run, not for the objective; and those that one group alone shows.
    private static let elsewhere: Set<String> = [
        "proximal", "dynamic_sampling", "max_grad_norm", "sync_ref_model", "ref_model_mixup_alpha",
        "ref_model_sync_steps", "overlong_bounded", "single_generation",
    ]

    private func numbers(_ answer: ObjectiveAnswer) -> [Double] {
        [answer.statistics.loss] + answer.gradient.flatMap { $0.flatMap { $0 } }
            + answer.advantages.flatMap { $0.flatMap { $0.perToken(count: 1) } }
    }

    /// Every word with every value that it can have, or one that is not the default.
    private static let cases: [(word: String, value: WordValue)] = AlgorithmWord.all.flatMap { word in
        if let value = values[word.name] { return [(word.name, value)] }
        guard case .words(let words) = word.kind else { return [] }
        return words.map { (word.name, .text($0)) }
    }

    @Test("Every word changes the objective, and every value of it can be evaluated")
    func effects() throws {
        let defaults = AlgorithmSettings()
        for word in AlgorithmWord.all where !Self.elsewhere.contains(word.name) {
            let context = Self.contexts[word.name] ?? [:]
            let base = numbers(try answer(context))
            let own = Self.cases.filter { $0.word == word.name }
            #expect(!own.isEmpty, "\(word.name) is not tried")
            for (_, value) in own {
                let changed = numbers(try answer(context.merging([word.name: value]) { $1 }))
                #expect(changed.allSatisfy { $0.isFinite }, "\(word.name) = \(value)")
                let isBase = value == (word.value(in: defaults) ?? .text("clip"))
                #expect((changed == base) == isBase || Self.synonyms.contains("\(value)"),
                    "\(word.name) = \(value)")
            }
        }
    }

    /// Values that come to the same as another here: two names for one denominator, and what only values
    /// of a baseline or other groups would tell apart.
    private static let synonyms: Set<String> = [
        "\"seq_mean_token_sum\"", "\"vespo\"", "\"nonzero\"", "\"residue\"", "\"sequence_token\"",
    ]

    @Test("Words are read as people type them, and printed as TOML")
    func values() throws {
        #expect(WordValue(parsing: "true") == .flag(true) && WordValue(parsing: "0.2") == 0.2)
        #expect(WordValue(parsing: "dapo") == "dapo" && WordValue(parsing: "\"dapo\"") == "dapo")
        #expect(WordValue.number(3).description == "3" && WordValue.text("a").description == "\"a\"")
        var settings = AlgorithmSettings()
        try AlgorithmWord.named("delta").set(4, in: &settings)
        #expect(settings.objective.delta == 4)
        try AlgorithmWord.named("delta").set("none", in: &settings)
        #expect(settings.objective.delta == nil)
    }

    @Test("A word that does not exist, and a value that is not allowed, say what is")
    func refusals() throws {
        var settings = AlgorithmSettings()
        #expect(throws: WordError.unknownWord("epsilom")) { try AlgorithmWord.named("epsilom") }
        #expect(WordError.unknownWord("epsilom").description.contains("epsilon_high"))
        let word = try AlgorithmWord.named("loss_type")
        for value: WordValue in ["ppo", 3, true] {
            #expect(throws: WordError.badValue("loss_type", value, allowed: word.allowed)) {
                try word.set(value, in: &settings)
            }
        }
        for name in ["epsilon", "use_bias_correction_kl", "delta", "per_device_train_batch_size"] {
            #expect(throws: WordError.self) { try AlgorithmWord.named(name).set("many", in: &settings) }
        }
        #expect(throws: WordError.self) {
            try AlgorithmWord.named("per_device_train_batch_size").set(1.5, in: &settings)
        }
    }

    @Test("Words without a meaning together are refused with what to do")
    func combinations() {
        let refused: [[String: WordValue]] = [
            ["surrogate": "dppo", "importance_sampling_level": "sequence"],
            ["kl_level": "sequence", "kl_estimator": "full"],
            ["kl_level": "sequence", "use_bias_correction_kl": true],
            [
                "loss_type": "original", "importance_sampling_level": "sequence_product",
                "importance_sampling_correction": "token_mask",
            ],
            ["loss_type": "bnpo", "constant_groups": "kl_only"], ["loss_type": "cispo"],
            ["dual_clip": 0.5], ["top_entropy_quantile": 0], ["epsilon": -1],
        ]
        for changes in refused {
            #expect(throws: DocumentError.self, "\(changes)") { try answer(changes) }
        }
    }
}
