import Foundation
import GRPO
import Ports
import Synchronization
import Tokenization
import Training

/// What the user sees of a run while the learner works: progress, samples, notes; and what is kept:
/// `metrics.jsonl` and `completions.jsonl`.
final class RunReport: Sendable {
    private let configuration: RunConfiguration
    private let metrics: MetricsWriter
    private let completions: CompletionsWriter
    private let notes: RunNotes
    private let room: DiskRoom
    private let tokenizer: Tokenizer
    private let started = ContinuousClock.now
    private let pace = Mutex(Pace())

    /// Mean time of the last steps.
    private struct Pace {
        var recent: [Double] = []

        mutating func add(_ seconds: Double) -> Double {
            recent.append(seconds)
            if recent.count > 20 { recent.removeFirst() }
            return recent.reduce(0, +) / Double(recent.count)
        }
    }

    /// `lastStep`: what a resumed run keeps of earlier records.
    init(
        _ configuration: RunConfiguration, directory: RunDirectory, tokenizer: Tokenizer, lastStep: Int,
        notes: RunNotes, room: DiskRoom
    ) throws {
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.notes = notes
        self.room = room
        metrics = try MetricsWriter(path: directory.metrics, keepingThrough: lastStep)
        completions = try CompletionsWriter(path: directory.completions, keepingThrough: lastStep)
        notes.log(step: lastStep, WorkLog.loaded)
    }

    private var display: ProgressDisplay { notes.display }

    var observer: LearnerObserver {
        LearnerObserver(
            onStep: { await self.record($0) },
            onNote: { self.note($0) })
    }

    func note(_ text: String) { notes.note(text) }

    func finish() { display.finish() }

    /// Answers with the step's line of `metrics.jsonl`.
    private func record(_ report: StepReport) async -> String {
        let row = StepMetrics(
            report, rewardNames: configuration.reward.names,
            objective: configuration.grpo.algorithm.objective
        ).row(time: (ContinuousClock.now - started).seconds)
        notes.log(step: row.step, WorkLog.published)
        do {
            try await room.write { try metrics.write(row) }
            try await recordSamples(report)
        } catch { note("\(error)") }
        show(report, row)
        return row.json
    }

    private func show(_ report: StepReport, _ row: MetricsRow) {
        let secondsPerStep = pace.withLock { $0.add(report.time.step) }
        let left = Double(configuration.run.maxSteps - row.step) * secondsPerStep
        display.update(
            ProgressLine(
                step: row.step, total: configuration.run.maxSteps, reward: row[.reward], kl: row[.kl],
                meanLength: row[.meanLength], tokensPerSecond: row[.generationTokensPerSecond],
                liveWorkers: report.liveWorkers, expectedWorkers: max(configuration.cluster.workers, report.liveWorkers),
                remaining: .seconds(left)))
    }

    /// Every so often, the completions of a step's batch, all into the file and a few onto the display.
    private func recordSamples(_ report: StepReport) async throws {
        let every = configuration.run.logCompletionsSteps
        guard every > 0, (report.step + 1) % every == 0 else { return }
        let rows = zip(report.batch, report.advantages).flatMap { group, advantages in
            group.completions.indices.map { row(report.step + 1, group, $0, advantages[$0]) }
        }
        try await room.write { try completions.write(rows) }
        let shown = configuration.run.numCompletionsToPrint
        let step = max(1, rows.count / max(1, shown))
        let samples = stride(from: 0, to: rows.count, by: step).prefix(shown).map { index in
            SampleText.Sample(
                prompt: rows[index].prompt, completion: rows[index].completion,
                reward: rows[index].reward, advantage: rows[index].advantage)
        }
        if shown > 0 { display.note(SampleText(step: report.step + 1, samples: samples).lines(columns: display.width)) }
    }

    private func row(_ step: Int, _ group: Group, _ index: Int, _ advantage: Double) -> CompletionRow {
        let completion = group.completions[index]
        return CompletionRow(
            step: step, prompt: tokenizer.decode(group.prompt, skipSpecialTokens: false),
            completion: tokenizer.decode(completion.tokens, skipSpecialTokens: false),
            reward: completion.reward,
            rewards: zip(configuration.reward.names, completion.rewards).map { ($0, $1) }, advantage: advantage,
            groupID: "\(group.key.pass)-\(group.key.promptIndex)-\(group.key.attempt)",
            policyVersion: group.version.number, worker: "", seed: configuration.run.seed,
            finishReason: completion.finishReason == .stop ? "stop" : "length")
    }
}
