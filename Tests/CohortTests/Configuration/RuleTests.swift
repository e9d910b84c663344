import Testing

import cohort

/// Every value that the rules below look at, so that tuning the defaults moves none of them.
private let baseline = """
    [run]
    max_steps = 120
    [model]
    max_position_embeddings = 64
    hidden_size = 128
    num_attention_heads = 4
    num_key_value_heads = 2
    [sft]
    steps = 400
    warmup_steps = 20
    [grpo]
    num_generations = 8
    generation_batch_size = 512
    steps_per_generation = 2
    num_iterations = 1
    lr_scheduler_type = "constant"
    warmup_steps = 0
    max_completion_length = 8
    [cluster]
    heartbeat_seconds = 1.0
    liveness_seconds = 5.0
    lease_seconds = 120.0
    """

/// The one problem that `set` gives, without its origins.
private func violation(_ set: String...) -> String? {
    let lines = problems(baseline, set: set)
    guard lines.count <= 1, let line = lines.first else {
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
    return line.hasSuffix("[config-inconsistent]") ? line : "not a rule: " + line
}

@Test("A batch that cuts a group is refused with the nearest sizes that do not")
func incompleteGroups() {
    #expect(
        violation("grpo.generation_batch_size=100") == """
            generation_batch_size = 100 is not a multiple of num_generations = 8, so some group \
            would be incomplete; take 96 or 104 \
            (grpo.generation_batch_size: command line: --set grpo.generation_batch_size=100; \
            grpo.num_generations: run.toml:12) [config-inconsistent]
            """)
    let tooSmall = violation("grpo.generation_batch_size=4", "grpo.steps_per_generation=1")
    #expect(tooSmall?.contains("; take 8 (") == true)
}

@Test("More optimiser steps than groups are refused")
func tooManySteps() {
    #expect(violation("grpo.steps_per_generation=65")?.contains("take at most 64") == true)
    #expect(violation("grpo.steps_per_generation=64") == nil)
}

@Test("A constant schedule with a warm-up is refused")
func constantWithWarmup() {
    #expect(violation("grpo.warmup_steps=5")?.contains("constant_with_warmup") == true)
    #expect(
        violation("grpo.warmup_steps=5", "grpo.lr_scheduler_type=constant_with_warmup") == nil)
}

@Test("A warm-up longer than the run is refused")
func longWarmup() {
    let schedule = "grpo.lr_scheduler_type=linear"
    let steps = ["run.max_steps=10", "grpo.num_iterations=3", "grpo.steps_per_generation=2"]
    #expect(problems(baseline, set: steps + [schedule, "grpo.warmup_steps=60"]) == [])
    let lines = problems(baseline, set: steps + [schedule, "grpo.warmup_steps=61"])
    #expect(lines.count == 1)
    #expect(lines.first?.contains("the run's 60 optimiser steps") == true)
    #expect(violation("sft.steps=10", "sft.warmup_steps=11") != nil)
}

@Test("The longest run that the ranges allow overflows nothing")
func longestRun() {
    let set = [
        "run.max_steps=1000000000", "grpo.num_iterations=1024", "grpo.steps_per_generation=65536",
        "grpo.generation_batch_size=131072", "grpo.num_generations=2",
        "grpo.lr_scheduler_type=linear", "grpo.warmup_steps=1000000000",
    ]
    #expect(problems(baseline, set: set) == [])
}

@Test("Binding where other machines can reach needs keys, or cluster.insecure, and not both")
func reachableBind() {
    let open = "cluster.bind=tcp://0.0.0.0:5555"
    #expect(violation(open)?.contains("cohort keygen learner --directory keys") == true)
    #expect(violation(open, "cluster.keys=keys") == nil)
    let both = violation(open, "cluster.keys=keys", "cluster.insecure=true")
    #expect(both?.contains("take one of the two away") == true)
    let reachable = violation("cluster.bind=tcp://0.0.0.0:5555")
    #expect(reachable?.contains("bind to tcp://127.0.0.1:5555") == true)
    #expect(violation("cluster.bind=tcp://0.0.0.0:5555", "cluster.insecure=true") == nil)
    #expect(violation("cluster.bind=tcp://127.0.0.1:5555") == nil)
    #expect(violation("cluster.bind=tcp://[::1]:5555") == nil)
    #expect(violation("cluster.bind=localhost:5555")?.contains("for example") == true)
}

@Test("No workers and nowhere to join is refused")
func nobodySamples() {
    #expect(violation("cluster.workers=0") != nil)
    #expect(violation("cluster.workers=0", "cluster.bind=tcp://127.0.0.1:0") == nil)
}

@Test("Time limits must leave room for each other")
func timeLimits() {
    #expect(violation("cluster.liveness_seconds=1.9")?.contains("at least 2.0") == true)
    #expect(violation("cluster.liveness_seconds=2") == nil)
    #expect(violation("cluster.lease_seconds=4.9")?.contains("at least 5.0") == true)
    #expect(violation("cluster.lease_seconds=5") == nil)
}

@Test("The built-in model's shape must fit; a model directory brings its own")
func modelShape() {
    #expect(violation("model.num_attention_heads=3", "model.num_key_value_heads=1") != nil)
    #expect(violation("model.hidden_size=132") != nil)
    #expect(violation("model.num_key_value_heads=3") != nil)
    #expect(violation("model.hidden_size=132", "model.path=dir") == nil)
    #expect(violation("grpo.max_completion_length=64") != nil)
    #expect(violation("grpo.max_completion_length=63") == nil)
    #expect(violation("grpo.max_completion_length=64", "model.path=dir") == nil)
}

@Test("Data settings must name prompts")
func dataSettings() {
    #expect(violation("data.eval_path=x") != nil)
    #expect(violation("data.eval_path=x", "data.path=y") == nil)
    #expect(violation("data.task=") != nil)
    #expect(violation("data.task=", "data.path=y") == nil)
}

@Test(
    "Only certain loopback addresses count as loopback",
    arguments: [
        ("tcp://127.0.0.1:1", true), ("tcp://127.9.9.9:1", true), ("tcp://localhost:1", true),
        ("tcp://[::1]:1", true), ("tcp://0.0.0.0:1", false), ("tcp://*:1", false),
        ("tcp://[::]:1", false), ("tcp://10.0.0.1:1", false), ("tcp://127.0.0.1.evil.org:1", false),
        ("tcp://127.evil:1", false), ("tcp://[fe80::1%eth0]:1", false),
        ("tcp://127.0.0.256:1", false),
    ])
func loopback(text: String, isLoopback: Bool) throws {
    #expect(try #require(BindAddress(text)).isLoopback == isLoopback)
}

@Test(
    "Malformed addresses are no addresses",
    arguments: [
        "", "tcp://", "tcp://:1", "tcp://a", "tcp://a:", "tcp://a:65536", "tcp://a:-1", "udp://a:1",
        "tcp://a:1x", "tcp://::1:5555", "tcp://[]:1", "tcp://[a]:1", "tcp://a b:1", "tcp://a/b:1",
        "ipc://x", "tcp://a:١",
    ])
func malformedAddress(text: String) {
    #expect(BindAddress(text) == nil)
}
