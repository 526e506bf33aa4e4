/// Reads decimal numbers exactly: `-? digits ("." digits)? ([eE] [+-]? digits)?`.
enum DecimalScan {
    /// Reads a number into units of `scale` decimals.
    static func units(_ text: Span<UInt8>, scale: Int) throws(MarketError) -> Int64 {
        precondition((0...18).contains(scale), "a scale is 0 to 18")
        if let units = short(text, scale: scale) { return units }
        let parts = try Parts(text)
        let decimals = parts.isZero ? 0 : max(0, -parts.exponent)
        guard decimals <= scale else {
            throw .tooFine(decimals: scale, found: decimals, offset: parts.lastDigit)
        }
        guard let units = parts.units(scale: scale) else {
            throw .overflow(decimals: scale, offset: 0)
        }
        return units
    }

    /// Reads a number at the scale it is written in.
    static func keepingDigits(_ text: Span<UInt8>) -> (units: Int64, scale: Int)? {
        guard let parts = try? Parts(text) else { return nil }
        let written = max(0, parts.written)
        if written <= 18, let units = parts.units(scale: written) { return (units, written) }
        let least = max(0, -parts.exponent)
        if parts.isZero { return (0, min(written, 18)) }
        guard least <= 18, let units = parts.units(scale: least) else { return nil }
        return (units, least)
    }

    /// The fast path: at most 18 digits, no exponent, no digit to drop; nil for all else.
    private static func short(_ text: Span<UInt8>, scale: Int) -> Int64? {
        let count = text.count
        guard count > 0, count <= 19 else { return nil }
        var index = text[0] == UInt8(ascii: "-") ? 1 : 0
        let first = index
        var value: Int64 = 0
        var point = count
        while index < count {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit < 10 {
                guard index < 18 else { return nil }
                value = value &* 10 &+ Int64(digit)
            } else {
                guard text[index] == UInt8(ascii: "."), point == count, index > first else {
                    return nil
                }
                point = index
            }
            index += 1
        }
        let decimals = point == count ? 0 : count - point - 1
        guard index > first, point != count - 1, decimals <= scale else { return nil }
        let (units, overflow) = value.multipliedReportingOverflow(
            by: PowersOfTen.int64(scale - decimals))
        if overflow { return nil }
        return first == 0 ? units : -units
    }

    /// A number taken apart: significant x 10^exponent, the significant digits without zeros at
    /// either end.
    private struct Parts {
        /// The digits as an integer; meaningless when `fits` is false.
        private(set) var significant: UInt64 = 0
        /// Whether the digits fit `significant`.
        private(set) var fits = true
        private(set) var isNegative = false
        /// Whether no digit but zero was seen.
        var isZero: Bool { fits && significant == 0 }
        /// The power of ten of the last significant digit.
        private(set) var exponent = 0
        /// The decimals as written: digits after the point, less the exponent.
        private(set) var written = 0
        /// The offset of the last significant digit.
        private(set) var lastDigit = 0

        init(_ text: Span<UInt8>) throws(MarketError) {
            guard !text.isEmpty else { throw .empty }
            var index = 0
            if text[0] == UInt8(ascii: "-") {
                isNegative = true
                index = 1
            }
            var zeros = 0
            index = try digits(text, from: index, "a digit", zeros: &zeros)
            if index < text.count, text[index] == UInt8(ascii: ".") {
                let point = index
                index = try digits(text, from: index + 1, "a digit after the point", zeros: &zeros)
                written = index - point - 1
            }
            var power = 0
            if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
                (power, index) = try Self.power(text, from: index + 1)
            }
            guard index == text.count else {
                throw .unexpected(
                    expected: "a digit, a point, an exponent or the end", found: text[index],
                    offset: index)
            }
            exponent = zeros - written + power
            written -= power
        }

        /// Takes in a run of one or more digits; `zeros` counts those that end the number so far.
        private mutating func digits(
            _ text: Span<UInt8>, from start: Int, _ expected: String, zeros: inout Int
        ) throws(MarketError) -> Int {
            var index = start
            while index < text.count {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                if digit == 0 {
                    zeros += 1
                } else {
                    append(digit, after: isZero ? 0 : zeros)
                    zeros = 0
                    lastDigit = index
                }
                index += 1
            }
            guard index > start else {
                let found = index < text.count ? text[index] : nil
                throw .unexpected(expected: expected, found: found, offset: index)
            }
            return index
        }

        private mutating func append(_ digit: UInt8, after zeros: Int) {
            guard fits, zeros < 19 else {
                fits = false
                return
            }
            let factor =
                zeros == 18 ? 10_000_000_000_000_000_000 : UInt64(PowersOfTen.int64(zeros + 1))
            let (product, over) = significant.multipliedReportingOverflow(by: factor)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            significant = sum
            fits = !over && !carry
        }

        /// Reads an exponent; one beyond `limit` counts as `limit`, which no text is long enough to
        /// bring back into range.
        private static func power(
            _ text: Span<UInt8>, from start: Int
        ) throws(MarketError) -> (Int, Int) {
            var index = start
            var sign = 1
            if index < text.count,
                text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+")
            {
                sign = text[index] == UInt8(ascii: "-") ? -1 : 1
                index += 1
            }
            let first = index
            let limit = 1_000_000_000_000_000
            var power = 0
            while index < text.count {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                power = min(power * 10 + Int(digit), limit)
                index += 1
            }
            guard index > first else {
                let found = index < text.count ? text[index] : nil
                throw .unexpected(
                    expected: "a digit of the exponent", found: found, offset: index)
            }
            return (power * sign, index)
        }

        /// The number in units of `scale` decimals, or nil when it does not fit or is finer.
        func units(scale: Int) -> Int64? {
            guard fits else { return nil }
            if isZero { return 0 }
            let shift = exponent + scale
            guard (0...18).contains(shift), significant <= UInt64(Int64.max) else { return nil }
            let (units, overflow) = Int64(significant).multipliedReportingOverflow(
                by: PowersOfTen.int64(shift))
            if overflow { return nil }
            return isNegative ? -units : units
        }
    }
}
