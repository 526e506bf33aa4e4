/// Why something in this module failed.
@nonexhaustive
public enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Text is not base64 or hex: at this offset, in characters, `found` stands for `expected`.
    case malformed(offset: Int, expected: String, found: String)
    /// libcrypto gave no random bytes; its error code.
    case noRandomness(code: UInt)

    /// One line with all the parts.
    public var description: String {
        switch self {
        case .malformed(let offset, let expected, let found):
            "malformed at character \(offset): expected \(expected), found \(found)"
        case .noRandomness(let code):
            "no random bytes: libcrypto error \(code)"
        }
    }
}
