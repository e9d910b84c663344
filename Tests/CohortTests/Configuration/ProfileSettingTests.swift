import GRPO
import Testing

import cohort

@Suite("Profiles in a configuration") struct ProfileSettingTests {
    @Test("Every word of the algorithm has exactly one key of [grpo]")
    func words() {
        for word in AlgorithmWord.all {
            let settings = Setting.all.filter { $0.key.name == word.name }
            #expect(settings.map(\.key) == [SettingKey(table: "grpo", name: word.name)])
        }
    }

    @Test("A profile's statements reach the algorithm, and name it as their origin", arguments: Profile.all)
    func statements(_ profile: Profile) throws {
        let resolved = try resolve("", set: ["grpo.profile=\(profile.name)"])
        let grpo = resolved.configuration.grpo
        #expect(grpo.profile == profile.name)
        for statement in profile.statements {
            let key = SettingKey(table: "grpo", name: statement.word)
            #expect(resolved.origin(of: key) == .profile(profile.name))
            guard statement.word != "max_grad_norm" else {
                #expect(statement.value == .number(grpo.maxGradNorm))
                continue
            }
            let word = try AlgorithmWord.named(statement.word)
            #expect(word.value(in: grpo.algorithm) ?? "none" == statement.value)
        }
        let stated = Set(profile.statements.map(\.word))
        for setting in Setting.all where !stated.contains(setting.key.name) && setting.key.name != "profile" {
            #expect(setting.value(in: resolved.configuration) == setting.defaultValue, "\(setting.key)")
        }
    }

    @Test("The printed configuration of every profile reads back as the same", arguments: Profile.all)
    func printed(_ profile: Profile) throws {
        let resolved = try resolve("", set: ["grpo.profile=\(profile.name)", "grpo.beta=0.125"])
        #expect(resolved.toml.contains("# profile \(profile.name)") == !profile.statements.isEmpty)
        #expect(try resolve(resolved.toml).configuration == resolved.configuration)
    }

    @Test("Default < profile < file < environment < command line")
    func precedence() throws {
        struct High: Equatable {
            var value: Double?
            var origin: ValueOrigin
        }
        func high(
            _ file: String = "", environment: [String: String] = [:], set: [String] = []
        ) throws -> High {
            let resolved = try resolve(
                "[grpo]\nprofile = \"dapo\"\n\(file)", environment: environment, set: set)
            return High(
                value: resolved.configuration.grpo.algorithm.objective.epsilonHigh,
                origin: resolved.origin(of: SettingKey("grpo.epsilon_high")))
        }
        let file = "epsilon_high = 0.3"
        let variable = "COHORT_GRPO_EPSILON_HIGH"
        let environment = [variable: "0.4"]
        let set = "grpo.epsilon_high=0.5"
        #expect(try resolve("").configuration.grpo.algorithm.objective.epsilonHigh == nil)
        #expect(try high() == High(value: 0.28, origin: .profile("dapo")))
        #expect(try high(file) == High(value: 0.3, origin: .file(name: "run.toml", line: 3)))
        #expect(
            try high(file, environment: environment)
                == High(value: 0.4, origin: .environment(variable)))
        #expect(
            try high(file, environment: environment, set: [set])
                == High(value: 0.5, origin: .commandLine("--set " + set)))
    }

    @Test("The profile may be named by any source, the strongest wins, and what it does not say is default")
    func source() throws {
        let named = try resolve("", environment: ["COHORT_GRPO_PROFILE": "gspo"])
        #expect(named.configuration.grpo.algorithm.objective.importanceSamplingLevel == .sequence)
        let file = "[grpo]\nloss_type = \"bnpo\"\nprofile = \"gspo\""
        let other = try resolve(file, set: ["grpo.profile=dr-grpo"]).configuration.grpo.algorithm
        #expect(other.objective.importanceSamplingLevel == .token)
        #expect(other.objective.lossType == .bnpo)  // a file wins over any profile
        #expect(other.advantage.scaling == .none)
        let back = try resolve(file, set: ["grpo.profile=cohort", "grpo.loss_type=dapo"])
        #expect(back.configuration == RunConfiguration())
    }

    @Test("The word none takes an optional value away, wherever it is said")
    func none() throws {
        let profile = "grpo.profile=cispo-raw"
        func surrogate(_ resolved: ResolvedConfiguration) -> Surrogate? {
            resolved.configuration.grpo.algorithm.objective.surrogate
        }
        #expect(try surrogate(resolve("", set: [profile])) == .cispoRaw)
        #expect(try surrogate(resolve("[grpo]\nsurrogate = \"none\"", set: [profile])) == nil)
        #expect(
            try surrogate(resolve("", environment: ["COHORT_GRPO_SURROGATE": "none"], set: [profile])) == nil)
        #expect(try surrogate(resolve("", set: [profile, "grpo.surrogate=none"])) == nil)
        #expect(try surrogate(resolve("", set: [profile, "grpo.surrogate=\"none\""])) == nil)
        for key in ["epsilon_high", "delta", "dual_clip", "per_device_train_batch_size"] {
            let setting = try #require(Setting.named(SettingKey(table: "grpo", name: key)))
            let set = try resolve("", set: ["grpo.\(key)=2"])
            #expect(setting.value(in: set.configuration) != .text("none"), "\(key)")
            for text in ["none", "\"none\""] {
                let unset = try resolve("[grpo]\n\(key) = 2", set: ["grpo.\(key)=\(text)"])
                #expect(setting.value(in: unset.configuration) == .text("none"), "\(key)")
            }
        }
        #expect(problems("", set: ["grpo.epsilon=none"]).first?.contains("must be a number") == true)
        #expect(
            problems("", set: ["grpo.delta=nil"]) == [
                "--set grpo.delta=nil: grpo.delta must be a number or \"none\", not the text \"nil\"; "
                    + "for example: delta = \"none\" [config-wrong-type]"
            ])
    }

    @Test("An unknown profile is one sentence that lists those there are")
    func unknown() {
        let found = problems("", set: ["grpo.profile=grpo"])
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("--set grpo.profile=grpo: grpo.profile must be \"cohort\", \"trl-1.10\""))
        #expect(found[0].hasSuffix("not \"grpo\" [config-out-of-range]"))
    }

    @Test("A value baseline gets a value loss, and an error where the user takes it away")
    func valueLoss() throws {
        for baseline in ["value", "value_prompt"] {
            let set = ["grpo.advantage_baseline=\(baseline)"]
            let fitted = try resolve("", set: set)
            #expect(fitted.configuration.grpo.algorithm.objective.vfCoef == 0.5)
            #expect(fitted.toml.contains("# default 0 raised: a value baseline is learned"))
            #expect(
                problems("", set: set + ["grpo.vf_coef=0"]) == [
                    "a value baseline is learned by the value loss, whose weight vf_coef is 0; set it above "
                        + "0 (grpo.advantage_baseline: command line: --set grpo.advantage_baseline="
                        + "\(baseline); grpo.vf_coef: command line: --set grpo.vf_coef=0) "
                        + "[config-inconsistent]"
                ])
        }
        #expect(try resolve("").configuration.grpo.algorithm.objective.vfCoef == 0)
    }

    @Test(
        "Words that have no meaning together are one sentence with where each comes from",
        arguments: [
            (
                ["grpo.profile=gspo", "grpo.advantage_baseline=value"],
                ["grpo.advantage_baseline: command line", "grpo.importance_sampling_level: profile gspo"]
            ),
            (
                ["grpo.surrogate=cispo_raw"],
                ["grpo.surrogate: command line", "grpo.epsilon_high: default"]
            ),
            (
                ["grpo.kl_placement=reward", "grpo.kl_estimator=full"],
                ["grpo.kl_placement: command line", "grpo.kl_estimator: command line"]
            ),
            (
                ["grpo.multi_objective_aggregation=normalize_then_sum", "grpo.profile=rloo"],
                [
                    "grpo.multi_objective_aggregation: command line",
                    "grpo.advantage_baseline: profile rloo",
                ]
            ),
            (
                ["grpo.loss_type=bnpo", "grpo.profile=dapo", "grpo.constant_groups=kl_only"],
                ["grpo.loss_type: command line", "grpo.constant_groups: command line"]
            ),
        ])
    func combinations(_ set: [String], _ origins: [String]) {
        let found = problems("", set: set)
        #expect(found.count == 1, "\(found)")
        for origin in origins { #expect(found.first?.contains(origin) == true, "\(found)") }
        #expect(found.first?.contains("grpo.profile:") == false, "\(found)")
    }

    @Test("A run with a profile goes on unchanged, and with another profile not at all", arguments: Profile.all)
    func resumed(_ profile: Profile) throws {
        let first = try resolve("[grpo]\nprofile = \"\(profile.name)\"\nepsilon = 0.125")
        let recorded = try ResolvedConfiguration(json: first.json, name: "c.json")
        #expect(recorded.configuration == first.configuration)
        let again = try ResolvedConfiguration(ConfigurationSources(), resuming: recorded)
        #expect(again.configuration == first.configuration)
        let same = ConfigurationSources(
            assignments: [try SettingAssignment(parsing: "grpo.profile=\(profile.name)")])
        #expect(try ResolvedConfiguration(same, resuming: recorded).configuration == first.configuration)
        let other = profile.name == "dapo" ? "rloo" : "dapo"
        let failure = #expect(throws: ConfigurationFailure.self) {
            try ResolvedConfiguration(
                ConfigurationSources(
                    assignments: [try SettingAssignment(parsing: "grpo.profile=\(other)")]),
                resuming: recorded)
        }
        #expect(
            failure?.problems.map(\.sentence) == [
                "grpo.profile = \"\(other)\" differs from \"\(profile.name)\", with which this run was "
                    + "started; leave it as it was, or start a new run"
            ])
    }
}
