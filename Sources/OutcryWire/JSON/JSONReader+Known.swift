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
        let known = RawSpan(reading: self)
        // Eight bytes at a time, the first ones twice where they do not come out even.
        var index = 0
        repeat {
            guard known.word(index) == text.word(place &+ index) else { return false }
            index = index == 0 && count & 7 != 0 ? count & 7 : index &+ 8
        } while index < count
        return true
    }
}
