private import Tasks

extension ConfigurationRules {
    /// Refused here, and not when the first completion is judged.
    static let rewards: [Rule] = [
        { configuration in
            do throws(UnknownGrader) { try Graders.requireKnown(configuration.reward.name) } catch {
                return (["reward.name"], "\(error)")
            }
            return nil
        }
    ]
}
