/// What makes each signed call a new one.
///
/// - Source: the protocol reference, section 3.3.
public enum MtGoxCallStamp: Hashable, Sendable, CustomStringConvertible {
    /// A number greater than that of every call before with the same key; up to 2^63.
    case nonce(UInt64)
    /// The time of the call in microseconds since 1970, never used before (from May 2013 on).
    case tonce(UInt64)

    /// The largest number that the venue takes: 2^63.
    public static var limit: UInt64 { 1 << 63 }

    /// The number.
    public var value: UInt64 {
        switch self {
        case .nonce(let value), .tonce(let value): value
        }
    }

    /// The name of the field that it stands in.
    public var name: String {
        switch self {
        case .nonce: "nonce"
        case .tonce: "tonce"
        }
    }

    /// The field as forms have it: `nonce=1364767201381791`.
    public var description: String { "\(name)=\(value)" }

    /// Takes what a call has of the two fields; exactly one of them must be there.
    ///
    /// - Throws: ``MtGoxSigningError`` for none, both, or a text that is no whole number up to 2^63.
    public init(nonce: String?, tonce: String?) throws(MtGoxSigningError) {
        switch (nonce, tonce) {
        case (let text?, nil): self = .nonce(try Self.read(text, "nonce"))
        case (nil, let text?): self = .tonce(try Self.read(text, "tonce"))
        default:
            throw MtGoxSigningError(
                .stamp, at: 0, expected: "one nonce or one tonce",
                found: nonce == nil ? "none" : "both")
        }
    }

    private static func read(_ text: String, _ name: String) throws(MtGoxSigningError) -> UInt64 {
        var value: UInt64 = 0
        for (offset, byte) in text.utf8.enumerated() {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else {
                throw MtGoxSigningError(
                    .stamp, at: offset, expected: "a digit of the \(name)",
                    found: byte > 0x20 && byte < 0x7F
                        ? "'\(Unicode.Scalar(byte))'" : "the byte \(byte)")
            }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !over, !carry, next <= limit else {
                throw MtGoxSigningError(
                    .stamp, at: offset, expected: "a \(name) up to 9223372036854775808",
                    found: "a larger one")
            }
            value = next
        }
        guard !text.isEmpty else {
            throw MtGoxSigningError(
                .stamp, at: 0, expected: "a digit of the \(name)", found: "the end")
        }
        return value
    }
}
