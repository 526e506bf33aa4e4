/// What a close frame says: a code, and some text for the log of the other end.
public struct WebSocketGoodbye: Equatable, Sendable, CustomStringConvertible {
    /// The code; ``WebSocketCloseCode/none`` where the frame has none.
    public let code: WebSocketCloseCode
    /// The text as it came; empty where there is none.
    public let reason: String

    /// Makes one.
    public init(_ code: WebSocketCloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Copies the text, whose bytes are known to be UTF-8.
    public init(_ code: WebSocketCloseCode, reason: Span<UInt8>) {
        self.init(
            code, reason: String(decoding: reason.indices.map { reason[$0] }, as: UTF8.self))
    }

    /// What answers it: its own code, if it has one.
    public var answer: WebSocketCloseCode { code.isAllowedOnWire ? code : .none }

    /// The code, and the text in one line: what is no text for a log becomes a space.
    public var description: String {
        guard !reason.isEmpty else { return code.description }
        let line = reason.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: " " as Unicode.Scalar
            default: scalar
            }
        }
        return "\(code) \(String(String.UnicodeScalarView(line)))"
    }
}
