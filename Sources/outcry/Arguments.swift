/// A mistake on the command line: what was expected and what came. Exit code 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What cannot be done now, though the words are right. Exit code 1.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The words of a command line: options in any order, then what is left.
struct Arguments {
    private var words: [String]

    /// What stands behind `--` of a command that runs another program: that, and its words.
    let program: [String]?

    init(_ words: [String]) {
        if let first = words.first,
            ["record", "replay", "paper", "explain", "trace"].contains(first),
            let end = words.firstIndex(of: "--")
        {
            self.words = Array(words[..<end])
            let rest = Array(words[(end + 1)...])
            program = rest.isEmpty ? nil : rest
        } else {
            self.words = words
            program = nil
        }
    }

    /// Takes `--name`; true if it was there.
    mutating func flag(_ name: String) -> Bool {
        guard let i = words.firstIndex(of: name) else { return false }
        words.remove(at: i)
        return true
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    mutating func option(_ name: String) throws(UsageError) -> String? {
        if let i = words.firstIndex(where: { $0.hasPrefix(name + "=") }) {
            return String(words.remove(at: i).dropFirst(name.count + 1))
        }
        guard let i = words.firstIndex(of: name) else { return nil }
        guard i + 1 < words.count, !words[i + 1].hasPrefix("--") else {
            throw UsageError(
                "\(name): expected a value behind it, found "
                    + (i + 1 < words.count ? "\"\(words[i + 1])\"" : "nothing"))
        }
        defer { words.removeSubrange(i...(i + 1)) }
        return words[i + 1]
    }

    /// Takes `--name`, with a value behind it where the next word is no option, or by `--name=VALUE`.
    mutating func flagWithValue(_ name: String) -> (isThere: Bool, value: String?) {
        if let i = words.firstIndex(where: { $0.hasPrefix(name + "=") }) {
            return (true, String(words.remove(at: i).dropFirst(name.count + 1)))
        }
        guard let i = words.firstIndex(of: name) else { return (false, nil) }
        words.remove(at: i)
        guard i < words.count, !words[i].hasPrefix("-") else { return (true, nil) }
        return (true, words.remove(at: i))
    }

    /// Takes a whole number in `range`.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = try option(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                "\(name): expected a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound), found \"\(text)\"")
        }
        return value
    }

    /// Takes `N/SECONDS`.
    mutating func rate(_ name: String) throws -> (count: Int, span: Duration)? {
        guard let text = try option(name) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), let seconds = Int64(parts[1]),
            (1...1_000_000).contains(count), (1...86_400).contains(seconds)
        else {
            throw UsageError(
                "\(name): expected a number and seconds such as 5/6, found \"\(text)\"")
        }
        return (count, .seconds(seconds))
    }

    /// Takes a decimal number above zero.
    mutating func positive(_ name: String) throws -> Double? {
        guard let text = try option(name) else { return nil }
        guard let value = Double(text), value > 0, value.isFinite else {
            throw UsageError("\(name): expected a number above 0, found \"\(text)\"")
        }
        return value
    }

    /// What is left, the first of it.
    var first: String? { words.first }

    /// Takes the next word that is no option; nil if there is none.
    mutating func word() -> String? {
        words.firstIndex { !$0.hasPrefix("-") }.map { words.remove(at: $0) }
    }

    /// Takes the next word that is no option.
    mutating func word(_ what: String) throws -> String {
        guard let word = word() else {
            throw UsageError("expected \(what), found " + (first.map { "\"\($0)\"" } ?? "nothing"))
        }
        return word
    }

    /// Nothing may be left.
    func finish() throws {
        guard let word = words.first else { return }
        throw UsageError(
            word.hasPrefix("-")
                ? "expected the options that --help lists, each once, found \"\(word)\""
                : "expected nothing more, found \"\(word)\"")
    }
}
