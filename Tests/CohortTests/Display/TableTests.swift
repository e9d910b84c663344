import Testing

import cohort

@Test("Samples are escaped, cut and fit their lines")
func sampleLines() {
    let text = SampleText(
        step: 20,
        samples: [
            .init(prompt: "12+34=", completion: "46", reward: 1, advantage: 1.5),
            .init(prompt: "1+1=", completion: "\u{1B}[2J\n2", reward: nil),
            .init(
                prompt: String(repeating: "p", count: 99),
                completion: String(repeating: "c", count: 99), reward: 0),
        ]
    ).lines(columns: 60)
    #expect(
        text == """
            samples at step 20
              reward 1.00  advantage 1.50  "12+34=" -> "46"
              reward none  "1+1=" -> "\\u{1B}[2J\\n2"
              reward 0.00  "pppppppppp…" -> "ccccccccccccccccccccccccc…"

            """)
    for line in text.split(separator: "\n") { #expect(line.count <= 60) }
}

@Test("The final table shows before, after and change")
func beforeAfter() {
    let before = RunSummary.Evaluation(
        prompts: 500, samples: 2000, reward: 0.3, sampledAccuracy: 0.25, greedyAccuracy: 0.5,
        meanLength: 4.25)
    let after = RunSummary.Evaluation(
        prompts: 500, samples: 2000, reward: 0.95, sampledAccuracy: 0.94, greedyAccuracy: 0.5,
        meanLength: 3)
    #expect(
        BeforeAfterTable(before: before, after: after).text == """
                               before  after  change
            reward              0.300  0.950  +0.650
            sampled accuracy    0.250  0.940  +0.690
            greedy accuracy     0.500  0.500   0.000
            completion length     4.3    3.0    -1.3

            """)
}

@Test("What was not measured shows as a dash")
func missingEvaluation() {
    let table = BeforeAfterTable(rows: [.init(name: "reward", before: nil, after: 0.5, digits: 1)])
    #expect(table.text == "        before  after  change\nreward       -    0.5       -\n")
}
