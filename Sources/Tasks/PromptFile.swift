private import Foundation
private import Tokenization

extension PromptSet {
    /// Reads a JSON Lines file: one object per line with `prompt` (a text, or a list of
    /// `{"role", "content"}`) and any further columns. Lines of white space only are skipped (they still
    /// count as lines); a byte order mark at the beginning is ignored. Text prompts are encoded with the
    /// tokenizer's own special tokens, conversations are rendered with the chat template (with the
    /// beginning of the assistant's turn) and encoded without. Throws `DataError` for the first bad row.
    package init(file: String, reading: PromptReading) throws(DataError) {
        let bytes: [UInt8]
        do { bytes = Array(try Data(contentsOf: URL(filePath: file))) } catch {
            throw DataError(
                place: .init(file: file), problem: .unreadable(reasonOfReadFailure(error)))
        }
        try self.init(jsonLines: bytes, file: file, reading: reading)
    }

    /// As `init(file:reading:)`, from bytes; `file` stands in errors.
    package init(jsonLines bytes: [UInt8], file: String, reading: PromptReading) throws(DataError) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        var rows: [PromptRow] = []
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
            let place = DataError.Place(file: file, line: index + 1)
            rows.append(try RowReader(place: place, reading: reading).row(Array(line)))
        }
        guard !rows.isEmpty else { throw DataError(place: .init(file: file), problem: .noRows) }
        self.init(rows: rows)
    }
}
