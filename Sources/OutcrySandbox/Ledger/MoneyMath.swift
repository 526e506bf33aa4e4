import OutcryServing

/// Products of prices, amounts and rates, which need more than 64 bits on their way.
enum MoneyMath {
    /// Price times amount in whole units, the nearest, half up; the largest number where it does not
    /// fit.
    ///
    /// - Precondition: neither is below zero. `scale` is how many units one of the base has.
    /// - Source: MTGOX.md 5.5 (100.83227 × 0.1 → 10.08323).
    @inline(__always)
    static func cost(_ price: Int64, _ amount: Int64, _ scale: UInt64) -> Int64 {
        let (high, low) = UInt64(bitPattern: price).multipliedFullWidth(
            by: UInt64(bitPattern: amount))
        let (sum, carry) = low.addingReportingOverflow(scale &>> 1)
        if high == 0, !carry { return Int64(bitPattern: sum / scale) }
        return wideCost(carry ? high + 1 : high, sum, scale)
    }

    @inline(never)
    private static func wideCost(_ high: UInt64, _ low: UInt64, _ scale: UInt64) -> Int64 {
        guard high < scale else { return .max }
        return Int64(clamping: scale.dividingFullWidth((high, low)).quotient)
    }

    /// How much of `amount` can be paid for with `money` at `price`: all of it, or as many whole
    /// units as `money` is enough for.
    @inline(__always)
    static func affordable(
        _ amount: Int64, at price: Int64, with money: Int64, _ scale: UInt64
    ) -> Int64 {
        let wanted = UInt64(bitPattern: price).multipliedFullWidth(by: UInt64(bitPattern: amount))
        let there = UInt64(bitPattern: money).multipliedFullWidth(by: scale)
        if wanted.high < there.high || (wanted.high == there.high && wanted.low <= there.low) {
            return amount
        }
        // Less than `amount`, so it fits.
        return Int64(bitPattern: UInt64(bitPattern: price).dividingFullWidth(there).quotient)
    }

    /// Money that is enough for all of `amount`, at most one unit more than it takes.
    @inline(__always)
    static func need(_ amount: Int64, at price: Int64, _ scale: UInt64) -> Int64 {
        let (high, low) = UInt64(bitPattern: price).multipliedFullWidth(
            by: UInt64(bitPattern: amount))
        guard high == 0 else { return wideNeed(high, low, scale) }
        return Int64(bitPattern: low / scale) + 1
    }

    @inline(never)
    private static func wideNeed(_ high: UInt64, _ low: UInt64, _ scale: UInt64) -> Int64 {
        guard high < scale else { return .max }
        let (quotient, _) = scale.dividingFullWidth((high, low))
        return quotient < UInt64(Int64.max) ? Int64(quotient) + 1 : .max
    }

    /// `rate` hundredths of a percent of an amount, the nearest unit, half up.
    @inline(__always)
    static func fee(_ amount: Int64, _ rate: Int32) -> Int64 {
        let (whole, rest) = amount.quotientAndRemainder(dividingBy: 10_000)
        return whole * Int64(rate) + (rest * Int64(rate) + 5_000) / 10_000
    }

    /// What can be spent of a balance when a fee of `rate` comes on top of it.
    @inline(__always)
    static func withoutFee(_ balance: Int64, _ rate: Int32) -> Int64 {
        let (high, low) = UInt64(bitPattern: balance).multipliedFullWidth(by: 10_000)
        let part = 10_000 + UInt64(UInt32(bitPattern: rate))
        return Int64(bitPattern: part.dividingFullWidth((high, low)).quotient)
    }

    /// At least the balance of which `money` can be spent when a fee of `rate` comes on top.
    @inline(__always)
    static func withFee(_ money: Int64, _ rate: Int32) -> Int64 {
        let (sum, overflow) = money.addingReportingOverflow(fee(min(money, .max / 2), rate) + 2)
        return overflow || money > .max / 2 ? .max : sum
    }
}
