package import GRPO

/// One call of `sample`, checked against the model.
struct SamplingRequest {
    let tickets: [Ticket]
    let groupSize: Int
    let parameters: SamplingParameters
    let seed: UInt64

    init(
        tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64,
        model: ModelConfiguration
    ) throws(SamplingError) {
        self.tickets = tickets
        self.groupSize = groupSize
        self.parameters = parameters
        self.seed = seed
        guard groupSize >= 1 else { throw .badParameter("num_generations", "\(groupSize)") }
        guard parameters.maxCompletionLength >= 1 else {
            throw .badParameter("max_completion_length", "\(parameters.maxCompletionLength)")
        }
        let temperature = parameters.temperature
        guard temperature >= 0, temperature.isFinite, temperature == 0 || temperature >= 1e-4 else {
            throw .badParameter("temperature", "\(temperature)")
        }
        guard parameters.topK >= 0 else { throw .badParameter("top_k", "\(parameters.topK)") }
        guard parameters.topP > 0, parameters.topP <= 1 else {
            throw .badParameter("top_p", "\(parameters.topP)")
        }
        for ticket in tickets { try Self.check(ticket, parameters, model) }
    }

    private static func check(
        _ ticket: Ticket, _ parameters: SamplingParameters, _ model: ModelConfiguration
    ) throws(SamplingError) {
        guard !ticket.prompt.isEmpty else { throw .emptyPrompt(ticket.key) }
        for token in ticket.prompt where token < 0 || token >= model.vocabularySize {
            throw .tokenOutOfRange(ticket.key, token: token, vocabulary: model.vocabularySize)
        }
        let (length, overflows) = ticket.prompt.count.addingReportingOverflow(
            parameters.maxCompletionLength)
        guard !overflows, length <= model.maxPositions else {
            throw .tooLong(
                ticket.key, prompt: ticket.prompt.count, completion: parameters.maxCompletionLength,
                limit: model.maxPositions)
        }
    }

    /// Completions in all, numbered ticket by ticket.
    var sequenceCount: Int { tickets.count * groupSize }

    /// Tokens of the longest prompt with a completion of full length.
    var longestSequence: Int {
        (tickets.map(\.prompt.count).max() ?? 0) + parameters.maxCompletionLength
    }

    func uniform(sequence: Int, position: Int) -> Float {
        let key = SampleKey(
            seed: seed, ticket: tickets[sequence / groupSize].key,
            sample: UInt32(sequence % groupSize))
        return key.uniform(position: UInt32(position))
    }
}

/// Why nothing was sampled.
package enum SamplingError: Error, Hashable, CustomStringConvertible {
    /// No snapshot was adopted yet.
    case noWeights
    /// TRL's name of a parameter, and its value.
    case badParameter(String, String)
    case emptyPrompt(TicketKey)
    case tokenOutOfRange(TicketKey, token: Int32, vocabulary: Int)
    case tooLong(TicketKey, prompt: Int, completion: Int, limit: Int)

    package var description: String {
        switch self {
        case .noWeights:
            "the sampler has no weights; adopt a snapshot first"
        case .badParameter(let name, let value):
            "sampling parameter \(name) = \(value) is out of range"
        case .emptyPrompt(let key):
            "the prompt of ticket (\(key)) is empty"
        case .tokenOutOfRange(let key, let token, let vocabulary):
            "the prompt of ticket (\(key)) has token \(token); vocab_size is \(vocabulary)"
        case .tooLong(let key, let prompt, let completion, let limit):
            "ticket (\(key)): prompt of \(prompt) tokens + max_completion_length \(completion) "
                + "exceeds max_position_embeddings \(limit)"
        }
    }
}

extension SamplingRequest {
    /// The request for one of the tickets alone.
    func only(_ ticket: Int) -> SamplingRequest {
        SamplingRequest(
            checked: [tickets[ticket]], groupSize: groupSize, parameters: parameters, seed: seed)
    }

    private init(
        checked tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) {
        self.tickets = tickets
        self.groupSize = groupSize
        self.parameters = parameters
        self.seed = seed
    }
}
