/// Reads response heads, one after the other, strictly by RFC 9112.
///
/// Interim responses (100 to 199) are heads like any other; see ``HTTPResponseHead/isInterim``.
/// One thing is taken that the grammar does not have, since servers send it and it cannot be
/// misread: a status line that ends behind the status, without a space.
public struct HTTPResponseParser: Sendable {
    /// The limits it was made with.
    public let limits: HTTPLimits
    private var head: HTTPResponseHead?
    private var reader: HTTPFieldReader
    private var failure: CodecError?

    /// Makes a parser for the first head of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        reader = HTTPFieldReader(limits)
    }

    /// Reads on at `position` and moves it over the lines that are used up.
    ///
    /// - Returns: A head once its last line is there; then the body begins at `position` (ask
    ///   ``HTTPBodyFraming``), and after it the next call begins a new head. Nil when more
    ///   bytes are needed.
    /// - Throws: ``CodecError``; the offset counts from the head's first byte.
    /// - Complexity: O(n) in the bytes not looked at before.
    public mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> HTTPResponseHead? {
        if let failure { throw failure }
        do throws(CodecError) {
            return try read(bytes, at: &position)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> HTTPResponseHead? {
        if head == nil {
            guard let line = try reader.lines.next(bytes, at: position) else { return nil }
            head = try startLine(bytes, line, at: reader.lines.used)
            reader.lines.take(line, &position)
        }
        guard try reader.next(bytes, at: &position), var result = head else { return nil }
        result.fields = reader.fields
        _ = try HTTPBodyFraming(of: result, toMethod: "GET")
        head = nil
        reader = HTTPFieldReader(limits)
        return result
    }

    private func startLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>, at used: Int
    ) throws(CodecError) -> HTTPResponseHead {
        let offset = used - line.lowerBound
        let start = line.lowerBound
        let versionEnd = min(start + 8, line.upperBound)
        let version = try HTTPVersion.read(bytes, start..<versionEnd, offset: offset)
        guard line.count >= 12, bytes[start + 8] == HTTPSyntax.space,
            line.count == 12 || bytes[start + 12] == HTTPSyntax.space
        else {
            throw CodecError(
                .malformed, at: offset + versionEnd, expected: "a space, a status and a reason",
                found: HTTPSyntax.shown(bytes, versionEnd..<line.upperBound))
        }
        var status = 0
        for index in start + 9..<start + 12 {
            guard HTTPSyntax.isDigit(bytes[index]) else {
                throw CodecError(
                    .malformed, at: offset + index, expected: "a digit of the status",
                    found: show(bytes[index]))
            }
            status = status * 10 + Int(bytes[index] - 0x30)
        }
        guard status >= 100 else {
            throw CodecError(
                .malformed, at: offset + start + 9, expected: "a status from 100",
                found: "\(status)")
        }
        let reason = min(start + 13, line.upperBound)..<line.upperBound
        for index in reason where !HTTPSyntax.isText(bytes[index]) {
            throw CodecError(
                .malformed, at: offset + index, expected: "text in the reason",
                found: show(bytes[index]))
        }
        return HTTPResponseHead(
            status: status, reason: HTTPSyntax.string(bytes, reason), version: version)
    }
}
