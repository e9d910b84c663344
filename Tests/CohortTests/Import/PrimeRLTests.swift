import Testing
import cohort

private func settings(_ text: String) throws -> [String: String] {
    let result = try imported(text, from: .primeRL)
    return Dictionary(uniqueKeysWithValues: result.assignments.map { ($0.key, $0.value.literal) })
}

@Test("prime-rl trains on one step per batch, with workers that do not wait")
func primeRLBatches() throws {
    let silent = try settings("")
    #expect(silent["grpo.generation_batch_size"] == "128")
    #expect(silent["grpo.steps_per_generation"] == "1")
    #expect(silent["cluster.max_staleness"] == "8")
    #expect(silent["cluster.schedule"] == "\"bounded\"")
    let strict = try settings("[orchestrator]\nmax_off_policy_steps = 0\n")
    #expect(strict["cluster.max_staleness"] == "0")
    #expect(strict["cluster.schedule"] == "\"lockstep\"")
    #expect(try settings("[orchestrator]\ntoken_batch_size = 9\n")["grpo.generation_batch_size"] == nil)
}

@Test("Keys of prime-rl's parts fill in where there is no shared one")
func primeRLShared() throws {
    #expect(try settings("[trainer.model]\nname = \"a\"\n")["model.path"] == "\"a\"")
    let both = "[model]\nname = \"a\"\n[orchestrator.model]\nname = \"b\"\n"
    #expect(try settings(both)["model.path"] == "\"a\"")
    #expect(try settings("[trainer.ckpt]\ninterval = 5\n")["run.save_steps"] == "5")
    #expect(try settings("[ckpt]\nkeep_last = \"None\"\n")["run.save_total_limit"] == "0")
    #expect(try settings("[ckpt]\nkeep_interval = 50\n")["run.keep_every_steps"] == "50")
    #expect(try settings("")["run.keep_every_steps"] == nil)
}

@Test("The length is that of completions, or of the whole sequence where nothing else is said")
func primeRLLength() throws {
    let key = "grpo.max_completion_length"
    #expect(try settings("")[key] == "2048")
    #expect(try settings("seq_len = 4096\n")[key] == "4096")
    let stated = "seq_len = 4096\n[orchestrator.train.sampling]\nmax_completion_tokens = 100\n"
    #expect(try settings(stated)[key] == "100")
}

@Test("prime-rl's algorithms and schedules, where there is a counterpart")
func primeRLWords() throws {
    let words = [("grpo", "\"none\""), ("max_rl", "\"mean\""), ("opd", nil)]
    for (word, scale) in words {
        #expect(try settings("[orchestrator.algo]\ntype = \"\(word)\"\n")["grpo.scale_rewards"] == scale)
    }
    let cosine = try settings("[trainer.scheduler]\ntype = \"cosine\"\nwarmup_steps = 7\n")
    #expect(cosine["grpo.lr_scheduler_type"] == "\"cosine\"")
    #expect(cosine["grpo.warmup_steps"] == "7")
    #expect(try settings("[trainer.scheduler]\ntype = \"linear\"\n")["grpo.warmup_steps"] == nil)
    let floor = "[trainer.scheduler]\ntype = \"cosine\"\nmin_lr = 1e-7\n"
    #expect(try settings(floor)["grpo.warmup_steps"] == nil)
    let kept = try settings("[orchestrator.train]\nfilter_zero_advantages = false\n")
    #expect(kept["grpo.constant_groups"] == "\"count\"")
}
