package import OutcryMarket
package import OutcryVenues
import OutcryWire

/// A JSON text in the making, in the venue's own spelling.
///
/// The venue's messages have fixed keys in a fixed order, so they are written as they stand on the
/// wire: constant text and numbers. Only ``addString(_:)`` escapes; it is for what others sent. The
/// buffer is used again; nothing is allocated once it has grown.
package struct MessageText {
    package private(set) var bytes: [UInt8] = []
    package let instrument: Instrument

    /// How messages of the market's own channels begin.
    package let depthHead: [UInt8]
    package let tickerHead: [UInt8]

    /// Texts of a market that the venue has channels for.
    package init(_ instrument: Instrument) {
        self.instrument = instrument
        depthHead = Self.head(of: .of("depth", instrument), "depth")
        tickerHead = Self.head(of: .of("ticker", instrument), "ticker")
    }

    /// Begins anew.
    package mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Appends text of the program's own.
    package mutating func add(_ text: StaticString) {
        let start = unsafe text.utf8Start
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes that are there already.
    package mutating func add(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    /// Appends an integer.
    package mutating func add(_ value: Int64) { digits(of: value, decimals: 0) }

    /// Appends an amount of so many decimals without the zeros at its end: `62.5`, `114`.
    package mutating func addTrimmed(_ units: Int64, _ decimals: Int) {
        var (units, decimals) = (units, decimals)
        while decimals > 0, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        digits(of: units, decimals: decimals)
    }

    /// Appends an amount with all its decimals: `62.50000`.
    package mutating func addFixed(_ units: Int64, _ decimals: Int) {
        digits(of: units, decimals: decimals)
    }

    /// Appends an amount for people: `49,692.84`, rounded half up to `shown` decimals.
    package mutating func addGrouped(_ units: Int64, _ decimals: Int, shown: Int) {
        // Once, from the number itself: 90.78469 is 90.78, though 90.7847 would be 90.79.
        var unit: Int64 = 1
        for _ in shown..<decimals { unit *= 10 }
        let (quotient, rest) = units.quotientAndRemainder(dividingBy: unit)
        let shift: Int64 = rest.magnitude < (unit / 2).magnitude || unit == 1 ? 0 : rest.signum()
        digits(of: quotient + shift, decimals: shown, grouped: true)
    }

    /// Appends a text with its quotes, escaped as the venue's PHP did.
    package mutating func addString(_ text: String) {
        JSONWriter.appendString(text, to: &bytes, escaping: .ascii)
    }

    /// Appends a GUID, without quotes.
    package mutating func add(_ guid: MtGoxGUID) {
        bytes.append(addingCapacity: 36) { output in guid.write(to: &output) }
    }

    /// Appends the code of a currency, without quotes.
    package mutating func addCode(_ currency: Currency) {
        // The characters are the low seven bytes, the first one lowest.
        var rest = currency.bits & 0x00FF_FFFF_FFFF_FFFF
        while rest != 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
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
