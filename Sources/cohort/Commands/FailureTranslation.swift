import ArgumentParser
import Checkpoints
import Ledger
import Ports
import Tokenization
import Training
import Transformer
import ZeroMQ
import ZeroMQTransport

extension CommandFailure {
    /// What an error of any part means to the user; `nil` for the argument parser's own, which knows how
    /// to show itself.
    init?(describing error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as ConfigurationFailure: self.init(failure)
        case let failure as FileError: self.init("\(failure)", ExitCode(errno: failure.code) ?? .inputOutput)
        case let failure as InsufficientSpace: self.init("\(failure)", .inputOutput)
        case let failure as Divergence: self.init("\(failure)", .badData)
        case let failure as LedgerError: self.init(failure)
        case let failure as CheckpointError: self.init("\(failure)", failure.exitCode)
        case let failure as LearnerAborted: self.init("\(failure)", .badData)
        case let failure as WeightsError: self.init("\(failure)", .badData)
        case let failure as SafetensorsError: self.init("\(failure)", .badData)
        case let failure as ModelConfigurationError: self.init("\(failure)", .badData)
        case let failure as TokenizerError: self.init("\(failure)", failure.isUnreadable ? .noInput : .badData)
        case let failure as TemplateError: self.init("\(failure)", .badData)
        case let failure as InsecureEndpoint: self.init("\(failure)", .configuration)
        case let failure as KeyFileError: self.init("\(failure)", .configuration)
        case let failure as StrangerAdmitted: self.init("\(failure)", .peerUnavailable)
        case let failure as LinkConfigurationError: self.init("\(failure)", .configuration)
        case let failure as GroupTooLarge: self.init("\(failure)", .configuration)
        case let failure as WorkerRefused: self.init("\(failure)", .configuration)
        case let failure as WorkerBarred: self.init("\(failure)", .badData)
        case let failure as LearnerLost: self.init("\(failure)", .peerUnavailable)
        case let failure as ZeroMQError: self.init("\(failure)", .peerUnavailable)
        case let failure as RunDirectoryError: self.init(failure)
        case let failure as SamplingError: self.init("\(failure)", .badData)
        case let failure as NonFiniteGradient: self.init("\(failure)", .badData)
        case is CancellationError: self.init("interrupted", .interrupted)
        case is CleanExit, is ValidationError, is ArgumentParser.ExitCode: return nil
        default:
            guard Self.isOurs(error) else { return nil }
            self.init("\(error)", .internalError)
        }
    }

    /// The argument parser's private error types are told from ours by their module.
    private static func isOurs(_ error: any Error) -> Bool {
        !String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}

extension CommandFailure {
    private init(_ failure: LedgerError) {
        let exitCode: ExitCode =
            switch failure.code {
            case .noFile: .noInput
            case .inputOutput, .full: .inputOutput
            case .contradiction: .internalError
            case .wrongFile, .damaged, .pruned: .badData
            }
        self.init(failure.description, exitCode)
    }
}

extension CheckpointError {
    /// A disk that does not give back what was written is told from a record that is wrong.
    fileprivate var exitCode: ExitCode {
        if case .unverified = self { .inputOutput } else { .badData }
    }
}

extension TokenizerError {
    /// Whether the file is not there, or nobody may read it.
    fileprivate var isUnreadable: Bool {
        if case .unreadable = problem { true } else { false }
    }
}
