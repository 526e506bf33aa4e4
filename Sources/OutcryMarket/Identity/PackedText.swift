/// Short ASCII text packed into one word: the first character in the lowest byte, zeros after it.
///
/// Identifiers built on it (``Currency``, ``VenueID``) compare, hash and travel as one register.
enum PackedText {
    /// Whether a byte may stand in an identifier: printable ASCII without the space.
    static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F
    }

    /// Packs the bytes, or returns nil when they are none, too many, or not printable ASCII.
    static func pack(_ bytes: Span<UInt8>, limit: Int) -> UInt64? {
        guard !bytes.isEmpty, bytes.count <= limit else { return nil }
        var word: UInt64 = 0
        for index in bytes.indices {
            guard isAllowed(bytes[index]) else { return nil }
            word |= UInt64(bytes[index]) << UInt64(8 * index)
        }
        return word
    }

    /// Packs a text by the same rule.
    static func pack(_ text: some StringProtocol, limit: Int) -> UInt64? {
        var word: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            guard count < limit, isAllowed(byte) else { return nil }
            word |= UInt64(byte) << UInt64(8 * count)
            count += 1
        }
        return count == 0 ? nil : word
    }

    /// The text that a word holds.
    static func unpack(_ word: UInt64) -> String {
        String(asciiCapacity: 8) { output in
            var rest = word
            while rest != 0 {
                output.append(UInt8(truncatingIfNeeded: rest))
                rest >>= 8
            }
        }
    }

    /// Whether one text precedes another in byte order.
    static func precedes(_ left: UInt64, _ right: UInt64) -> Bool {
        left.byteSwapped < right.byteSwapped
    }
}

extension String {
    /// Makes a text of at most `capacity` ASCII bytes that `body` appends.
    ///
    /// The only unsafe expression of the value types: the span covers exactly the string's own
    /// storage, does not outlive the closure, and reports how much of it was initialized.
    init(asciiCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        unsafe self.init(unsafeUninitializedCapacity: capacity) { buffer in
            let storage = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<capacity])
            var output = unsafe OutputSpan(buffer: storage, initializedCount: 0)
            body(&output)
            return unsafe output.finalize(for: storage)
        }
    }
}
