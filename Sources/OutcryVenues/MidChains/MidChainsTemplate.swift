import OutcryMarket

/// Book messages exactly as the venue writes them: without a space, all keys in their order. They are compared with
/// what they should be by words of eight bytes, and numbers taken from where they stand.
///
/// Whatever differs in a byte is left to the reader of JSON, be it right or wrong; what is taken here, that would take
/// alike (`MidChainsTemplateTests` holds the two beside each other).
enum MidChainsTemplate {
    /// Reads a message; the place of its market, or nil for one that is not as usual. The market's book is told what it
    /// will be asked for.
    ///
    /// ```
    /// {"security":"LTCUSD","books":[…],"type":"book"}
    /// ```
    @inline(__always)
    static func book(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>,
        _ books: MidChainsBooks
    ) -> Int? {
        let bytes = unsafe text.bytes
        // From behind: the end is the same for all.
        let end = bytes.byteCount &- 16
        guard end > 24, word(bytes, end) == code("],\"type\""),
            word(bytes, end &+ 8) == code(":\"book\"}"),
            word(bytes, 0) == code("{\"securi"), word(bytes, 5) == code("urity\":\"")
        else { return nil }
        guard let (market, length) = market(text, bytes, end, markets) else { return nil }
        var at = 13 &+ length
        guard word(bytes, at) == code("\",\"books"), word(bytes, at &+ 3) == code("books\":["),
            byte(bytes, at &+ 11) == UInt8(ascii: "{")
        else { return nil }
        at &+= 11
        let (priceScale, scale) = markets.scales(of: market)
        // Finer ones than there are in money are read with more care.
        guard priceScale <= 8, scale <= 8 else { return nil }
        lines.removeAll()
        if end &- at >= 100, end &- at <= 200,
            onlyLine(bytes, at, end, priceScale, scale, lines, books, market)
        {
            return market
        }
        while true {
            guard line(bytes, &at, priceScale, scale, lines) else { return nil }
            if at == end { return market }
            guard byte(bytes, at) == UInt8(ascii: ",") else { return nil }
            at &+= 1
        }
    }

    /// The market whose name stands from the fourteenth byte on, up to the next quote, and the name's length.
    @inline(__always)
    private static func market(
        _ text: Span<UInt8>, _ bytes: RawSpan, _ end: Int, _ markets: MidChainsMarkets
    ) -> (place: Int, length: Int)? {
        if let found = markets.place(atHead: word(bytes, 13)) { return found }
        return longMarket(text, end, markets)
    }

    @inline(never)
    private static func longMarket(
        _ text: Span<UInt8>, _ end: Int, _ markets: MidChainsMarkets
    ) -> (place: Int, length: Int)? {
        var at = 13
        while at < end, at < 64, text[at] != UInt8(ascii: "\"") { at &+= 1 }
        guard let place = markets.place(of: MidChainsName(text.extracting(13..<at))) else {
            return nil
        }
        return (place, at &- 13)
    }

    /// Reads a line, and puts it behind the others:
    ///
    /// ```
    /// {"side":"B","act":"U","src":"CROX","price":"184.3","qty":"2.85","id":1,"time":"2","mpid":"ANON","key":"NA"}
    /// {"side":"B","act":"R","id":1}
    /// ```
    @inline(__always)
    private static func line(
        _ bytes: RawSpan, _ at: inout Int, _ priceScale: Int, _ scale: Int,
        _ lines: MidChainsBuffer<MidChainsEntry>
    ) -> Bool {
        let start = at
        // A line of the shortest kind and the message's end are as long as this.
        guard start &+ 44 <= bytes.byteCount, let (side, verb) = head(bytes, start) else {
            return false
        }
        let next = near(bytes, start &+ 20)
        guard verb &* (verb ^ 0x1400) == 0 else {
            // Seven bytes and the first digit.
            guard verb == actOf(UInt8(ascii: "A")) ^ actOf(UInt8(ascii: "R")),
                next << 8 == code(" \",\"id\":") & ~0xFF
            else { return false }
            at = start &+ 27
            guard let id = integer(bytes, &at), byte(bytes, at) == UInt8(ascii: "}") else {
                return false
            }
            at &+= 1
            var line = MidChainsEntry(name: MidChainsName(id: id), id: id)
            line.act = .remove
            line.side = side
            lines.append(line)
            return true
        }
        let act: MidChainsEntry.Act = verb == 0 ? .add : .update
        guard next == code("\",\"src\":"), near(bytes, start &+ 28) == code("\"CROX\",\""),
            near(bytes, start &+ 36) == code("price\":\"")
        else { return false }
        at = start &+ 44
        guard let price = decimal(bytes, &at, priceScale), price > 0,
            word(bytes, at) == code("\",\"qty\":"), byte(bytes, at &+ 8) == quote
        else { return false }
        at &+= 9
        guard let quantity = decimal(bytes, &at, scale),
            word(bytes, at) << 8 == code(" \",\"id\":") & ~0xFF
        else { return false }
        at &+= 7
        guard let id = integer(bytes, &at), word(bytes, at) == code(",\"time\":"),
            byte(bytes, at &+ 8) == quote
        else { return false }
        at &+= 9
        guard let time = integer(bytes, &at), time <= 1 << 52, at &+ 27 <= bytes.byteCount,
            near(bytes, at) == code("\",\"mpid\""), near(bytes, at &+ 8) == code(":\"ANON\","),
            near(bytes, at &+ 16) == code("\"key\":\"N"),
            near(bytes, at &+ 19) == code("y\":\"NA\"}")
        else { return false }
        at &+= 27
        lines.append(
            MidChainsEntry(
                name: MidChainsName(id: id), id: id, priceUnits: price, quantityUnits: quantity,
                stamp: time &* 1_000, act: act, side: side))
        return true
    }

    /// Reads a line that reaches to the message's end, if it looks as though it were the only one: time and id are found
    /// from behind, so that nobody waits for them until the numbers before them are read.
    ///
    /// - Precondition: there are 100 to 200 bytes of it, and the message's end behind it.
    @inline(__always)
    private static func onlyLine(
        _ bytes: RawSpan, _ start: Int, _ end: Int, _ priceScale: Int, _ scale: Int,
        _ lines: MidChainsBuffer<MidChainsEntry>, _ books: MidChainsBooks, _ market: Int
    ) -> Bool {
        let tail = end &- 27
        let id = tail &- 22
        // Thirteen digits of milliseconds, in two words that overlap.
        let (firstTime, lastTime) = (
            near(bytes, tail &- 13) ^ zeros, near(bytes, tail &- 8) ^ zeros
        )
        let (firstID, lastID) = (near(bytes, id &- 16) ^ zeros, near(bytes, id &- 8) ^ zeros)
        let more = digitCountFromBehind(firstID)
        let idStart = id &- 8 &- more
        guard near(bytes, tail) == code("\",\"mpid\""),
            near(bytes, tail &+ 8) == code(":\"ANON\","),
            near(bytes, tail &+ 16) == code("\"key\":\"N"),
            near(bytes, tail &+ 19) == code("y\":\"NA\"}"),
            digitCount(firstTime) == 8, digitCount(lastTime) == 8, firstTime & 0xFF != 0,
            near(bytes, id) == code(",\"time\":"), byte(bytes, id &+ 8) == quote,
            digitCount(lastID) == 8, more < 8, byte(bytes, idStart) != UInt8(ascii: "0"),
            near(bytes, idStart &- 8) >> 8 == code("\",\"id\": ") & (1 << 56 - 1)
        else { return false }
        // In two steps, since none may be as wide as the word.
        let first = (UInt64.max &<< UInt64(truncatingIfNeeded: (7 &- more) &* 8)) &<< 8
        let number = Int64(
            truncatingIfNeeded: eightDigits(firstID & first) &* 100_000_000 &+ eightDigits(lastID))
        books.expect(market, MidChainsName(id: number))
        let time = eightDigits(firstTime) &* 100_000 &+ eightDigits(lastTime & ~0xFF_FFFF)
        guard let (side, verb) = head(bytes, start), verb &* (verb ^ 0x1400) == 0,
            near(bytes, start &+ 20) == code("\",\"src\":"),
            near(bytes, start &+ 28) == code("\"CROX\",\""),
            near(bytes, start &+ 36) == code("price\":\"")
        else { return false }
        var at = start &+ 44
        guard let price = decimal(bytes, &at, priceScale), price > 0,
            word(bytes, at) == code("\",\"qty\":"), byte(bytes, at &+ 8) == quote
        else { return false }
        books.expect(market, price, side)
        at &+= 9
        guard let quantity = decimal(bytes, &at, scale), at == idStart &- 7 else { return false }
        lines.append(
            MidChainsEntry(
                name: MidChainsName(id: number), id: number, priceUnits: price,
                quantityUnits: quantity, stamp: Int64(truncatingIfNeeded: time) &* 1_000,
                act: verb == 0 ? .add : .update, side: side))
        return true
    }

    /// Reads what a line begins with: its side, and two bytes of what it does, 0 for `A`, 0x1400 for `U`.
    @inline(__always)
    private static func head(_ bytes: RawSpan, _ start: Int) -> (side: Side, verb: UInt64)? {
        // `"B"` and the quote behind it: 0 or 0x11 in the letter's place, since nobody can guess which.
        let letter = near(bytes, start &+ 3) >> 40 ^ sideOf(UInt8(ascii: "B"))
        guard near(bytes, start) == code("{\"side\":"),
            near(bytes, start &+ 10) == code("\",\"act\":"), letter &* (letter ^ 0x1100) == 0
        else { return nil }
        // `"A` and what follows it.
        let verb = near(bytes, start &+ 12) >> 48 ^ actOf(UInt8(ascii: "A"))
        return (letter == 0 ? .bid : .ask, verb)
    }

    private static var quote: UInt8 { UInt8(ascii: "\"") }

    /// The three bytes `"B"` as the top of a word that ends with them.
    @inline(__always)
    private static func sideOf(_ letter: UInt8) -> UInt64 {
        UInt64(quote) | UInt64(letter) << 8 | UInt64(quote) << 16
    }

    /// The two bytes `"U` as the top of a word that ends with them.
    @inline(__always)
    private static func actOf(_ letter: UInt8) -> UInt64 {
        UInt64(quote) | UInt64(letter) << 8
    }

    // MARK: Bytes

    /// Eight bytes, the first one lowest; 0 beyond the end.
    @inline(__always)
    private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        guard at &+ 8 <= bytes.byteCount else { return 0 }
        // Where it is was checked; it only goes up from 0.
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
    }

    /// Eight bytes that are known to be there.
    @inline(__always)
    private static func near(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        // The caller compared with the count; it only goes up from 0.
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
    }

    /// A byte; 0 beyond the end.
    @inline(__always)
    private static func byte(_ bytes: RawSpan, _ at: Int) -> UInt8 {
        guard at < bytes.byteCount else { return 0 }
        return unsafe bytes.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
    }

    /// Eight characters in code as such a word.
    @inline(__always)
    private static func code(_ text: StaticString) -> UInt64 {
        // Eight of them: each is written so above.
        unsafe UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
    }

    // MARK: Numbers

    /// How many digits a word begins with, 0 to 8. It is given with the digits' values in the place of their characters.
    @inline(__always)
    private static func digitCount(_ digits: UInt64) -> Int {
        // The high bit of each byte that is no digit; of those behind the first of them nothing is asked.
        let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
        return others.trailingZeroBitCount >> 3
    }

    /// How many digits a word ends with, 0 to 8, likewise.
    @inline(__always)
    private static func digitCountFromBehind(_ digits: UInt64) -> Int {
        // What is no digit can make the next byte look like none either, but never like one.
        let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
        return others.leadingZeroBitCount >> 3
    }

    /// Reads a whole number as JSON writes one.
    @inline(__always)
    private static func integer(_ bytes: RawSpan, _ at: inout Int) -> Int64? {
        guard at &+ 16 <= bytes.byteCount else { return nil }
        let first = near(bytes, at) ^ zeros
        let count = digitCount(first)
        guard count == 8 else {
            guard count > 0, first & 0xFF != 0 || count == 1 else { return nil }
            at &+= count
            return Int64(truncatingIfNeeded: shortNumber(first, count))
        }
        let second = near(bytes, at &+ 8) ^ zeros
        let more = digitCount(second)
        guard first & 0xFF != 0, more < 8 else { return longInteger(bytes, &at) }
        at &+= 8 &+ more
        // In two steps, since none may be as wide as the word.
        let rest = (second &<< UInt64(truncatingIfNeeded: (7 &- more) &* 8)) &<< 8
        return Int64(truncatingIfNeeded: eightDigits(first) &* power(more) &+ eightDigits(rest))
    }

    /// Reads a number of 16 to 19 digits.
    @inline(never)
    private static func longInteger(_ bytes: RawSpan, _ at: inout Int) -> Int64? {
        let start = at
        var value: UInt64 = 0
        while at &- start < 19 {
            let digit = byte(bytes, at) ^ UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            at &+= 1
        }
        guard byte(bytes, start) != UInt8(ascii: "0"), value <= UInt64(Int64.max),
            byte(bytes, at) ^ UInt8(ascii: "0") > 9
        else { return nil }
        return Int64(truncatingIfNeeded: value)
    }

    /// Reads a decimal as JSON writes one, in units of so many decimals, 8 at most: up to seven digits, and eight behind
    /// the point. Were there more, what it leaves would not be the quote that is looked for.
    @inline(__always)
    private static func decimal(_ bytes: RawSpan, _ at: inout Int, _ scale: Int) -> Int64? {
        guard at &+ 17 <= bytes.byteCount else { return nil }
        let first = near(bytes, at) ^ zeros
        let count = digitCount(first)
        guard count > 0, count < 8, first & 0xFF != 0 || count == 1 else { return nil }
        let whole = shortNumber(first, count) &* power(scale)
        let bits = UInt64(truncatingIfNeeded: count &* 8)
        guard (first &>> bits) & 0xFF == UInt64(UInt8(ascii: ".") ^ UInt8(ascii: "0")) else {
            at &+= count
            return Int64(truncatingIfNeeded: whole)
        }
        at &+= count &+ 1
        let second = near(bytes, at) ^ zeros
        let decimals = digitCount(second)
        guard decimals > 0, decimals <= scale else { return nil }
        at &+= decimals
        let part = shortNumber(second, decimals) &* power(scale &- decimals)
        return Int64(truncatingIfNeeded: whole &+ part)
    }

    /// Eight noughts.
    private static var zeros: UInt64 { 0x3030_3030_3030_3030 }

    /// The value of the first 1 to 8 digits of a word.
    @inline(__always)
    private static func shortNumber(_ digits: UInt64, _ count: Int) -> UInt64 {
        eightDigits(digits &<< UInt64(truncatingIfNeeded: (8 &- count) &* 8))
    }

    /// The value of eight digits (their values, not their characters), the first one in the lowest byte.
    @inline(__always)
    private static func eightDigits(_ digits: UInt64) -> UInt64 {
        let pairs = digits &* 10 &+ digits &>> 8
        let even = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let odd = (pairs &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (even &+ odd) &>> 32
    }

    /// Ten to the power of 0 to 8.
    @inline(__always)
    private static func power(_ exponent: Int) -> UInt64 {
        switch exponent {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1_000
        case 4: 10_000
        case 5: 100_000
        case 6: 1_000_000
        case 7: 10_000_000
        default: 100_000_000
        }
    }
}
