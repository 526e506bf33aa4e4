// Bytes out of spans.

extension Span<UInt8> {
    /// The bytes at a place.
    func copy(_ range: Range<Int>) -> [UInt8] {
        [UInt8](capacity: range.count) { output in
            for index in range { output.append(self[index]) }
        }
    }

    /// The text at a place; what is no UTF-8 is replaced.
    func string(_ range: Range<Int>) -> String {
        range.isEmpty ? "" : String(decoding: copy(range), as: UTF8.self)
    }
}
