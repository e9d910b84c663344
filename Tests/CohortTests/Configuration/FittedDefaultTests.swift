import Testing

import cohort

@Suite("A default that other settings leave no room for")
struct FittedDefaultTests {
    private let warmup = SettingKey("grpo.warmup_steps")

    @Test("is lowered, and says so")
    func lowered() throws {
        let short = try resolve("", set: ["run.max_steps=2", "grpo.steps_per_generation=4"])
        #expect(short.configuration.grpo.warmupSteps == 4)
        #expect(short.toml.contains("# default 10 lowered: half of the run's 8 optimiser steps"))
        #expect(try resolve("", set: ["sft.steps=60"]).configuration.sft.warmupSteps == 30)
        #expect(try resolve("", set: ["grpo.lr_scheduler_type=constant"]).configuration.grpo.warmupSteps == 0)
    }

    @Test("stays where there is room")
    func kept() throws {
        let long = try resolve("", set: ["run.max_steps=100"])
        #expect(try long.configuration == resolve("", set: ["run.max_steps=100", "grpo.warmup_steps=10"]).configuration)
        #expect(long.origin(of: warmup) == .default)
    }

    @Test("is an error where the user set it")
    func set() {
        #expect(throws: ConfigurationFailure.self) {
            try resolve("", set: ["run.max_steps=2", "grpo.warmup_steps=10"])
        }
        #expect(throws: ConfigurationFailure.self) {
            try resolve("", set: ["grpo.lr_scheduler_type=constant", "grpo.warmup_steps=10"])
        }
    }

    @Test("reads back from the run's record as it was")
    func recorded() throws {
        let short = try resolve("", set: ["run.max_steps=2"])
        let again = try ResolvedConfiguration(json: short.json, name: "configuration.json")
        #expect(again.configuration == short.configuration)
    }
}

@Test("An unknown reward is refused with the nearest known one")
func unknownReward() {
    let found = problems("", set: ["reward.name=exakt"])
    #expect(found.count == 1)
    #expect(found[0].hasPrefix(#"there is no grader "exakt"; known are exact, numeric, "#))
    #expect(found[0].contains(#"; did you mean "exact"?"#))
}
