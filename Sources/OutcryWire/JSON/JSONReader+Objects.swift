extension JSONReader {
    /// Opens the object that comes next.
    @inlinable @inline(always)
    public mutating func beginObject() throws(JSONError) {
        try begin(Self.brace, .object)
    }

    /// The next key, its colon read; nil at the end of the object, which is then closed.
    ///
    /// Read or skip the key's value before asking for the next key.
    @inlinable @inline(always) @_lifetime(copy self)
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        let close = bytes.compactKeyEnd(from: position, lead: lead)
        if close >= 0 {
            let start = position &+ 2
            position = close &+ 2
            lead = Self.valueDue
            return JSONText(bytes.slice(start, close), isPlain: true)
        }
        return try slowNextKey()
    }

    /// `nextKey()` for the end of the object, and for keys with white space or escapes or long ones.
    @usableFromInline @inline(never) @_lifetime(copy self)
    mutating func slowNextKey() throws(JSONError) -> JSONText? {
        if lead != Self.keyPending {
            guard try findKey() else { return nil }
        }
        lead = Self.valueDue
        return JSONText(
            bytes.slice(pendingKey.start, pendingKey.end), isPlain: pendingKey.isPlain)
    }

    /// Takes the next key, with its colon, if it is `name`.
    ///
    /// This is the fast way for keys in the order of a feed: a compare or two at the cursor when
    /// `name` is a literal. False means "not seen here", not "absent": use it in a loop that ends
    /// with `anotherKey()`, or before a loop over `nextKey()`.
    ///
    /// - Parameter name: printable ASCII without quote and backslash.
    @inlinable @inline(always)
    public mutating func key(is name: StaticString) -> Bool {
        assert(name.isPlain, "a key to compare with is plain ASCII")
        let count = name.utf8CodeUnitCount &+ 4
        if lead > 255 || bytes.byteCount &- position < (count > 8 ? count : 8) {
            return slowKey(is: name, head: name.head, tail: name.tail)
        }
        let difference = bytes.keyDifference(name, at: position, lead: lead)
        if difference == 0, bytes.hasKeyRest(name, at: position) {
            position &+= count
            lead = Self.valueDue
            return true
        }
        // Another key, or the object's end; else white space.
        if difference & 0xFFFF == 0 || bytes.byte(position) == 0x7D { return false }
        return slowKey(is: name, head: name.head, tail: name.tail)
    }

    /// `key(is:)` for a key that was read ahead, or has to be: near the end of the input, and after
    /// white space.
    @usableFromInline @inline(never)
    mutating func slowKey(is name: StaticString, head: UInt64, tail: UInt64) -> Bool {
        if lead != Self.keyPending {
            precondition(
                lead != Self.valueDue, "read the value of a key before asking for the next")
            // The end of the object and errors are left to `anotherKey()`.
            guard let quote = try? nextQuote(), bytes.byte(quote) == 0x22,
                (try? readAhead(from: quote)) != nil
            else { return false }
            isOffered = false
        }
        let key = bytes.slice(pendingKey.start, pendingKey.end)
        if pendingKey.isPlain {
            let count = name.utf8CodeUnitCount
            guard key.byteCount == count, key.head == head else { return false }
            guard count <= 8 || (key.word(count &- 8) == tail && key.equals(name)) else {
                return false
            }
        } else {
            guard JSONText(key, isPlain: false).is(name) else { return false }
        }
        lead = Self.valueDue
        return true
    }

    /// Ends a pass of `key(is:)` over the object's keys; false at the end of the object, which is
    /// then closed.
    ///
    /// When the pass took no key, the next one is unknown to the decoder, or written with escapes.
    /// The latter is read ahead for one more pass. The former is skipped.
    @inlinable @inline(always)
    public mutating func anotherKey() throws(JSONError) -> Bool {
        // The usual: the pass took all there was.
        if lead == Self.comma, position < bytes.byteCount, bytes.byte(position) == 0x7D {
            end(at: position)
            return false
        }
        return try slowAnotherKey()
    }

    @usableFromInline @inline(never)
    mutating func slowAnotherKey() throws(JSONError) -> Bool {
        precondition(lead != Self.valueDue, "read the value of a key before asking for the next")
        if lead == Self.keyPending {
            if !isOffered {
                isOffered = true
                return true
            }
            lead = Self.valueDue
            try skip()
        } else if position == passStart {
            let isCompact = position &+ 1 < bytes.byteCount && bytes.byte(position &+ 1) == 0x22
            guard try findKey() else { return false }
            if !(isCompact && pendingKey.isPlain && position == pendingKey.end &+ 2) {
                return true
            }
            lead = Self.valueDue
            try skip()
        }
        // Compact input goes on with another pass as it is; anything else is looked at.
        passStart = position
        if position &+ 1 < bytes.byteCount, bytes.byte(position) == 0x2C,
            bytes.byte(position &+ 1) == 0x22
        {
            return true
        }
        return try findKey()
    }

    /// Reads on to the end of the object, whatever it still holds, and closes it.
    public mutating func endObject() throws(JSONError) {
        if lead == Self.valueDue { try skip() }
        if lead == Self.keyPending {
            lead = Self.valueDue
            try skip()
        }
        while try findKey() {
            lead = Self.valueDue
            try skip()
        }
    }

    /// Reads the next key ahead; false at the end of the object, which is then closed.
    private mutating func findKey() throws(JSONError) -> Bool {
        let close = bytes.compactKeyEnd(from: position, lead: lead)
        if close >= 0 {
            pendingKey = JSONStringPlace(start: position &+ 2, end: close, isPlain: true)
            position = close &+ 2
            lead = Self.keyPending
            isOffered = true
            return true
        }
        let index = try nextQuote()
        guard bytes.byte(index) == 0x22 else {
            end(at: index)
            return false
        }
        try readAhead(from: index)
        isOffered = true
        return true
    }

    /// Reads the key whose opening quote is at `quote`, with its colon, and notes it as pending.
    @inline(always)
    private mutating func readAhead(from quote: Int) throws(JSONError) {
        let key = try bytes.stringPlace(from: quote &+ 1)
        position = try bytes.colonEnd(from: key.end &+ 1)
        pendingKey = key
        lead = Self.keyPending
    }

    /// The index of the next key's opening quote, or of the brace that ends the object.
    @inline(always)
    private func nextQuote() throws(JSONError) -> Int {
        precondition(lead <= 255, "read the value of a key before asking for the next")
        if lead == Self.brace {
            let index = bytes.afterSpace(position &+ 1)
            guard index < bytes.byteCount, bytes.byte(index) == 0x22 || bytes.byte(index) == 0x7D
            else { throw bytes.error(.keyOrObjectEnd, at: index) }
            return index
        }
        precondition(lead == Self.comma, "ask for keys in objects only")
        let comma = bytes.afterSpace(position)
        guard comma < bytes.byteCount, bytes.byte(comma) == 0x2C else {
            guard comma < bytes.byteCount, bytes.byte(comma) == 0x7D else {
                throw bytes.error(.commaOrObjectEnd, at: comma)
            }
            return comma
        }
        let index = bytes.afterSpace(comma &+ 1)
        guard index < bytes.byteCount, bytes.byte(index) == 0x22 else {
            throw bytes.error(.key, at: index)
        }
        return index
    }
}

extension StaticString {
    /// Whether this can stand between quotes as it is: printable ASCII without `"` and `\`.
    @usableFromInline
    var isPlain: Bool {
        for index in 0..<utf8CodeUnitCount {
            let byte = byte(index)
            if byte < 0x20 || byte > 0x7E || byte == 0x22 || byte == 0x5C { return false }
        }
        return true
    }
}

extension RawSpan {
    /// The index of a key's closing quote, when its comma or brace (`lead`) is at `start`, it is
    /// plain and not too long, and there is no white space; -1 for all others, right or wrong.
    @usableFromInline
    func compactKeyEnd(from start: Int, lead: UInt64) -> Int {
        // Lead, quote, and sixteen bytes; the last of them may be the colon.
        guard byteCount &- start >= 18, UInt64(byte(start)) == lead, byte(start &+ 1) == 0x22
        else { return -1 }
        let mask = stops(start &+ 2) & 0x7FFF
        let end = start &+ 2 &+ mask.trailingZeroBitCount
        guard mask != 0, byte(end) == 0x22, byte(end &+ 1) == 0x3A else { return -1 }
        return end
    }

    /// The index after the colon that follows a key.
    @inline(always)
    func colonEnd(from start: Int) throws(JSONError) -> Int {
        var index = start
        if index < byteCount, byte(index) == 0x3A { return index &+ 1 }
        index = afterSpace(index)
        guard index < byteCount, byte(index) == 0x3A else { throw error(.colon, at: index) }
        return index &+ 1
    }
}
