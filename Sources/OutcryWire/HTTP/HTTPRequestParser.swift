/// Reads request heads, one after the other, strictly by RFC 9112.
///
/// Refused is whatever two programs could read differently: folded lines, CR or LF alone, blanks
/// before a colon, bytes outside the grammar, lengths that differ or are given twice over
/// (see ``HTTPBodyFraming``), a Host missing, doubled or malformed.
public struct HTTPRequestParser: Sendable {
    /// The limits it was made with.
    public let limits: HTTPLimits
    private var head: HTTPRequestHead?
    private var reader: HTTPFieldReader
    private var failure: CodecError?

    /// A start line has been taken, and not yet the end of its head.
    public var isInside: Bool { head != nil }

    /// Makes a parser for the first head of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        reader = HTTPFieldReader(limits)
    }

    /// Reads on at `position` and moves it over the lines that are used up.
    ///
    /// - Returns: A head once its last line is there; then the body begins at `position`, and after
    ///   it the next call begins a new head. Nil when more bytes are needed.
    /// - Throws: ``CodecError``, with ``CodecError/httpStatus`` to answer with; the offset counts
    ///   from the head's first byte.
    /// - Complexity: O(n) in the bytes not looked at before.
    public mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> HTTPRequestHead? {
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
    ) throws(CodecError) -> HTTPRequestHead? {
        while head == nil {
            guard let line = try nextLine(bytes, at: position) else { return nil }
            // Empty lines before a request are passed over (RFC 9112 section 2.2).
            if !line.isEmpty { head = try startLine(bytes, line, at: reader.lines.used) }
            reader.lines.take(line, &position)
        }
        guard try reader.next(bytes, at: &position), var result = head else { return nil }
        result.fields = reader.fields
        try checkHost(&result)
        _ = try HTTPBodyFraming(of: result)
        head = nil
        reader = HTTPFieldReader(limits)
        return result
    }

    private mutating func nextLine(
        _ bytes: Span<UInt8>, at position: Int
    ) throws(CodecError) -> Range<Int>? {
        do throws(CodecError) {
            return try reader.lines.next(bytes, at: position)
        } catch {
            guard error.problem == .headTooLarge else { throw error }
            throw CodecError(
                .targetTooLarge, at: error.offset, expected: error.expected, found: error.found)
        }
    }

    private func startLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>, at used: Int
    ) throws(CodecError) -> HTTPRequestHead {
        let offset = used - line.lowerBound
        var index = line.lowerBound
        while index < line.upperBound, HTTPSyntax.isToken(bytes[index]) { index += 1 }
        let method = line.lowerBound..<index
        guard !method.isEmpty, index < line.upperBound, bytes[index] == HTTPSyntax.space else {
            throw wrong(bytes, line, index, offset, "a method and then a space")
        }
        index += 1
        let targetStart = index
        while index < line.upperBound, HTTPSyntax.isTarget(bytes[index]) { index += 1 }
        let target = targetStart..<index
        guard !target.isEmpty, index < line.upperBound, bytes[index] == HTTPSyntax.space else {
            throw wrong(bytes, line, index, offset, "a target and then a space")
        }
        let head = HTTPRequestHead(
            method: HTTPSyntax.string(bytes, method), target: HTTPSyntax.string(bytes, target),
            version: try HTTPVersion.read(bytes, index + 1..<line.upperBound, offset: offset))
        guard head.hasTargetForm else {
            throw CodecError(
                .malformed, at: offset + targetStart,
                expected: "a target that \(head.method) takes",
                found: HTTPSyntax.shown(bytes, target))
        }
        return head
    }

    private func wrong(
        _ bytes: Span<UInt8>, _ line: Range<Int>, _ index: Int, _ offset: Int, _ expected: String
    ) -> CodecError {
        CodecError(
            .malformed, at: offset + index, expected: expected,
            found: index < line.upperBound ? show(bytes[index]) : "the end of the line")
    }

    /// RFC 9112 section 3.2: one Host in HTTP/1.1, and nothing odd in it. The host of an absolute target
    /// takes its place, so that nobody behind reads another one (section 3.2.2).
    private func checkHost(_ head: inout HTTPRequestHead) throws(CodecError) {
        let hosts = head.fields.values(of: "Host")
        guard hosts.count == 1 || hosts.isEmpty && head.version == .http10 else {
            throw CodecError(
                .malformed, at: reader.lines.used, expected: "one Host field",
                found: "\(hosts.count)")
        }
        guard hosts.allSatisfy({ $0.isEmpty || HTTPAuthority($0.utf8) != nil }) else {
            throw CodecError(
                .malformed, at: reader.lines.used, expected: "a host and a port in Host",
                found: "\"\(hosts[0].prefix(100))\"")
        }
        if let authority = head.authority,
            hosts.first.map({ !HTTPSyntax.sameIgnoringCase($0.utf8, authority.utf8) }) ?? true
        {
            head.fields.replace("Host", String(authority))
        }
    }
}

extension HTTPRequestHead {
    /// Whether the target is in one of the four forms of RFC 9112 section 3.2.
    var hasTargetForm: Bool {
        if method == "CONNECT" { return HTTPAuthority(target.utf8)?.hasPort == true }
        if target.hasPrefix("/") { return true }
        if target == "*" { return method == "OPTIONS" }
        let start = target.prefix(8).lowercased()
        guard start.hasPrefix("http://") || start.hasPrefix("https://"), let authority else {
            return false
        }
        return HTTPAuthority(authority.utf8) != nil
    }
}

extension HTTPVersion {
    /// Reads `HTTP/1.x` and nothing else.
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>, offset: Int
    ) throws(CodecError) -> HTTPVersion {
        let text = HTTPSyntax.string(bytes, range)
        guard range.count == 8, text.hasPrefix("HTTP/"), text.utf8.count == 8,
            HTTPSyntax.isDigit(bytes[range.lowerBound + 5]), bytes[range.lowerBound + 6] == 0x2E,
            HTTPSyntax.isDigit(bytes[range.lowerBound + 7])
        else {
            throw CodecError(
                .malformed, at: offset + range.lowerBound, expected: "HTTP/1.1",
                found: HTTPSyntax.shown(bytes, range))
        }
        guard bytes[range.lowerBound + 5] == 0x31 else {
            throw CodecError(
                .unsupportedVersion, at: offset + range.lowerBound, expected: "HTTP/1.1",
                found: text)
        }
        return bytes[range.lowerBound + 7] == 0x30 ? .http10 : .http11
    }
}
