/// Where a message's body ends (RFC 9112 section 6.3).
public enum HTTPBodyFraming: Equatable, Sendable {
    /// There is no body: what follows is the next head, or after a 101 another protocol.
    case none
    /// The body is so many bytes, at least one.
    case length(Int)
    /// The body comes in chunks and says itself where it ends.
    case chunked
    /// The body ends with the connection.
    case untilClose

    /// Decides for a request.
    ///
    /// - Throws: ``CodecError`` for lengths that are malformed, differ, or stand beside a transfer
    ///   coding; for a coding other than `chunked` alone. The offset is 0.
    public init(of head: HTTPRequestHead) throws(CodecError) {
        self = try head.fields.framing(head.version) ?? .none
    }

    /// Decides for a response.
    ///
    /// - Parameter method: The method of the request that it answers.
    /// - Throws: As for a request.
    public init(of head: HTTPResponseHead, toMethod method: String) throws(CodecError) {
        let framing = try head.fields.framing(head.version)
        switch head.status {
        case 100..<200, 204, 304: self = .none
        case 200..<300 where method == "CONNECT": self = .none
        case _ where method == "HEAD": self = .none
        default: self = framing ?? .untilClose
        }
    }
}

extension HTTPFields {
    /// What Content-Length and Transfer-Encoding say together; nil if neither is there.
    func framing(_ version: HTTPVersion) throws(CodecError) -> HTTPBodyFraming? {
        let codings = values(of: "Transfer-Encoding")
        let lengths = values(of: "Content-Length")
        if codings.isEmpty {
            guard let first = lengths.first else { return nil }
            guard lengths.allSatisfy({ $0 == first }) else {
                throw Self.wrong("one Content-Length", lengths.joined(separator: " and "))
            }
            let length = try Self.length(first)
            return length == 0 ? HTTPBodyFraming.none : .length(length)
        }
        guard lengths.isEmpty else {
            throw Self.wrong("Content-Length or Transfer-Encoding", "both")
        }
        guard version == .http11 else {
            throw Self.wrong("no Transfer-Encoding in HTTP/1.0", codings.joined(separator: ", "))
        }
        guard codings.count == 1, HTTPSyntax.sameIgnoringCase(codings[0].utf8, "chunked".utf8)
        else {
            throw Self.coding(list("Transfer-Encoding"), codings.joined(separator: ", "))
        }
        return .chunked
    }

    private static func length(_ text: String) throws(CodecError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy(HTTPSyntax.isDigit), let length = Int(text) else {
            throw wrong("a number of bytes in Content-Length", "\"\(text.prefix(100))\"")
        }
        return length
    }

    /// Codings that end in `chunked` would be right but are not spoken; all others are wrong.
    private static func coding(_ list: [String], _ text: String) -> CodecError {
        let isChunked = list.map { HTTPSyntax.sameIgnoringCase($0.utf8, "chunked".utf8) }
        let isRight = isChunked.last == true && isChunked.count { $0 } == 1
        return CodecError(
            isRight ? .unsupportedCoding : .malformed, at: 0, expected: "the coding chunked alone",
            found: "\"\(text.prefix(100))\"")
    }

    private static func wrong(_ expected: String, _ found: String) -> CodecError {
        CodecError(.malformed, at: 0, expected: expected, found: String(found.prefix(200)))
    }
}
