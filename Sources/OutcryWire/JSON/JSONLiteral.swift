// Comparing input with literals of the program, eight bytes at a time.
//
// Everything about a literal folds to constants when it is written at the call (which is why all
// this is inlined): what is left is a load, a compare with an immediate and a branch a word. Two
// loads may overlap, so that no byte at a time is needed for the rest.
extension RawSpan {
    /// How the eight bytes at `position` differ from those of `{"name":` or `,"name":`, with the byte
    /// of `lead` first: zero if they are the same, as far as that goes.
    @inlinable @inline(always)
    func keyDifference(_ name: StaticString, at position: Int, lead: UInt64) -> UInt64 {
        let count = name.utf8CodeUnitCount
        var start = name.head &<< 16 | 0x2200
        if count > 5 { return word(position) ^ lead ^ start }
        start |= 0x3A22 &<< UInt64(truncatingIfNeeded: count &* 8 &+ 16)
        let counted = UInt64.max &>> UInt64(truncatingIfNeeded: count < 4 ? 32 &- count &* 8 : 0)
        return (word(position) ^ lead ^ start) & counted
    }

    /// Whether the rest of `{"name":` stands at `position`, given that its first eight bytes do.
    ///
    /// Needs the length of all that, four more than the name's, from `position` on.
    @inlinable @inline(always)
    func hasKeyRest(_ name: StaticString, at position: Int) -> Bool {
        let count = name.utf8CodeUnitCount
        if count <= 4 { return true }
        if count == 5 { return byte(position &+ 8) == 0x3A }
        return hasMiddle(name, from: 6, at: position &+ 2)
            && word(position &+ count &- 4) == name.tail &>> 16 | 0x3A22_0000_0000_0000
    }

    /// Whether `"text"` stands at `position`.
    ///
    /// Needs eight bytes and the length of all that, two more than the text's, from `position` on.
    @inlinable @inline(always)
    func hasString(_ text: StaticString, at position: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        let first = word(position)
        if count <= 6 {
            let end: UInt64 = 0x22 &<< UInt64(truncatingIfNeeded: count &* 8 &+ 8)
            let ignored = UInt64(truncatingIfNeeded: 48 &- count &* 8)
            return (first ^ (text.head &<< 8 | 0x22 | end)) &<< ignored == 0
        }
        if first != text.head &<< 8 | 0x22 { return false }
        return hasMiddle(text, from: 7, at: position &+ 1)
            && word(position &+ count &- 6) == text.tail &>> 8 | 0x22 &<< 56
    }

    /// Whether these bytes are those of `literal`.
    @inlinable @inline(always)
    func equals(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard byteCount == count, head == literal.head else { return false }
        if count <= 8 { return true }
        return hasMiddle(literal, from: 8, at: 0) && word(count &- 8) == literal.tail
    }

    /// Whether the bytes of `literal` from index `start` on stand here, its first one at `position`;
    /// as many as `start` may be left at its end.
    @inlinable @inline(always)
    func hasMiddle(_ literal: StaticString, from start: Int, at position: Int) -> Bool {
        var index = start
        while index < literal.utf8CodeUnitCount &- start {
            let place = Swift.min(index, literal.utf8CodeUnitCount &- 8)
            if word(position &+ place) != literal.word(place) { return false }
            index &+= 8
        }
        return true
    }
}
