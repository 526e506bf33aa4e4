import OutcryMarket

/// A JSON text in the making, in the venue's own spelling.
///
/// The venue's messages have fixed keys in a fixed order, so they are written as they stand on the
/// wire: constant text and numbers. Nothing here escapes; what others sent goes through
/// `JSONWriter`. The buffer is used again; nothing is allocated once it has grown.
struct MessageText {
    private(set) var bytes: [UInt8] = []
    let instrument: Instrument
    /// The codes of what is traded and what is paid.
    let item: [UInt8]
    let currency: [UInt8]

    init(_ instrument: Instrument) {
        self.instrument = instrument
        item = Array(instrument.base.code.utf8)
        currency = Array(instrument.quote.code.utf8)
    }

    /// Begins anew.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Appends text of the program's own.
    mutating func add(_ text: StaticString) {
        let start = unsafe text.utf8Start
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes that are there already.
    mutating func add(_ text: [UInt8]) { bytes.append(contentsOf: text) }

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

    /// Appends a money object of the quote (section 2.2 of the protocol reference).
    ///
    /// - Parameter isShort: Whether `display` has two decimals only, as in HTTP replies of 2013.
    mutating func addPrice(_ units: Int64, isShort: Bool) {
        addMoney(units, instrument.quote, currency, isShort: isShort)
    }

    /// Appends a money object of the base.
    mutating func addAmount(_ units: Int64, isShort: Bool) {
        addMoney(units, instrument.base, item, isShort: isShort)
    }

    private mutating func addMoney(
        _ units: Int64, _ currency: Currency, _ code: [UInt8], isShort: Bool
    ) {
        let isDollar = currency == .usd
        func display(_ text: inout MessageText, _ shown: Int) {
            if isDollar { text.add("$") }
            text.addGrouped(units, currency.decimals, shown: shown)
            if !isDollar {
                text.add("\\u00a0")
                text.add(code)
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
        add(code)
        add("\"}")
    }

    private mutating func digits(of value: Int64, decimals: Int, grouped: Bool = false) {
        // A sign, 19 digits or one more than the decimals, a point, six commas.
        bytes.append(addingCapacity: 48) { (output: inout OutputSpan<UInt8>) in
            var digits = InlineArray<20, UInt8>(repeating: 0)
            var rest = value.magnitude
            var count = 0
            while rest != 0 {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[count] = UInt8(truncatingIfNeeded: digit)
                rest = quotient
                count += 1
            }
            count = max(count, decimals + 1)
            if value < 0 { output.append(UInt8(ascii: "-")) }
            while count > 0 {
                count -= 1
                output.append(UInt8(ascii: "0") + digits[count])
                if count == decimals, count > 0 { output.append(UInt8(ascii: ".")) }
                let whole = count - decimals
                if grouped, whole > 0, whole % 3 == 0 { output.append(UInt8(ascii: ",")) }
            }
        }
    }
}
