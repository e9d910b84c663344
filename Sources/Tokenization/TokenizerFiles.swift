private import Foundation

extension Tokenizer {
    /// Reads `tokenizer.json` in a model directory. Throws `TokenizerError`, also where there is none.
    package init(directory: String) throws(TokenizerError) {
        let file = directory + "/tokenizer.json"
        try self.init(json: try readBytes(file), file: file)
    }
}

/// The bytes of a file. Throws `TokenizerError` with the system's reason.
func readBytes(_ file: String) throws(TokenizerError) -> [UInt8] {
    do {
        return Array(try Data(contentsOf: URL(filePath: file)))
    } catch {
        throw TokenizerError(file: file, problem: .unreadable(reasonOfReadFailure(error)))
    }
}

func fileExists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }
