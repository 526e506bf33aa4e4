/// Reads what may stand behind a chunk's size, byte by byte: nothing but names, with values perhaps, each behind
/// a semicolon (RFC 9112 section 7.1.1). Nobody needs them; but where one program ends such a line and another
/// reads on, the two disagree about where a chunk begins.
struct HTTPChunkExtension: Equatable, Sendable {
    private enum Place: Equatable {
        /// Blanks that a semicolon has to follow.
        case blanks
        /// Behind a semicolon.
        case beforeName
        case name
        /// Blanks that a semicolon or an equals sign has to follow.
        case blanksBehindName
        /// Behind an equals sign.
        case beforeValue
        case value
        case quoted
        /// Behind a backslash in quotes.
        case escaped
        /// Behind the quotes.
        case closed
    }

    private var place: Place

    /// Begins with the byte behind the size; nil where no extension begins so.
    init?(_ first: UInt8) {
        switch first {
        case UInt8(ascii: ";"): place = .beforeName
        case _ where HTTPSyntax.isBlank(first): place = .blanks
        default: return nil
        }
    }

    /// Whether the line may end here.
    var isComplete: Bool { place == .name || place == .value || place == .closed }

    /// Takes a byte; false where it may not stand here.
    mutating func take(_ byte: UInt8) -> Bool {
        guard let next = next(byte) else { return false }
        place = next
        return true
    }

    private func next(_ byte: UInt8) -> Place? {
        let isBlank = HTTPSyntax.isBlank(byte)
        let isToken = HTTPSyntax.isToken(byte)
        let isText = HTTPSyntax.isText(byte)
        return switch (place, byte) {
        case (.escaped, _): isText ? .quoted : nil
        case (.quoted, UInt8(ascii: "\"")): .closed
        case (.quoted, UInt8(ascii: "\\")): .escaped
        case (.quoted, _): isText ? .quoted : nil
        case (.beforeName, _): isBlank ? .beforeName : isToken ? .name : nil
        case (.beforeValue, UInt8(ascii: "\"")): .quoted
        case (.beforeValue, _): isBlank ? .beforeValue : isToken ? .value : nil
        case (_, UInt8(ascii: ";")): .beforeName
        case (.name, UInt8(ascii: "=")), (.blanksBehindName, UInt8(ascii: "=")): .beforeValue
        case (.name, _): isBlank ? .blanksBehindName : isToken ? .name : nil
        case (.blanksBehindName, _): isBlank ? .blanksBehindName : nil
        case (.value, _): isBlank ? .blanks : isToken ? .value : nil
        case (.closed, _), (.blanks, _): isBlank ? .blanks : nil
        }
    }
}
