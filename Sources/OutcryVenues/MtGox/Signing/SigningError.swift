/// Why credentials or a signed call could not be read: which part, where, what was expected and found.
///
/// It never shows anything of a secret, nor of a code that somebody else may want to know.
public struct MtGoxSigningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What could not be read.
    public enum Part: String, Hashable, Sendable {
        /// The GUID of a key, in credentials or in `Rest-Key`.
        case key = "the key"
        /// A file with a key and its secret.
        case file = "the key file"
        /// The secret of credentials.
        case secret = "the secret"
        /// The value of `Rest-Sign`.
        case signature = "Rest-Sign"
        /// The base64 text of an `op:call`.
        case call = "the call's base64"
        /// What that text stands for.
        case blob = "the call's bytes"
        /// The JSON inside of it.
        case body = "the call's JSON"
        /// A `nonce` or a `tonce`.
        case stamp = "nonce or tonce"
    }

    /// What could not be read.
    public let part: Part
    /// The byte, counted from the beginning of the part.
    public let offset: Int
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// Makes an error of its parts.
    public init(_ part: Part, at offset: Int, expected: String, found: String) {
        self.part = part
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line with all the parts.
    public var description: String {
        "expected \(expected), found \(found) at offset \(offset) of \(part.rawValue)"
    }
}
