extension JSONReader {
    /// Opens the array that comes next.
    @inlinable @inline(always)
    public mutating func beginArray() throws(JSONError) {
        try begin(Self.bracket, .array)
    }

    /// Whether there is one more element, to be read or skipped then; false at the end of the
    /// array, which is then closed.
    public mutating func nextElement() throws(JSONError) -> Bool {
        precondition(lead <= 255, "read or skip each element before asking for the next")
        var start = position
        if lead == Self.bracket {
            start = bytes.afterSpace(start &+ 1)
            guard start < bytes.byteCount else { throw bytes.error(.value, at: start) }
            if bytes.byte(start) == 0x5D {
                end(at: start)
                return false
            }
        } else {
            precondition(lead == Self.comma, "ask for elements in arrays only")
            start = bytes.afterSpace(start)
            guard start < bytes.byteCount else { throw bytes.error(.commaOrArrayEnd, at: start) }
            guard bytes.byte(start) == 0x2C else {
                guard bytes.byte(start) == 0x5D else {
                    throw bytes.error(.commaOrArrayEnd, at: start)
                }
                end(at: start)
                return false
            }
            start &+= 1
        }
        position = start
        lead = Self.valueDue
        return true
    }

    /// Reads on to the end of the array, whatever it still holds, and closes it.
    public mutating func endArray() throws(JSONError) {
        if lead == Self.valueDue { try skip() }
        while try nextElement() { try skip() }
    }
}
