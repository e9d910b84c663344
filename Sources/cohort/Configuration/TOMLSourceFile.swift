private import Foundation

extension TOMLSource {
    /// Reads a configuration file. Throws a sentence with exit code 66 where it cannot be read and
    /// 65 where it is not UTF-8.
    package init(contentsOf path: String) throws(CommandFailure) {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure(
                "cannot read the configuration file \(path): \(readable(error))", .noInput)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                "the configuration file \(path) is not UTF-8 text; save it as UTF-8", .badData)
        }
        self.init(name: path, text: text)
    }
}
