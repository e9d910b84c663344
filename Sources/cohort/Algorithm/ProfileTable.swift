import GRPO

/// What `cohort profiles` prints.
package struct ProfileTable {
    package init() {}

    /// Every profile with its words.
    package var text: String {
        let width = Profile.all.map(\.name.count).max() ?? 0
        return Profile.all.map { profile in
            let name = profile.name + String(repeating: " ", count: width - profile.name.count)
            let words = profile.statements.map { "    \($0.word) = \($0.value)\n" }
            return "\(name)  \(profile.source)\n" + words.joined()
        }.joined()
            + "What a profile does not state is as in \"cohort\".\n"
    }

    package var json: String {
        let profiles = Profile.all.map { profile in
            var object = JSONObjectText()
            object.add("name", profile.name)
            object.add("source", profile.source)
            var words = JSONObjectText()
            for statement in profile.statements { words.add(statement.word, statement.value) }
            object.add("states", words)
            return object
        }
        var result = JSONObjectText()
        result.add("profiles", list: profiles.map(\.text))
        return result.text + "\n"
    }

    /// The advantages of one group under every profile and every rule that the field calls GRPO.
    package func text(rewards: [Double]) -> String {
        let profiles = Profile.all.map { row([$0.name], $0.advantage, rewards) }
        let rules = KnownRule.all.map { row([$0.formula, $0.users], $0.rule, rewards) }
        let numbers = rewards.map { "\($0)" } + ["sum"]
        let rights = numbers.map { _ in TextTable.Alignment.right }
        return TextTable(
            rows: [["profile"] + numbers] + profiles, alignments: [.left] + rights
        ).text + "\n"
            + TextTable(
                rows: [["rule", "used by"] + numbers] + rules, alignments: [.left, .left] + rights
            ).text
    }

    private func row(
        _ names: [String], _ rule: AdvantageRule, _ rewards: [Double]
    ) -> [String] {
        do {
            let values = try advantages(of: rewards, rule: rule)
            let sum = values.reduce(0, +)
            return names + values.map(Self.signed)
                + [abs(sum) < 5e-7 ? "0" : Self.signed(sum)]
        } catch {
            return names + ["-: \(error)"]
        }
    }

    private static func signed(_ value: Double) -> String {
        (value > 0 ? "+" : "") + DecimalText.fixed(value, digits: 6)
    }

    package func json(rewards: [Double]) -> String {
        var result = JSONObjectText()
        result.add("rewards", list: rewards.map(JSONObjectText.number))
        var profiles = JSONObjectText()
        for profile in Profile.all { profiles.add(profile.name, profile.advantage, of: rewards) }
        result.add("profiles", profiles)
        var rules = JSONObjectText()
        for rule in KnownRule.all { rules.add(rule.users, rule.rule, of: rewards) }
        result.add("rules", rules)
        return result.text + "\n"
    }
}

extension JSONObjectText {
    /// The advantages, or null where the rule refuses the group.
    fileprivate mutating func add(_ name: String, _ rule: AdvantageRule, of rewards: [Double]) {
        guard let values = try? advantages(of: rewards, rule: rule) else { return addNull(name) }
        add(name, list: values.map(Self.number))
    }

    fileprivate mutating func add(_ name: String, _ value: WordValue) {
        switch value {
        case .number(let number): add(name, number)
        case .text(let text): add(name, text)
        case .flag(let flag): add(name, flag: flag)
        }
    }
}
