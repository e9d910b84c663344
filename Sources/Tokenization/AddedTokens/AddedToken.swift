/// One entry of `added_tokens`: text that becomes one id wherever it stands.
struct AddedToken: Sendable {
    let id: Int32
    let content: String
    let isSpecial: Bool
    /// Takes the white space on its left with it.
    let stripsLeft: Bool
    let stripsRight: Bool
    /// Only where no word character stands on either side.
    let isSingleWord: Bool
    /// Looked for in the normalised text instead of the raw text.
    let isNormalized: Bool

    init(_ settings: SettingsReader) throws(TokenizerError) {
        id = try settings.tokenID(try settings.required("id"), "id")
        content = try settings.string("content")
        isSpecial = try settings.flag("special", default: false)
        stripsLeft = try settings.flag("lstrip", default: false)
        stripsRight = try settings.flag("rstrip", default: false)
        isSingleWord = try settings.flag("single_word", default: false)
        isNormalized = try settings.flag("normalized", default: !isSpecial)
    }
}
