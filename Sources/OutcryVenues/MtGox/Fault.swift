import OutcryWire

/// Why a message or a reply could not be read: where, what was expected, what was found.
public struct MtGoxFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte, counted from the beginning of the text.
    public let offset: Int
    /// The field that `offset` is in, such as `depth.price_int` or `return.asks[3].stamp`; empty
    /// outside of all fields.
    public let path: String
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// One line with all the parts.
    public var description: String {
        "expected \(expected), found \(found) at offset \(offset)"
            + (path.isEmpty ? "" : " in \(path)")
    }

    /// Names a fault outside of all fields.
    init(at offset: Int, expected: String, found: String) {
        (self.offset, self.expected, self.found, path) = (offset, expected, found, "")
    }

    /// Says in words why reading stopped.
    init(_ stop: Stop, in text: Span<UInt8>) {
        let words = StopWords(stop, in: text)
        (offset, path) = (words.offset, words.path)
        (expected, found) = (words.expected, words.found)
    }
}
