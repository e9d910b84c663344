/// The claims that are made for GRPO, S1 to S20, and what shows each of them.
package enum ClaimCatalogue {
    package static let rows: [ClaimRow] = [
        ClaimRow(
            "S1", "Absolute reward has a noisier gradient than reward above a baseline",
            [.section(OffsetStudy.name)]),
        ClaimRow("S2", "A baseline does not bias the gradient", [.section(BiasStudy.name)]),
        ClaimRow(
            "S3", "The absolute level of rewards does not matter",
            [.test("Adding the same dyadic number to all rewards changes no advantage")]),
        ClaimRow(
            "S4", "The scale of rewards does not matter where the deviation divides",
            [
                .test(
                    "A factor changes advantages by no more than ε does, and scales them where nothing divides")
            ]),
        ClaimRow(
            "S5", "Advantages are relative", [.test("Advantages sum to zero and rise with the reward")]),
        ClaimRow(
            "S6", "Improving on one's own level is rewarded",
            [
                .test("A better-than-own-mean answer is rewarded although another prompt's mean is higher"),
                .section(LineStudy.name),
            ]),
        ClaimRow(
            "S7", "The ratio starts at 1",
            [
                .test("On fresh data every ratio is exactly 1 and the gradient is the plain policy gradient"),
                .test("With staleness 0 and one pass every ratio is exactly 1"),
            ]),
        ClaimRow(
            "S8", "The clip stops over-reaction, on one side",
            [.test("Clipping is one-sided"), .section(ClipStudy.name)]),
        ClaimRow(
            "S9", "The minimum is pessimistic", [.test("The surrogate is never above the unclipped one")]),
        ClaimRow(
            "S10", "KL keeps the policy near the reference",
            [
                .test("Equal policies have exactly no divergence and no gradient"),
                .test("k3 is never negative, for log-probabilities in float32 and any drift"),
                .section(ExploitStudy.name),
            ]),
        ClaimRow("S11", "Without KL the policy can cheat", [.section(ExploitStudy.name)]),
        ClaimRow(
            "S12", "There is no critic, and at β = 0 no reference",
            [
                .test("The reference scores the whole batch once, and only where β is not 0"),
                .section(MemoryStudy.name),
            ]),
        ClaimRow("S13", "That saves memory", [.section(MemoryStudy.name)]),
        ClaimRow(
            "S14", "The samples of a group are of one prompt and one behaviour policy",
            [.test("Another version, incarnation or prompt is a defect that says so")]),
        ClaimRow(
            "S15", "The line re-adjusts with progress", [.section(LineStudy.name)]),
        ClaimRow(
            "S16", "A constant group teaches nothing",
            [
                .test("Equal rewards give exactly zero advantages, whatever the reward and the rule"),
                .test("Zero advantages leave exactly the KL gradient, and none at β = 0"),
            ]),
        ClaimRow("S17", "A larger group draws a better line", [.section(GroupSizeStudy.name)]),
        ClaimRow(
            "S18", "Only the order of rewards and their distances matter, not any monotone change of them",
            [.test("A monotone change of the rewards that is not affine can flip an advantage's sign")]),
        ClaimRow(
            "S19", "End to end: a verifiable task is learned from chance",
            [
                .test("The policy learns: rewards rise"), .section(ProfilesStudy.name),
                .section(RunsStudy.name),
            ]),
        ClaimRow(
            "S20", "Raw probabilities instead of ratios fail", [.section(ProbabilityStudy.name)]),
    ]
}
