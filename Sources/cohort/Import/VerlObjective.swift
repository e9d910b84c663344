/// verl's policy losses and KL terms in our words.
extension VerlRules {
    private static let aggregations = [
        "token-mean": "dapo", "seq-mean-token-sum": "seq_mean_token_sum",
        "seq-mean-token-mean": "seq_mean_token_mean", "seq-mean-token-sum-norm": "seq_mean_token_sum_norm",
    ]

    static func loss(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let mode = try settings.text("\(actor).policy_loss.loss_mode")
        switch mode {
        case "vanilla":
            let cap = try settings.number("\(actor).clip_ratio_c")
            return ImportRule.Outcome(assignments: [
                try lossType(settings), .init("grpo.dual_clip", .number(cap)),
            ])
        case "cispo":
            return ImportRule.Outcome(assignments: [
                try lossType(settings), .init("grpo.surrogate", .text("cispo_delta")), noDualClip,
            ])
        case "gspo":
            // verl takes this mean whatever loss_agg_mode says.
            return ImportRule.Outcome(
                assignments: [
                    .init("grpo.importance_sampling_level", .text("sequence_token")),
                    .init("grpo.loss_type", .text("seq_mean_token_mean")), noDualClip,
                ],
                remark: "verl's gspo always takes seq-mean-token-mean; it caps log-ratios at 10, not at ±20")
        case "sapo":
            return ImportRule.Outcome(
                assignments: [
                    .init("grpo.surrogate", .text("sapo")),
                    .init("grpo.loss_type", .text("seq_mean_token_mean")), noDualClip,
                    .init("grpo.sapo_temperature_pos", .number(try settings.number("\(actor).tau_pos"))),
                    .init("grpo.sapo_temperature_neg", .number(try settings.number("\(actor).tau_neg"))),
                ],
                remark: "verl's sapo always takes seq-mean-token-mean")
        default: throw ImportObstacle(ImportRule.noCounterpart("\(actor).policy_loss.loss_mode", mode))
        }
    }

    /// verl has the dual clip in its vanilla loss only.
    private static let noDualClip = ImportRule.Assignment("grpo.dual_clip", .text("none"))

    private static func lossType(
        _ settings: ForeignSettings
    ) throws(ImportObstacle) -> ImportRule.Assignment {
        let aggregation = try settings.text("\(actor).loss_agg_mode")
        guard let type = aggregations[aggregation] else {
            throw ImportObstacle(ImportRule.noCounterpart("\(actor).loss_agg_mode", aggregation))
        }
        return ImportRule.Assignment("grpo.loss_type", .text(type))
    }

    private static let estimators = [
        "kl": "k1", "k1": "k1", "abs": "abs", "mse": "k2", "k2": "k2", "low_var_kl": "low_var",
        "k3": "low_var",
        "kl+": "k1_plus", "k1+": "k1_plus", "low_var_kl+": "k3_plus", "k3+": "k3_plus",
    ]

    static func divergence(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let (isLoss, isReward) = (
            try settings.flag("\(actor).use_kl_loss"), try settings.flag("algorithm.use_kl_in_reward")
        )
        guard !(isLoss && isReward) else {
            throw ImportObstacle("a KL term in the loss and one in the reward at once have no counterpart")
        }
        guard isLoss || isReward else {
            return ImportRule.Outcome(
                assignments: [.init("grpo.beta", .number(0))], remark: "no KL term is switched on")
        }
        let word = try settings.text(isLoss ? "\(actor).kl_loss_type" : "algorithm.kl_penalty")
        guard let estimator = estimators[word] else {
            throw ImportObstacle(
                ImportRule.noCounterpart(isLoss ? "\(actor).kl_loss_type" : "algorithm.kl_penalty", word))
        }
        let control = isLoss ? "fixed" : try settings.text("algorithm.kl_ctrl.type")
        guard control == "fixed" else {
            throw ImportObstacle(ImportRule.noCounterpart("algorithm.kl_ctrl.type", control))
        }
        let weight = try settings.number(isLoss ? "\(actor).kl_loss_coef" : "algorithm.kl_ctrl.kl_coef")
        var assignments: [ImportRule.Assignment] = [
            .init("grpo.beta", .number(weight)), .init("grpo.kl_estimator", .text(estimator)),
            .init("grpo.kl_placement", .text(isLoss ? "loss" : "reward")),
        ]
        if estimator != "low_var" {
            // verl clamps this one only.
            assignments += [
                .init("grpo.kl_input_clamp", .number(0)), .init("grpo.kl_output_clamp", .number(0)),
            ]
        }
        return ImportRule.Outcome(assignments: assignments)
    }
}
