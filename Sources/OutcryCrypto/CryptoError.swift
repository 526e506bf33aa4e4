/// Why something in this module failed.
@nonexhaustive
public enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Text is not base64 or hex: at this offset, in characters, `found` stands for `expected`.
    case malformed(offset: Int, expected: String, found: String)
    /// libcrypto gave no random bytes; its error code.
    case noRandomness(code: UInt)
    /// Something that was given cannot be used, for it is not what was expected.
    case unusable(what: String, expected: String)
    /// libcrypto could not do this; its error code.
    case failed(call: String, code: UInt)

    /// One line with all the parts.
    public var description: String {
        switch self {
        case .malformed(let offset, let expected, let found):
            "malformed at character \(offset): expected \(expected), found \(found)"
        case .noRandomness(let code):
            "no random bytes: libcrypto error \(code)"
        case .unusable(let what, let expected):
            "expected \(what) to be \(expected), found that it is not"
        case .failed(let call, let code):
            "\(call) failed: libcrypto error \(code)"
        }
    }
}
