import OutcryMarket

/// A JSON text in the making, in the venue's own spelling.
///
/// The venue's messages have fixed keys in a fixed order, so they are written as they stand on the
/// wire: constant text and numbers. Nothing here escapes; what others sent goes through
/// `JSONWriter`. The buffer is used again; nothing is allocated once it has grown.
struct MessageText {
    private(set) var bytes: [UInt8] = []

    /// Begins anew.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Appends text of the program's own.
    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends an integer.
    mutating func add(_ value: Int64) { digits(of: value, decimals: 0) }

    /// Appends an amount of so many decimals without the zeros at its end: `62.5`, `114`.
    mutating func addTrimmed(_ units: Int64, _ decimals: Int) {
        var (units, decimals) = (units, decimals)
        while decimals > 0, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        digits(of: units, decimals: decimals)
    }

    /// Appends an amount with all its decimals: `62.50000`.
    mutating func addFixed(_ units: Int64, _ decimals: Int) {
        digits(of: units, decimals: decimals)
    }

    /// Appends an amount for people: `49,692.84`, rounded half up to `shown` decimals.
    mutating func addGrouped(_ units: Int64, _ decimals: Int, shown: Int) {
        var units = units
        for _ in shown..<decimals {
            let tenth = units / 10
            units = units % 10 >= 5 ? tenth + 1 : tenth
        }
        digits(of: units, decimals: shown, grouped: true)
    }

    /// Appends a money object (section 2.2 of the protocol reference).
    ///
    /// - Parameter isShort: Whether `display` has two decimals only, as in HTTP replies of 2013.
    mutating func addMoney(_ units: Int64, _ currency: Currency, isShort: Bool) {
        let isDollar = currency == .usd
        func display(_ text: inout MessageText, _ shown: Int) {
            if isDollar { text.add("$") }
            text.addGrouped(units, currency.decimals, shown: shown)
            if !isDollar {
                text.add("\\u00a0")
                text.add(currency.code)
            }
        }
        add("{\"value\":\"")
        addFixed(units, currency.decimals)
        add("\",\"value_int\":\"")
        add(units)
        add("\",\"display\":\"")
        display(&self, isShort ? 2 : currency.decimals)
        add("\",\"display_short\":\"")
        display(&self, 2)
        add("\",\"currency\":\"")
        add(currency.code)
        add("\"}")
    }

    private mutating func digits(
        of value: Int64, decimals: Int, grouped: Bool = false
    ) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = value.magnitude
        var count = 0
        while rest != 0 {
            digits[count] = UInt8(rest % 10)
            rest /= 10
            count += 1
        }
        count = max(count, decimals + 1)
        while count > 0 {
            count -= 1
            bytes.append(UInt8(ascii: "0") + digits[count])
            if count == decimals, count > 0 { bytes.append(UInt8(ascii: ".")) }
            let whole = count - decimals
            if grouped, whole > 0, whole % 3 == 0 { bytes.append(UInt8(ascii: ",")) }
        }
    }
}
