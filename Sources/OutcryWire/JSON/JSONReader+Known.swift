// Values that were read before.

extension JSONReader {
    /// Passes the value that comes next if it is spelled exactly so; else reads nothing and gives false.
    ///
    /// For values that come again and again: comparing them takes a tenth of reading them.
    ///
    /// - Parameter value: A string, an object or an array as it was once read with success, from its first
    ///   byte to its last: at least eight bytes, else it is never found.
    public mutating func skip(exactly value: Span<UInt8>) -> Bool {
        checkValueIsDue()
        guard value.begins(bytes, at: position) else { return false }
        valueEnded(at: position &+ value.count)
        return true
    }
}

extension Span where Element == UInt8 {
    /// Whether `text` has exactly these bytes at its beginning; never for fewer than eight.
    public func begins(_ text: Span<UInt8>) -> Bool { begins(RawSpan(reading: text), at: 0) }

    /// Whether `text` has exactly these bytes at `place`, and one more behind them.
    @inline(__always)
    func begins(_ text: RawSpan, at place: Int) -> Bool {
        guard count >= 8, text.byteCount &- place > count else { return false }
        return text.areEqual(RawSpan(reading: self), at: place)
    }
}
