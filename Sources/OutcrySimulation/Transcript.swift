/// A conversation with a program, as text: what goes in, what has to come out, and the time between.
///
/// ```text
/// # A comment; blank lines count for nothing.
/// < GET / HTTP/1.1\r\n\r\n        bytes to the program under test
/// > HTTP/1.1 200 OK\r\n           bytes that it has to send, exactly
/// @+30s                           time passes: ns, us, ms, s, m, h
/// <.                              this side ends its half
/// >.                              the program has to end its half
/// <!                              the connection is reset
/// ```
///
/// Between the mark and the bytes stands one blank. Nothing is added: a line end is written `\r\n`. Other
/// escapes are `\t`, `\0`, `\\` and `\xHH` for any byte; blanks at the end of a line are written `\x20`.
/// Everything else is taken as it stands, in UTF-8.
public struct Transcript: Sendable, Equatable {
    /// What happens in one line.
    public enum Action: Sendable, Equatable {
        /// Bytes go to the program.
        case send([UInt8])
        /// Bytes have to come from the program.
        case expect([UInt8])
        /// Time passes.
        case wait(Duration)
        /// The peer ends its half.
        case end
        /// The program has to end its half.
        case expectEnd
        /// The connection is reset.
        case reset
    }
    /// One line.
    public struct Step: Sendable, Equatable {
        /// The number of the line, from 1.
        public let line: Int
        /// What happens in it.
        public let action: Action
    }

    /// The lines that say something, in order.
    public let steps: [Step]

    /// Reads a transcript.
    ///
    /// - Throws: ``TranscriptError`` with the line, what was expected there and what was found.
    public init(_ text: String) throws(TranscriptError) {
        var steps: [Step] = []
        for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        {
            if let action = try Self.action(line, i + 1) {
                steps.append(Step(line: i + 1, action: action))
            }
        }
        self.steps = steps
    }

    private static func action(
        _ line: Substring, _ number: Int
    ) throws(TranscriptError) -> Action? {
        var line = line
        while let last = line.last, last == " " || last == "\t" || last == "\r" {
            line.removeLast()
        }
        if line == "\r\n" { return nil }
        guard let mark = line.first, mark != "#" else { return nil }
        switch (mark, line) {
        case (_, "<."): return .end
        case (_, ">."): return .expectEnd
        case (_, "<!"): return .reset
        case ("<", _), (">", _):
            guard line.dropFirst().first == " " else {
                throw TranscriptError(
                    line: number,
                    expected: "a blank, \".\"\(mark == "<" ? " or \"!\"" : "") after \"\(mark)\"",
                    found: shown(line))
            }
            let bytes = try unescape(line.dropFirst(2), number)
            return mark == "<" ? .send(bytes) : .expect(bytes)
        case ("@", _): return .wait(try duration(line.dropFirst(), number))
        default:
            throw TranscriptError(
                line: number, expected: "a line that begins with <, >, @ or #", found: shown(line))
        }
    }

    private static func shown(_ text: Substring) -> String { "\"\(text)\"" }

    private static func duration(
        _ text: Substring, _ number: Int
    ) throws(TranscriptError) -> Duration {
        let error = TranscriptError(
            line: number, expected: "@+ and a time, like @+30s or @+250ms", found: "\"@\(text)\"")
        guard text.first == "+" else { throw error }
        let digits = text.dropFirst().prefix { $0 >= "0" && $0 <= "9" }
        guard let value = Int64(digits), value <= 1_000_000_000_000 else { throw error }
        switch text.dropFirst(1 + digits.count) {
        case "ns": return .nanoseconds(value)
        case "us": return .microseconds(value)
        case "ms": return .milliseconds(value)
        case "s": return .seconds(value)
        case "m": return .seconds(value * 60)
        case "h": return .seconds(value * 3600)
        default: throw error
        }
    }

    private static func unescape(
        _ text: Substring, _ number: Int
    ) throws(TranscriptError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            let escape = rest.popFirst()
            switch escape {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "\\"): bytes.append(92)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                    let value = UInt8(digits, radix: 16)
                else {
                    throw TranscriptError(
                        line: number, expected: "two hexadecimal digits after \\x",
                        found: "\"\(digits)\"")
                }
                rest = rest.dropFirst(2)
                bytes.append(value)
            default:
                let found = escape.map { "\"\\\(String(decoding: [$0], as: UTF8.self))\"" }
                throw TranscriptError(
                    line: number, expected: "one of \\r \\n \\t \\0 \\\\ \\xHH",
                    found: found ?? "the end of the line")
            }
        }
        return bytes
    }

    /// Bytes as they are written in a transcript.
    public static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        for (i, byte) in bytes.enumerated() {
            switch byte {
            case 13: text += "\\r"
            case 10: text += "\\n"
            case 9: text += "\\t"
            case 92: text += "\\\\"
            case 32 where i == bytes.count - 1: text += "\\x20"
            case 32..<127: text += String(decoding: [byte], as: UTF8.self)
            default:
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}

/// A transcript that cannot be read, or that the program under test did not follow.
public struct TranscriptError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of the line, from 1.
    public let line: Int
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// Makes an error of its three parts.
    public init(line: Int, expected: String, found: String) {
        self.line = line
        self.expected = expected
        self.found = found
    }

    /// `line 3: expected "OK\r\n", found "NO\r\n"`.
    public var description: String { "line \(line): expected \(expected), found \(found)" }
}
