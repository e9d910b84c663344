extension Setting {
    static let sft: [Setting] = [
        Setting(
            "sft.enabled", \.sft.enabled, .ours,
            "Supervised warm-up before GRPO; auto: only for the built-in model."),
        Setting(
            "sft.steps", \.sft.steps, .integers(1...1_000_000_000),
            .ours, "Optimiser steps of the warm-up at most."),
        Setting(
            "sft.learning_rate", \.sft.learningRate, .numbers(.above(0)), .ours,
            "Learning rate of the warm-up."),
        Setting(
            "sft.batch_size", \.sft.batchSize, .integers(1...65_536), .ours,
            "Examples per optimiser step of the warm-up."),
        Setting(
            "sft.warmup_steps", \.sft.warmupSteps, .integers(0...1_000_000_000), .ours,
            "Optimiser steps over which the warm-up's learning rate rises from 0."),
        Setting(
            "sft.target_accuracy", \.sft.targetAccuracy, .numbers(.above(0, atMost: 1)), .ours,
            "Share of correct answers at which the warm-up stops early, give or take 0.02; "
                + "1: it uses all its steps."),
    ]

    static let cluster: [Setting] = [
        Setting(
            "cluster.workers", \.cluster.workers, .integers(0...1024), .ours, resume: .changeable,
            "Worker processes started on this machine; 0: others join over bind."),
        Setting(
            "cluster.schedule", \.cluster.schedule, .ours,
            "lockstep: reproducible, batch k samples from version k − max_staleness; "
                + "bounded: workers never wait, stale groups are dropped."),
        Setting(
            "cluster.max_staleness", \.cluster.maxStaleness, .integers(0...1024),
            .trl("asynchronous trainer only, default 4 there; counted in published versions here"),
            "Published versions that a group may lag behind when its batch is assembled."),
        Setting(
            "cluster.learner_threads", \.cluster.learnerThreads, .integers(1...1024), .ours,
            resume: .changeable, "Computing threads of the learner."),
        Setting(
            "cluster.worker_threads", \.cluster.workerThreads, .integers(1...1024), .ours,
            resume: .changeable, "Computing threads of each worker."),
        Setting(
            "cluster.bind", \.cluster.bind, .text, .ours, resume: .changeable,
            "Where the learner listens, as tcp://ADDRESS:PORT; empty: ipc in the run directory."),
        Setting(
            "cluster.keys", \.cluster.keys, .text, .ours, resume: .changeable,
            "Directory with learner.key and authorized_workers, which encrypts bind and says who may "
                + "join; empty: no encryption."),
        Setting(
            "cluster.insecure", \.cluster.insecure, .boolean, .ours, resume: .changeable,
            "Allows a bind that other machines can reach without encryption."),
        Setting(
            "cluster.heartbeat_seconds", \.cluster.heartbeatSeconds,
            .numbers(.above(0, atMost: 86_400)),
            .ours,
            resume: .changeable,
            "Seconds between two heartbeats; with many workers, a fiftieth for each is enough."),
        Setting(
            "cluster.liveness_seconds", \.cluster.livenessSeconds,
            .numbers(.above(0, atMost: 86_400)),
            .ours,
            resume: .changeable, "Seconds of silence after which a peer is given up."),
        Setting(
            "cluster.lease_seconds", \.cluster.leaseSeconds, .numbers(.above(0, atMost: 86_400)),
            .ours,
            resume: .changeable,
            "Seconds after which work handed to a worker is handed out again."),
        Setting(
            "cluster.max_restarts", \.cluster.maxRestarts, .integers(0...1_000_000_000),
            .ours, resume: .changeable,
            "Restarts in a row of a process that gets nowhere in between (a worker: no groups; the learner: "
                + "no new step) before the run fails; other restarts are not counted. 0: no restart at all."),
        Setting(
            "cluster.worker_batch_groups", \.cluster.workerBatchGroups, .integers(1...65_536),
            .ours,
            resume: .changeable, "Groups that a worker samples together."),
    ]
}
