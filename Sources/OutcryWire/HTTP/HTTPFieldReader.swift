/// Reads field lines up to the empty one: of a head and of a trailer section.
struct HTTPFieldReader: Sendable {
    var lines: HTTPLineScanner
    let limit: Int
    var fields = HTTPFields()

    init(_ limits: HTTPLimits) {
        lines = HTTPLineScanner(limit: limits.headBytes)
        limit = limits.fields
    }

    /// Reads on; true when the empty line has been taken.
    mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(CodecError) -> Bool {
        while let line = try lines.next(bytes, at: position) {
            if line.isEmpty {
                lines.take(line, &position)
                return true
            }
            try readField(bytes, line)
            lines.take(line, &position)
        }
        return false
    }

    private mutating func readField(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(CodecError) {
        guard fields.count < limit else {
            throw CodecError(
                .headTooLarge, at: lines.used, expected: "at most \(limit) fields", found: "more")
        }
        if HTTPSyntax.isBlank(bytes[line.lowerBound]) {
            throw CodecError(
                .malformed, at: lines.used, expected: "a field name",
                found: "a blank: folded lines are refused")
        }
        var colon = line.lowerBound
        while colon < line.upperBound, HTTPSyntax.isToken(bytes[colon]) { colon += 1 }
        let offset = lines.used - line.lowerBound
        guard colon < line.upperBound, bytes[colon] == HTTPSyntax.colon, colon > line.lowerBound
        else {
            throw CodecError(
                .malformed, at: offset + colon, expected: "a field name and then ':'",
                found: colon < line.upperBound ? show(bytes[colon]) : "the end of the line")
        }
        let value = HTTPSyntax.trimmed(bytes, colon + 1..<line.upperBound)
        for index in value where !HTTPSyntax.isText(bytes[index]) {
            throw CodecError(
                .malformed, at: offset + index,
                expected:
                    "text in the value of \(HTTPSyntax.string(bytes, line.lowerBound..<colon))",
                found: show(bytes[index]))
        }
        fields.append(bytes, name: line.lowerBound..<colon, value: value)
    }
}
