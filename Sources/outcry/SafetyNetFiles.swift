import Glibc
import Outcry

/// The files of `outcry safetynet` that are read again on SIGHUP: certificate, key and tokens.
struct SafetyNetFiles {
    /// What it shows its clients; nil: it speaks plainly.
    let identity: TLSIdentity?
    private let tokenPath: String?

    /// Takes `--cert`, `--key` and `--tokens`.
    init(_ arguments: inout Arguments) throws {
        let chain = try arguments.option("--cert")
        let key = try arguments.option("--key")
        switch (chain, key) {
        case (let chain?, let key?):
            for (option, path) in [("--cert", chain), ("--key", key)] {
                guard unsafe access(path, R_OK) == 0 else {
                    throw UsageError(
                        "\(option): expected a file that can be read, found \"\(path)\"")
                }
            }
            identity = TLSIdentity(chain: .file(chain), key: .file(key))
        case (nil, nil): identity = nil
        case (_, nil): throw UsageError("--cert: expected --key FILE beside it, found none")
        case (nil, _): throw UsageError("--key: expected --cert FILE beside it, found none")
        }
        tokenPath = try arguments.option("--tokens")
    }

    /// The tokens as they are now: lines that are not empty and do not begin with `#`.
    ///
    /// - Throws: ``UsageError`` for a file that cannot be read, that others can read, and one without any.
    func tokens() throws(UsageError) -> [String] {
        guard let tokenPath else { return [] }
        return try Self.tokens(of: tokenPath, "--tokens")
    }

    /// The tokens in a file, one at least.
    static func tokens(of path: String, _ option: String) throws(UsageError) -> [String] {
        var facts = stat()
        if unsafe stat(path, &facts) == 0, facts.st_mode & 0o007 != 0 {
            throw UsageError(
                "\(option): expected \(path) to be closed to others (mode 600), "
                    + "found mode \(String(facts.st_mode & 0o777, radix: 8))")
        }
        let text = String(decoding: try Files.bytes(path), as: UTF8.self)
        let tokens = text.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !tokens.isEmpty else {
            throw UsageError("\(option): expected a token a line in \(path), found none")
        }
        return tokens
    }
}
