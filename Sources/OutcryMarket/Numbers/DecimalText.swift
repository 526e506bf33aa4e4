/// Prints units as a decimal number.
enum DecimalText {
    /// Appends the digits of `units`, a point before the last `scale` of them; 21 bytes at most.
    static func write(_ units: Int64, scale: Int, to output: inout OutputSpan<UInt8>) {
        guard units != .min else {
            for byte in "invalid".utf8 { output.append(byte) }
            return
        }
        if units < 0 { output.append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var rest = units.magnitude
        var count = 0
        while rest != 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[count] = UInt8(ascii: "0") + UInt8(digit)
            rest = quotient
            count += 1
        }
        count = max(count, scale + 1)
        while count > 0 {
            count -= 1
            output.append(digits[count])
            if count == scale && scale > 0 { output.append(UInt8(ascii: ".")) }
        }
    }
}
