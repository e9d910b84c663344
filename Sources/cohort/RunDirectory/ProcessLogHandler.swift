package import Logging

/// Sends what is logged through swift-log to a `ProcessLog`. Metadata goes into the member `data`,
/// but for `step`, which has a place of its own.
package struct ProcessLogHandler: LogHandler {
    private let log: ProcessLog
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    package init(_ log: ProcessLog, level: Logger.Level = .info) {
        self.log = log
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadata
        merged.merge(metadataProvider?.get() ?? [:]) { $1 }
        merged.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { merged["error"] = "\(error)" }
        let step = merged["step"].flatMap { Int("\($0)") }
        if step != nil { merged["step"] = nil }
        log.log(
            level: event.level.rawValue, step: step, "\(event.message)",
            fields: merged.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
    }
}
