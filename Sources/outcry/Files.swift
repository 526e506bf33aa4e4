import Glibc

/// Files that a command reads before its kernel runs.
enum Files {
    /// The whole content of a file.
    ///
    /// - Throws: ``UsageError`` when it cannot be read.
    static func bytes(_ path: String) throws(UsageError) -> [UInt8] {
        guard let file = unsafe fopen(path, "re") else { throw problem(path) }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            bytes += piece[..<count]
            guard count == piece.count else { break }
        }
        guard unsafe ferror(file) == 0 else { throw problem(path) }
        return bytes
    }

    private static func problem(_ path: String) -> UsageError {
        UsageError(
            "expected a file that can be read, found \"\(path)\" (\(unsafe String(cString: strerror(errno))))"
        )
    }
}
