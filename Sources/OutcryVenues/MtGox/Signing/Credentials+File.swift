extension MtGoxCredentials {
    /// Reads what a key file holds: two lines, in any order, beside empty ones and comments.
    ///
    /// ```
    /// # my trading key
    /// key = a8f0c118-f963-430a-9150-02fc673afdda
    /// secret = drhKbSNUZOponGTy1buU79RhDSp6R5Oskwk+Zpm5VJjBGO35uVYtW8rOWURaDD7CJZAnj98cYBaoInCAYqfdTQ==
    /// ```
    ///
    /// - Throws: ``MtGoxSigningError``, which shows nothing of what was read.
    public init(file: Span<UInt8>) throws(MtGoxSigningError) {
        var key: Range<Int>?
        var secret: Range<Int>?
        var start = 0
        while start < file.count {
            var end = start
            while end < file.count, file[end] != UInt8(ascii: "\n") { end += 1 }
            let line = Self.trimmed(file, start..<end)
            start = end + 1
            guard !line.isEmpty, file[line.lowerBound] != UInt8(ascii: "#") else { continue }
            guard let sign = line.first(where: { file[$0] == UInt8(ascii: "=") }) else {
                throw MtGoxSigningError(
                    .file, at: line.lowerBound, expected: "a line 'key = …' or 'secret = …'",
                    found: "a line without '='")
            }
            let name = Self.trimmed(file, line.lowerBound..<sign)
            let value = Self.trimmed(file, sign + 1..<line.upperBound)
            if Self.equal(file, name, "key"), key == nil {
                key = value
            } else if Self.equal(file, name, "secret"), secret == nil {
                secret = value
            } else {
                throw MtGoxSigningError(
                    .file, at: line.lowerBound, expected: "'key' and 'secret', once each",
                    found: "another name, or one of them again")
            }
        }
        guard let key, let secret else {
            throw MtGoxSigningError(
                .file, at: file.count,
                expected: key == nil ? "a line 'key = …'" : "a line 'secret = …'",
                found: "the end")
        }
        try self.init(key: file.extracting(key), secret: file.extracting(secret))
    }

    /// A range without white space at its ends.
    private static func trimmed(_ file: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, file[low] <= 0x20 { low += 1 }
        while low < high, file[high - 1] <= 0x20 { high -= 1 }
        return low..<high
    }

    private static func equal(
        _ file: Span<UInt8>, _ range: Range<Int>, _ word: StaticString
    ) -> Bool {
        range.count == word.utf8CodeUnitCount
            && range.enumerated().allSatisfy { offset, index in
                word.withUTF8Buffer { unsafe $0[offset] } == file[index]
            }
    }
}
