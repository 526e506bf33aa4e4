/// A decimal number as an integer count of units and the number of decimals that a unit has.
///
/// ``Price`` and ``Quantity`` are the two kinds; they share all arithmetic and never mix. No
/// operation rounds unless it names a ``Rounding``, and none traps on its operands' values:
///
/// - **Invalid.** A result that does not fit is *invalid*. The one representation of invalid is
///   `units == Int64.min`, at any scale; so valid units are symmetric around zero. An invalid
///   operand makes the result invalid. Invalid equals only invalid, every `<`, `<=`, `>`, `>=`
///   with it is false (a guard that must hold fails), and it prints `invalid`.
/// - **Scales.** Values compare and hash by value across scales: `1.0 == 1.00`. A sum or
///   difference has the finer of the two scales.
public protocol FixedPoint: Hashable, Comparable, Sendable, BitwiseCopyable,
    ExpressibleByStringLiteral, CustomStringConvertible, AdditiveArithmetic
where StringLiteralType == String {
    /// The value, counted in units of 10 to the power of minus ``scale``; `Int64.min` is invalid.
    var units: Int64 { get }

    /// The number of decimals, 0 to 18.
    var scale: Int { get }

    /// Makes a value from its units.
    ///
    /// - Precondition: `scale` is 0 to 18.
    init(units: Int64, scale: Int)
}

extension FixedPoint {
    /// The largest number of decimals.
    @inlinable public static var maximumScale: Int { 18 }

    /// What an overflow results in; see ``FixedPoint``.
    @inlinable public static var invalid: Self { Self(units: .min, scale: 0) }

    /// Zero without decimals.
    @inlinable public static var zero: Self { Self(units: 0, scale: 0) }

    /// Whether this is a number, not the result of an overflow.
    @inlinable public var isValid: Bool { units != .min }

    /// Whether this is zero.
    @inlinable public var isZero: Bool { units == 0 }

    /// Whether this is a number above zero.
    @inlinable public var isPositive: Bool { units > 0 }

    /// Whether this is a number below zero.
    @inlinable public var isNegative: Bool { units < 0 && units != .min }

    /// The same value with another number of decimals, or nil when it is not exactly that.
    ///
    /// - Precondition: `scale` is 0 to 18.
    /// - Returns: nil when digits would be lost, the units overflow, or the value is invalid.
    public func rescaled(to scale: Int) -> Self? {
        let value = rescaled(to: scale, rounding: .exact)
        return value.isValid ? value : nil
    }

    /// The value with another number of decimals, rounded as named.
    ///
    /// - Precondition: `scale` is 0 to 18.
    /// - Returns: Invalid when the units overflow, the value is invalid, or `rounding` is
    ///   ``Rounding/exact`` and digits would be lost.
    public func rescaled(to scale: Int, rounding: Rounding) -> Self {
        precondition((0...18).contains(scale), "a scale is 0 to 18")
        let units = FixedPointMath.rescale(self.units, from: self.scale, to: scale, rounding)
        return Self(units: units, scale: scale)
    }
}

/// The arithmetic of ``FixedPoint`` on bare units; `Int64.min` in and out is invalid.
@usableFromInline enum FixedPointMath {
    /// Narrows to valid units.
    static func narrow(_ value: Int128) -> Int64 {
        value.magnitude <= UInt128(Int64.max) ? Int64(truncatingIfNeeded: value) : .min
    }

    static func rescale(_ units: Int64, from: Int, to: Int, _ rounding: Rounding) -> Int64 {
        if units == .min || from == to { return units }
        if to > from { return narrow(Int128(units) * Int128(PowersOfTen.int64(to - from))) }
        let divisor = Int128(PowersOfTen.int64(from - to))
        guard let quotient = rounding.divide(Int128(units), by: divisor) else { return .min }
        return narrow(quotient)
    }

    /// Adds values of different scales, in the finer scale; `sign` is 1 or -1.
    @usableFromInline static func add(
        _ left: Int64, _ leftScale: Int, _ right: Int64, _ rightScale: Int, sign: Int64
    ) -> Int64 {
        if left == .min || right == .min { return .min }
        let scale = max(leftScale, rightScale)
        let a = Int128(left) * Int128(PowersOfTen.int64(scale - leftScale))
        let b = Int128(right) * Int128(PowersOfTen.int64(scale - rightScale))
        return narrow(a + b * Int128(sign))
    }

    /// Compares valid values of different scales: negative, zero or positive as left - right.
    @usableFromInline static func compare(
        _ left: Int64, _ leftScale: Int, _ right: Int64, _ rightScale: Int
    ) -> Int {
        let scale = max(leftScale, rightScale)
        let a = Int128(left) * Int128(PowersOfTen.int64(scale - leftScale))
        let b = Int128(right) * Int128(PowersOfTen.int64(scale - rightScale))
        return a < b ? -1 : (a == b ? 0 : 1)
    }

    /// The one form of equal values: no trailing zeros in the units; the scale may be negative.
    @usableFromInline static func normal(_ units: Int64, _ scale: Int) -> (Int64, Int) {
        if units == 0 || units == .min { return (units, 0) }
        var (units, scale) = (units, scale)
        while units % 10 == 0 {
            units /= 10
            scale -= 1
        }
        return (units, scale)
    }

    /// Units of price times units of quantity, in units of `decimals`.
    static func product(
        _ left: Int64, _ leftScale: Int, _ right: Int64, _ rightScale: Int,
        decimals: Int, _ rounding: Rounding
    ) -> Int64 {
        if left == .min || right == .min { return .min }
        return convert(
            Int128(left) * Int128(right), from: leftScale + rightScale, to: decimals, rounding)
    }

    /// A wide count of units of `from` decimals in units of `to` decimals.
    static func convert(_ value: Int128, from: Int, to: Int, _ rounding: Rounding) -> Int64 {
        if from >= to {
            let divisor = PowersOfTen.int128(from - to)
            guard let quotient = rounding.divide(value, by: divisor) else { return .min }
            return narrow(quotient)
        }
        let (wide, overflow) = value.multipliedReportingOverflow(by: PowersOfTen.int128(to - from))
        return overflow ? .min : narrow(wide)
    }
}
