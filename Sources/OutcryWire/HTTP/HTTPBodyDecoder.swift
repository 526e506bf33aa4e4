/// Reads the body of one message; the pieces it finds are ranges of the bytes given to it.
public struct HTTPBodyDecoder: Sendable {
    /// What lies at the position.
    public enum Found: Equatable, Sendable {
        /// Nothing complete yet: more bytes are needed.
        case needMore
        /// A piece of the body, not empty; the range counts from the start of the bytes given.
        case data(Range<Int>)
        /// The body is complete; every later call says so again.
        case end
    }

    /// The fields behind the last chunk; complete when the end has been found.
    public var trailers: HTTPFields { reader.fields }

    private let limits: HTTPLimits
    private var state: State
    private var reader: HTTPFieldReader
    /// The bytes used before the position: the offset of errors.
    private var used = 0
    /// The bytes of body found so far.
    private var total = 0
    private var extensionBytes = 0
    private var failure: CodecError?

    private enum State: Equatable, Sendable {
        case remaining(Int)
        case untilClose
        case size(Int, digits: Int)
        case chunkExtension(Int, HTTPChunkExtension)
        case sizeLineFeed(Int)
        case chunk(Int)
        case chunkReturn
        case chunkLineFeed
        case trailers
        case end
    }

    /// Makes a decoder for one body.
    public init(_ framing: HTTPBodyFraming, limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        reader = HTTPFieldReader(limits)
        switch framing {
        case .none: state = .end
        case .length(let length): state = length > 0 ? .remaining(length) : .end
        case .chunked: state = .size(0, digits: 0)
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the body is complete.
    public var isComplete: Bool { state == .end }

    /// Reads on at `position` and moves it over what is used up.
    ///
    /// - Throws: ``CodecError``, also for a body larger than its limit (as soon as that is known);
    ///   the offset counts from the body's first byte.
    public mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> Found {
        if let failure { throw failure }
        let start = position
        do throws(CodecError) {
            let found = try read(bytes, at: &position)
            used += position - start
            return found
        } catch {
            failure = error
            throw error
        }
    }

    /// Says that the connection has ended: right for a body that ends so, or that is complete.
    ///
    /// - Throws: ``CodecError`` (ended early) where bytes are missing.
    public mutating func finish() throws(CodecError) {
        if let failure { throw failure }
        if state == .untilClose { state = .end }
        guard state == .end else {
            let error = CodecError(
                .endedEarly, at: used, expected: "the rest of the body", found: "the end of input")
            failure = error
            throw error
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> Found {
        let start = position
        while true {
            switch state {
            case .end: return .end
            case .remaining(let count):
                if total == 0 { try checkTotal(adding: count, at: used) }
                guard let piece = take(count, bytes, &position) else { return .needMore }
                state = piece.count == count ? .end : .remaining(count - piece.count)
                return .data(piece)
            case .untilClose:
                guard position < bytes.count else { return .needMore }
                let room = limits.bodyBytes - total
                guard let piece = take(room, bytes, &position) else {
                    throw tooLarge("more", at: used)
                }
                return .data(piece)
            case .chunk(let count):
                guard let piece = take(count, bytes, &position) else { return .needMore }
                state = piece.count == count ? .chunkReturn : .chunk(count - piece.count)
                return .data(piece)
            case .trailers:
                guard try readTrailers(bytes, &position, used + position - start) else {
                    return .needMore
                }
                state = .end
            default:
                guard position < bytes.count else { return .needMore }
                try readFraming(bytes[position], at: used + position - start)
                position += 1
            }
        }
    }

    private mutating func take(
        _ count: Int, _ bytes: Span<UInt8>, _ position: inout Int
    ) -> Range<Int>? {
        let end = position + min(count, bytes.count - position)
        guard end > position else { return nil }
        defer { position = end }
        total += end - position
        return position..<end
    }

    private func checkTotal(adding count: Int, at offset: Int) throws(CodecError) {
        guard count <= limits.bodyBytes, total <= limits.bodyBytes - count else {
            throw tooLarge("\(total) bytes and \(count) more", at: offset)
        }
    }

    private func tooLarge(_ found: String, at offset: Int) -> CodecError {
        CodecError(
            .tooLarge, at: offset, expected: "a body of at most \(limits.bodyBytes) bytes",
            found: found)
    }

    private mutating func readTrailers(
        _ bytes: Span<UInt8>, _ position: inout Int, _ offset: Int
    ) throws(CodecError) -> Bool {
        let base = offset - reader.lines.used
        do throws(CodecError) {
            return try reader.next(bytes, at: &position)
        } catch {
            throw CodecError(
                error.problem, at: base + error.offset, expected: error.expected, found: error.found
            )
        }
    }

    /// Takes one byte of a chunk's size line or of the end of its data (RFC 9112 section 7.1).
    private mutating func readFraming(_ byte: UInt8, at offset: Int) throws(CodecError) {
        switch state {
        case .size(let size, let digits):
            if let value = HTTPSyntax.hexValue(byte) {
                let (product, overflow) = size.multipliedReportingOverflow(by: 16)
                guard !overflow, digits < 16 else {
                    throw CodecError(
                        .tooLarge, at: offset, expected: "a chunk size below 2^63",
                        found: "more digits")
                }
                state = .size(product | value, digits: digits + 1)
            } else if digits > 0, let found = HTTPChunkExtension(byte) {
                state = .chunkExtension(size, found)
            } else {
                guard digits > 0 else { throw wrong(byte, offset, "a chunk size") }
                try expect(HTTPSyntax.carriageReturn, byte, offset, "CR or ';' behind a chunk size")
                state = .sizeLineFeed(size)
            }
        case .chunkExtension(let size, var found):
            if byte == HTTPSyntax.carriageReturn, found.isComplete {
                state = .sizeLineFeed(size)
            } else {
                guard found.take(byte) else {
                    throw wrong(byte, offset, "a chunk extension: ';', a name, '=' and a value")
                }
                state = .chunkExtension(size, found)
                extensionBytes += 1
                guard extensionBytes <= limits.chunkExtensionBytes else {
                    throw CodecError(
                        .headTooLarge, at: offset,
                        expected: "at most \(limits.chunkExtensionBytes) bytes of extensions",
                        found: "more")
                }
            }
        case .sizeLineFeed(let size):
            try expect(HTTPSyntax.lineFeed, byte, offset, "LF behind CR")
            try checkTotal(adding: size, at: offset)
            state = size == 0 ? .trailers : .chunk(size)
        case .chunkReturn:
            try expect(HTTPSyntax.carriageReturn, byte, offset, "CR behind a chunk")
            state = .chunkLineFeed
        default:
            try expect(HTTPSyntax.lineFeed, byte, offset, "LF behind a chunk")
            state = .size(0, digits: 0)
        }
    }

    private func expect(
        _ wanted: UInt8, _ byte: UInt8, _ offset: Int, _ expected: String
    ) throws(CodecError) {
        guard byte == wanted else { throw wrong(byte, offset, expected) }
    }

    private func wrong(_ byte: UInt8, _ offset: Int, _ expected: String) -> CodecError {
        CodecError(.malformed, at: offset, expected: expected, found: show(byte))
    }
}
