public import OutcryKernel

/// A recording that was read: its head, and what happened, in its order.
public struct Recording: Sendable {
    /// What it is of.
    public let head: RecordingHead
    /// All lines but the first.
    public let lines: [RecordingLine]
    /// The last line was cut off: the program that wrote it did not come to its end.
    public let isCutOff: Bool

    /// Reads a recording.
    ///
    /// A last line without an end, as a crash leaves it, is left out.
    ///
    /// - Throws: The first line that cannot be read, and why.
    public init(_ bytes: [UInt8]) throws(RecordingError) {
        var head: RecordingHead?
        var lines: [RecordingLine] = []
        var number = 0
        var start = 0
        let span = bytes.span
        while let end = Self.lineEnd(span, from: start) {
            number += 1
            let line: RecordingLine
            do throws(RecordingLineError) {
                line = try RecordingLine(span.extracting(start..<end))
            } catch { throw RecordingError(line: number, problem: error.description) }
            start = end + 1
            if case .head(let found) = line {
                // Several runs may have written to one file: they are of one thing, or cannot be played.
                guard head == nil || head == found else {
                    throw RecordingError(
                        line: number, problem: "expected a recording of one stream, found another")
                }
                head = found
                continue
            }
            guard head != nil else {
                throw RecordingError(
                    line: number,
                    problem: "expected {\"outcry\":\"frames\",…} first, found something else")
            }
            lines.append(line)
        }
        guard let head else {
            throw RecordingError(
                line: 1, problem: "expected {\"outcry\":\"frames\",…}, found no whole line")
        }
        self.head = head
        self.lines = lines
        isCutOff = start < bytes.count
    }

    /// When the first thing happened.
    public var begin: WallTime? { lines.first?.time }
    /// When the last thing happened.
    public var end: WallTime? { lines.last?.time }

    private static func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0x0A { return index }
            index += 1
        }
        return nil
    }
}
