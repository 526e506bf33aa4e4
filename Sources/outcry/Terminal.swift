import Glibc
import OutcryMarket

/// What the programs print: lines, and a picture that is drawn over itself.
enum Terminal {
    /// Standard output is a person's screen.
    static var isScreen: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes all of `text` to standard output.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line to standard output.
    static func line(_ text: String) { write(text + "\n") }

    /// Writes a sentence in lines of at most 78 columns.
    static func paragraph(_ text: String) {
        var row = ""
        for word in text.split(separator: Character(" ")) {
            if row.count + word.count + 1 > 78 {
                line(row)
                row = ""
            }
            row += row.isEmpty ? String(word) : " " + word
        }
        line(row)
    }

    /// Writes a line to standard error.
    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to file: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = unsafe Glibc.write(
                    file, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
                if count < 0, errno != EINTR, errno != EAGAIN { return }
                done += max(0, count)
            }
        }
    }

    /// Moves the cursor home and clears what is below: for a picture in the place of the last one.
    static let home = "\u{1b}[H\u{1b}[J"
    static let hideCursor = "\u{1b}[?25l\u{1b}[2J"
    static let showCursor = "\u{1b}[?25h"
    static func green(_ text: String) -> String { "\u{1b}[32m\(text)\u{1b}[0m" }
    static func red(_ text: String) -> String { "\u{1b}[31m\(text)\u{1b}[0m" }
    static func dim(_ text: String) -> String { "\u{1b}[2m\(text)\u{1b}[0m" }
}

extension String {
    /// With blanks in front, up to `width`.
    func right(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
    /// With blanks behind, up to `width`.
    func left(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

/// Numbers for people.
enum Show {
    /// With a comma every three digits.
    static func count(_ value: Int) -> String {
        var digits = Array(String(abs(value)))
        var i = digits.count - 3
        while i > 0 {
            digits.insert(",", at: i)
            i -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    /// A price without needless zeros, but with two decimals at least.
    static func price(_ price: Price) -> String { trimmed("\(price)", least: 2) }

    /// A quantity without needless zeros, but with two decimals at least.
    static func quantity(_ quantity: Quantity) -> String { trimmed("\(quantity)", least: 2) }

    private static func trimmed(_ text: String, least: Int) -> String {
        guard let point = text.firstIndex(of: ".") else { return text }
        var text = text
        while text.last == "0", text.distance(from: point, to: text.endIndex) > least + 1 {
            text.removeLast()
        }
        return text
    }

    /// Microseconds as µs, ms or s.
    static func micros(_ value: Int64) -> String {
        if value < 10_000 { return "\(value) us" }
        if value < 10_000_000 { return "\(value / 1000) ms" }
        return "\(value / 1_000_000) s"
    }
}
