/// What `cohort verify` says at the first thing that cannot be true.
func violation(
    _ place: String, _ what: String,
    advice: String = "do not go on with this run; take it from a copy, or start it anew"
) -> CommandFailure {
    CommandFailure("\(place): \(what); \(advice)", .badData)
}
