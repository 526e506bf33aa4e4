/// Finds the lines of a head, each byte looked at once however the input is cut.
///
/// A line ends with CR LF and nothing else: a CR without LF and a LF without CR are refused, since
/// two programs that read them differently can be set against each other (RFC 9112 section 11.2).
struct HTTPLineScanner: Sendable {
    /// The most bytes of all lines together, their ends included.
    let limit: Int
    /// The bytes of the lines that were taken: the offset of the next line in the unit.
    private(set) var used = 0
    /// How far the line at the position has been looked at.
    private var scanned = 0

    init(limit: Int) { self.limit = limit }

    /// Takes the next line.
    ///
    /// - Returns: The line without its end, or nil when its end is not there yet; ``take(_:_:)``
    ///   moves on.
    mutating func next(
        _ bytes: Span<UInt8>, at position: Int
    ) throws(CodecError) -> Range<Int>? {
        let end = position + min(bytes.count - position, limit - used)
        var index = position + scanned
        while index < end {
            let byte = bytes[index]
            if byte == HTTPSyntax.lineFeed {
                throw CodecError(
                    .malformed, at: used + index - position, expected: "CR before LF",
                    found: "a bare LF")
            }
            if byte == HTTPSyntax.carriageReturn {
                guard index + 1 < end else { break }
                guard bytes[index + 1] == HTTPSyntax.lineFeed else {
                    throw CodecError(
                        .malformed, at: used + index - position, expected: "LF behind CR",
                        found: show(bytes[index + 1]))
                }
                scanned = 0
                return position..<index
            }
            index += 1
        }
        scanned = index - position
        guard bytes.count - position < limit - used else {
            throw CodecError(
                .headTooLarge, at: limit, expected: "at most \(limit) bytes", found: "more")
        }
        return nil
    }

    /// Moves the position behind a line and its end.
    mutating func take(_ line: Range<Int>, _ position: inout Int) {
        position = line.upperBound + 2
        used += line.count + 2
    }
}
