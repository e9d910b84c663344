internal import Ports

// For people.

extension ChaosReport {
    package var text: String {
        table + "\n" + ([runLine("without faults", calm), runLine("with faults", chaos)]
            + [ratioLine, bitsLine, booksLine]).compactMap(\.self).map { $0 + "\n" }.joined()
    }

    private var table: String {
        let head = [
            "fault", "count", "recovered", "run ended", "p50", "p90", "p99", "max", "groups again",
            "steps again",
        ]
        return TextTable(
            rows: [head] + rows.map(\.cells), alignments: [.left] + head.dropFirst().map { _ in .right }
        ).text
    }

    private func runLine(_ name: String, _ run: Run?) -> String? {
        run.map {
            padded(name, 16) + DecimalText.fixed($0.seconds, digits: 2) + " s for \($0.steps) steps, "
                + Self.share($0.effectiveShare) + " of it in steps that count; weights "
                + $0.weightsSHA256
        }
    }

    private var ratioLine: String? {
        effectiveTrainingTimeRatio.map {
            "effective training time ratio (time without faults ÷ time with faults): " + Self.share($0)
        }
    }

    private var bitsLine: String? {
        guard let isSameBits else { return nil }
        if isSameBits { return "bits: the same as without faults" }
        return "bits: not those of the run without faults"
            + (isReproducible ? "" : ", as the schedule \"bounded\" allows")
    }

    private var booksLine: String? {
        let groups = chaos.groups
        let dropped = groups.droppedTotal
        return "groups: \(groups.issued) issued, \(groups.consumed) consumed, \(dropped) dropped, "
            + "\(groups.reissued) leased again, \(groups.duplicateCopies) second copies refused"
    }

    static func share(_ value: Double) -> String { DecimalText.fixed(value * 100, digits: 1) + " %" }
}

extension ChaosReport.Row {
    fileprivate var cells: [String] {
        let times = [recoveryP50, recoveryP90, recoveryP99, recoveryMax].map { seconds in
            seconds.map { DecimalText.fixed($0, digits: 2) + " s" } ?? "-"
        }
        return [name, "\(count)", "\(recovered)", "\(count - recovered)"] + times
            + ["\(groupsAgain)", "\(stepsAgain)"]
    }

    private var name: String {
        switch kind {
        case .kill: "kill -9 of \(target == "learner" ? "the learner" : "a worker")"
        case .stop: "\(target == "learner" ? "the learner" : "a worker") stopped for a while"
        }
    }
}
