/// Why bytes are not the JSON that a decoder asked for.
///
/// It says where, what was expected there, and what was found. It is a small value: throwing it
/// allocates nothing.
public struct JSONError: Error, Hashable, Sendable {
    /// The byte, counted from the beginning of the input, at which the trouble was seen.
    public let offset: Int
    /// What the grammar or the decoder wanted at `offset`.
    public let expected: Expectation
    /// What stands at `offset`.
    public let found: Finding

    /// Creates an error.
    public init(offset: Int, expected: Expectation, found: Finding) {
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// What the grammar or the decoder wanted.
    public enum Expectation: UInt8, Hashable, Sendable {
        /// Any value.
        case value
        /// `{`.
        case object
        /// `[`.
        case array
        /// A string.
        case string
        /// A number in JSON's grammar.
        case number
        /// A whole number that fits in 64 bits with sign, without fraction or exponent.
        case int64
        /// `true` or `false`.
        case bool
        /// `null`.
        case null
        /// A key, after a comma in an object.
        case key
        /// A key or `}`, after `{`.
        case keyOrObjectEnd
        /// `:` after a key.
        case colon
        /// `,` or `}`, after a value in an object.
        case commaOrObjectEnd
        /// `,` or `]`, after a value in an array.
        case commaOrArrayEnd
        /// A digit in a number.
        case digit
        /// One of the characters that may follow a backslash.
        case escape
        /// A hexadecimal digit of a `\u` escape.
        case hexDigit
        /// A `\u` escape of a low surrogate after one of a high surrogate; never one alone.
        case surrogatePair
        /// Well-formed UTF-8 (no surrogates, no overlong forms).
        case utf8
        /// An escape: control characters may not stand in a string as they are.
        case escapedControl
        /// No more than the reader's limit of nested containers.
        case lessDepth
        /// Input without a byte order mark.
        case noByteOrderMark
        /// Nothing but white space after the value.
        case endOfInput
    }

    /// What stands in the input.
    public enum Finding: Hashable, Sendable {
        /// Nothing: the input ends here.
        case endOfInput
        /// This byte.
        case byte(UInt8)
    }
}

extension JSONError: CustomStringConvertible {
    /// One line: `expected a colon, found '}' at offset 12`.
    public var description: String {
        "expected \(expected), found \(found) at offset \(offset)"
    }
}

extension JSONError.Expectation: CustomStringConvertible {
    /// The expectation in words.
    public var description: String {
        switch self {
        case .value: "a value"
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .int64: "a whole number that fits in 64 bits"
        case .bool: "true or false"
        case .null: "null"
        case .key: "a key"
        case .keyOrObjectEnd: "a key or '}'"
        case .colon: "a colon"
        case .commaOrObjectEnd: "a comma or '}'"
        case .commaOrArrayEnd: "a comma or ']'"
        case .digit: "a digit"
        case .escape: "one of \"\\/bfnrtu after a backslash"
        case .hexDigit: "a hexadecimal digit"
        case .surrogatePair: "a pair of surrogate escapes, high then low"
        case .utf8: "well-formed UTF-8"
        case .escapedControl: "control characters to be escaped"
        case .lessDepth: "fewer nested containers"
        case .noByteOrderMark: "no byte order mark"
        case .endOfInput: "the end of the input"
        }
    }
}

extension JSONError.Finding: CustomStringConvertible {
    /// The finding in words: printable ASCII as it is, other bytes in hexadecimal.
    public var description: String {
        switch self {
        case .endOfInput: "the end of the input"
        case .byte(let byte) where byte > 0x20 && byte < 0x7F:
            "'\(Character(Unicode.Scalar(byte)))'"
        case .byte(let byte):
            "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
