import OutcryMarket

/// Book messages exactly as the venue writes them: without a space, all keys in their order. They are compared with
/// what they should be by words of eight bytes, and numbers taken from where they stand.
///
/// Whatever differs in a byte is left to the reader of JSON, be it right or wrong; what is taken here, that would take
/// alike (`MidChainsParserTests` holds the two beside each other).
enum MidChainsTemplate {
    /// Reads a message; the place of its market, or nil for one that is not as usual.
    ///
    /// ```
    /// {"security":"LTCUSD","books":[…],"type":"book"}
    /// ```
    @inline(__always)
    static func book(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>
    ) -> Int? {
        let bytes = unsafe text.bytes
        // From behind: the end is the same for all.
        let end = bytes.byteCount &- 16
        guard end > 24, word(bytes, end) == code("],\"type\""),
            word(bytes, end &+ 8) == code(":\"book\"}"),
            word(bytes, 0) == code("{\"securi"), word(bytes, 5) == code("urity\":\"")
        else { return nil }
        let (name, length) = security(text, bytes, end)
        var at = 13 &+ length
        guard let market = markets.place(of: name), word(bytes, at) == code("\",\"books"),
            word(bytes, at &+ 3) == code("books\":["),
            byte(bytes, at &+ 11) == UInt8(ascii: "{")
        else { return nil }
        at &+= 11
        let (priceScale, scale) = markets.scales(of: market)
        lines.removeAll()
        while true {
            guard let line = line(bytes, &at, priceScale, scale) else { return nil }
            lines.append(line)
            if at == end { return market }
            guard byte(bytes, at) == UInt8(ascii: ",") else { return nil }
            at &+= 1
        }
    }

    /// The name that stands from the fourteenth byte on, up to the next quote, and its length.
    @inline(__always)
    private static func security(
        _ text: Span<UInt8>, _ bytes: RawSpan, _ end: Int
    ) -> (name: MidChainsName, length: Int) {
        let first = word(bytes, 13)
        // The high bit of the first byte that is a quote; of those behind it nothing is asked.
        let others = first ^ 0x2222_2222_2222_2222
        let quotes = (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
        guard quotes != 0 else { return longSecurity(text, end) }
        let length = quotes.trailingZeroBitCount >> 3
        let bits = UInt64(truncatingIfNeeded: length &* 8)
        return (MidChainsName(short: first & ((1 &<< bits) &- 1), count: length), length)
    }

    @inline(never)
    private static func longSecurity(
        _ text: Span<UInt8>, _ end: Int
    ) -> (name: MidChainsName, length: Int) {
        var at = 13
        while at < end, at < 64, text[at] != UInt8(ascii: "\"") { at &+= 1 }
        return (MidChainsName(text.extracting(13..<at)), at &- 13)
    }

    /// Reads a line:
    ///
    /// ```
    /// {"side":"B","act":"U","src":"CROX","price":"184.3","qty":"2.85","id":1,"time":"2","mpid":"ANON","key":"NA"}
    /// {"side":"B","act":"R","id":1}
    /// ```
    @inline(__always)
    private static func line(
        _ bytes: RawSpan, _ at: inout Int, _ priceScale: Int, _ scale: Int
    ) -> MidChainsEntry? {
        var line = MidChainsEntry()
        let start = at
        guard word(bytes, start) == code("{\"side\":"), byte(bytes, start &+ 8) == quote,
            word(bytes, start &+ 10) == code("\",\"act\":"), byte(bytes, start &+ 18) == quote
        else { return nil }
        switch byte(bytes, start &+ 9) {
        case UInt8(ascii: "B"): line.side = .bid
        case UInt8(ascii: "S"): line.side = .ask
        default: return nil
        }
        let next = word(bytes, start &+ 20)
        switch byte(bytes, start &+ 19) {
        case UInt8(ascii: "U"): line.act = .update
        case UInt8(ascii: "A"): line.act = .add
        case UInt8(ascii: "R"):
            // Seven bytes and the first digit.
            guard next << 8 == code(" \",\"id\":") & ~0xFF else { return nil }
            at = start &+ 27
            guard let id = integer(bytes, &at), byte(bytes, at) == UInt8(ascii: "}") else {
                return nil
            }
            at &+= 1
            line.act = .remove
            line.id = id
            line.name = MidChainsName(id: id)
            return line
        default: return nil
        }
        guard next == code("\",\"src\":"), word(bytes, start &+ 28) == code("\"CROX\",\""),
            word(bytes, start &+ 36) == code("price\":\"")
        else { return nil }
        at = start &+ 44
        guard let price = decimal(bytes, &at, priceScale), price > 0,
            word(bytes, at) == code("\",\"qty\":"), byte(bytes, at &+ 8) == quote
        else { return nil }
        at &+= 9
        guard let quantity = decimal(bytes, &at, scale),
            word(bytes, at) << 8 == code(" \",\"id\":") & ~0xFF
        else { return nil }
        at &+= 7
        guard let id = integer(bytes, &at), word(bytes, at) == code(",\"time\":"),
            byte(bytes, at &+ 8) == quote
        else { return nil }
        at &+= 9
        guard let time = integer(bytes, &at), time <= 1 << 52,
            word(bytes, at) == code("\",\"mpid\""), word(bytes, at &+ 8) == code(":\"ANON\","),
            word(bytes, at &+ 16) == code("\"key\":\"N"),
            word(bytes, at &+ 19) == code("y\":\"NA\"}")
        else { return nil }
        at &+= 27
        line.priceUnits = price
        line.quantityUnits = quantity
        line.id = id
        line.name = MidChainsName(id: id)
        line.stamp = time &* 1_000
        return line
    }

    private static var quote: UInt8 { UInt8(ascii: "\"") }

    // MARK: Bytes

    /// Eight bytes, the first one lowest; 0 beyond the end.
    @inline(__always)
    private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        guard at &+ 8 <= bytes.byteCount else { return 0 }
        // Where it is was checked; it only goes up from 0.
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
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

    /// Reads digits, up to 19; how many, and what they say.
    @inline(__always)
    private static func digits(_ bytes: RawSpan, _ at: inout Int) -> (value: UInt64, count: Int) {
        var value: UInt64 = 0
        var count = 0
        while count <= 19 {
            let digits = word(bytes, at) ^ 0x3030_3030_3030_3030
            // The high bit of each byte that is no digit; of those behind the first of them nothing is asked.
            let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
            let taken = others == 0 ? 8 : others.trailingZeroBitCount >> 3
            guard taken > 0 else { break }
            let rest = UInt64(truncatingIfNeeded: 8 &- taken)
            value = value &* power(taken) &+ eightDigits(digits &<< (rest &* 8))
            at &+= taken
            count &+= taken
            guard taken == 8 else { break }
        }
        return (value, count)
    }

    /// Reads a whole number as JSON writes one.
    @inline(__always)
    private static func integer(_ bytes: RawSpan, _ at: inout Int) -> Int64? {
        let isZero = byte(bytes, at) == UInt8(ascii: "0")
        let (value, count) = digits(bytes, &at)
        guard count > 0, count <= 19, value <= UInt64(Int64.max), !isZero || count == 1 else {
            return nil
        }
        return Int64(truncatingIfNeeded: value)
    }

    /// Reads a decimal as JSON writes one, up to its quote, in units of so many decimals.
    @inline(__always)
    private static func decimal(_ bytes: RawSpan, _ at: inout Int, _ scale: Int) -> Int64? {
        let isZero = byte(bytes, at) == UInt8(ascii: "0")
        var (value, count) = digits(bytes, &at)
        guard count > 0, !isZero || count == 1 else { return nil }
        var decimals = 0
        if byte(bytes, at) == UInt8(ascii: ".") {
            at &+= 1
            let fraction = digits(bytes, &at)
            decimals = fraction.count
            count &+= decimals
            guard decimals > 0, count <= 18, decimals <= scale else { return nil }
            value = value &* power(decimals) &+ fraction.value
        }
        guard count <= 18 else { return nil }
        let (units, isOver) = value.multipliedReportingOverflow(by: power(scale &- decimals))
        guard !isOver, units <= UInt64(Int64.max) else { return nil }
        return Int64(truncatingIfNeeded: units)
    }

    /// The value of eight digits (their values, not their characters), the first one in the lowest byte.
    @inline(__always)
    private static func eightDigits(_ digits: UInt64) -> UInt64 {
        let pairs = digits &* 10 &+ digits &>> 8
        let even = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let odd = (pairs &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (even &+ odd) &>> 32
    }

    /// Ten to the power of 0 to 18.
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
        case 8: 100_000_000
        default: farPower(exponent)
        }
    }

    @inline(never)
    private static func farPower(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
