import Glibc
import OutcryMarket

/// What the programs print: lines, and a picture that is drawn over itself.
enum Terminal {
    /// Standard output is a person's screen that understands the picture's commands.
    static var isScreen: Bool {
        guard isatty(STDOUT_FILENO) == 1 else { return false }
        guard let kind = unsafe getenv("TERM") else { return false }
        return unsafe String(cString: kind) != "dumb"
    }

    /// The rows of the screen now; 24 where nobody knows.
    static var rows: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return 24
        }
        return Int(size.ws_row)
    }

    /// Puts `/dev/null` where a standard descriptor is closed: else a socket would get its number, and
    /// the program would print into it. Before anything else is opened.
    static func holdStandardDescriptors() {
        for file in STDIN_FILENO...STDERR_FILENO where fcntl(file, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", O_RDWR)  // takes the lowest number: this one
        }
    }

    /// Writes all of `text` to standard output. Where nobody reads any more, or nothing can be
    /// written, the program ends.
    static func write(_ text: String) {
        let fault = write(text, to: STDOUT_FILENO)
        guard fault != 0 else { return }
        if fault == EPIPE {
            // As `cat` ends when `head` has seen enough; a reactor ignores this signal, for its sockets.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        } else {
            error("outcry: standard output: \(unsafe String(cString: strerror(fault)))")
        }
        Program.leave(1)
    }

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

    /// Writes a line to standard error, if it can be written.
    static func error(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    /// - Returns: 0, or why it could not be written.
    private static func write(_ text: String, to file: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = unsafe Glibc.write(
                    file, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    var room = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&room, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }

    /// Draws lines in the place of the last ones, as many as the screen has rows for.
    static func draw(_ lines: [String]) {
        let clearToEnd = "\u{1b}[K\n"
        let picture = lines.prefix(max(1, rows - 1)).joined(separator: clearToEnd)
        write("\u{1b}[H" + picture + clearToEnd + "\u{1b}[J")
    }

    /// For a picture: an empty screen without a cursor, on which long lines are cut, not wrapped.
    static let beginPicture = "\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
    static let endPicture = "\u{1b}[?7h\u{1b}[?25h"
    static func green(_ text: String) -> String { "\u{1b}[32m\(text)\u{1b}[0m" }
    static func red(_ text: String) -> String { "\u{1b}[31m\(text)\u{1b}[0m" }
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

    /// Nanoseconds as ns, µs, ms or s.
    static func nanos(_ value: Int64) -> String {
        value < 10_000 ? "\(value) ns" : micros(value / 1000)
    }

    /// A duration in seconds with one decimal.
    static func seconds(_ value: Duration) -> String {
        let (seconds, rest) = value.components
        return "\(seconds).\(rest / 100_000_000_000_000_000) s"
    }
}
