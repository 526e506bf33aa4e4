public import OutcryBytes

/// Why a codec refused its input, or a writer what it was given.
///
/// The one error type of this module's codecs. After it a codec is finished: every later call
/// throws the same error again. "Need more bytes" is never an error.
public struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of mistake it is.
    @nonexhaustive
    public enum Problem: String, Equatable, Sendable {
        /// The bytes break the grammar or a rule of the protocol.
        case malformed
        /// Text is not valid UTF-8.
        case invalidUTF8
        /// A message or body passes its limit.
        case tooLarge
        /// A head or trailer section passes its limit of bytes or of fields.
        case headTooLarge
        /// A request line passes the limit of the head.
        case targetTooLarge
        /// A version of the protocol that is not spoken here.
        case unsupportedVersion
        /// A method that is not for this end, as CONNECT for a server that is no proxy.
        case unsupportedMethod
        /// A transfer coding that is not spoken here.
        case unsupportedCoding
        /// The connection ended in the middle of something.
        case endedEarly
        /// A value handed in for writing may not go on the wire, as CR or LF in a header.
        case unwritable
        /// The queue to write into is full.
        case full
    }

    /// What kind of mistake it is.
    public let problem: Problem
    /// Where: the index of the offending byte, counted from the first byte of the unit that was
    /// being read (the frame, head, body or URL); it does not depend on how input was cut.
    public let offset: Int
    /// What was expected there.
    public let expected: String
    /// What was found instead; bytes that do not print are shown as `0x..`.
    public let found: String

    /// Makes an error from its four parts.
    public init(_ problem: Problem, at offset: Int, expected: String, found: String) {
        self.problem = problem
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// Turns a full queue into this error; the offset is 0.
    public init(_ full: ByteQueueFull) {
        self.init(
            .full, at: 0, expected: "room for \(full.wanted) bytes",
            found: "\(full.unread) of at most \(full.limit) bytes unread")
    }

    /// One line with all the parts.
    public var description: String {
        "\(problem.rawValue) at byte \(offset): expected \(expected), found \(found)"
    }

    /// The status that a server answers this error with, 400 to 505 (RFC 9110 section 15).
    public var httpStatus: Int {
        switch problem {
        case .tooLarge: 413
        case .headTooLarge: 431
        case .targetTooLarge: 414
        case .unsupportedVersion: 505
        case .unsupportedCoding, .unsupportedMethod: 501
        case .unwritable, .full: 500
        case .malformed, .invalidUTF8, .endedEarly: 400
        }
    }

    /// The code to close a WebSocket with after this error (RFC 6455 section 7.4.1).
    public var closeCode: WebSocketCloseCode {
        switch problem {
        case .invalidUTF8: .invalidPayload
        case .tooLarge, .headTooLarge, .targetTooLarge: .tooBig
        case .unwritable, .full: .internalError
        default: .protocolError
        }
    }
}

/// A byte as errors show it: `'a'` where it prints, else `0x0D`.
func show(_ byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7F { return "'\(Unicode.Scalar(byte))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return byte < 16 ? "0x0\(digits)" : "0x\(digits)"
}
