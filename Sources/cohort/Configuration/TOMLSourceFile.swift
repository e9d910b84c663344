extension TOMLSource {
    /// Reads a configuration file. Throws a sentence with exit code 66 where it cannot be read and
    /// 65 where it is not UTF-8.
    package init(contentsOf path: String) throws(CommandFailure) {
        guard let text = String(validating: try POSIXFile.read(path), as: UTF8.self) else {
            throw CommandFailure(
                "the configuration file \(path) is not UTF-8 text; save it as UTF-8", .badData)
        }
        self.init(name: path, text: text)
    }
}
