extension FixedPoint {
    /// The sum, in the finer of the two scales; invalid when it does not fit.
    @inlinable public static func + (left: Self, right: Self) -> Self {
        if left.scale == right.scale {
            let (sum, overflow) = left.units.addingReportingOverflow(right.units)
            let valid = left.isValid && right.isValid && !overflow
            return Self(units: valid ? sum : .min, scale: left.scale)
        }
        let sum = FixedPointMath.add(left.units, left.scale, right.units, right.scale, sign: 1)
        return Self(units: sum, scale: max(left.scale, right.scale))
    }

    /// The difference, in the finer of the two scales; invalid when it does not fit.
    @inlinable public static func - (left: Self, right: Self) -> Self {
        if left.scale == right.scale {
            let (difference, overflow) = left.units.subtractingReportingOverflow(right.units)
            let valid = left.isValid && right.isValid && !overflow
            return Self(units: valid ? difference : .min, scale: left.scale)
        }
        let sum = FixedPointMath.add(left.units, left.scale, right.units, right.scale, sign: -1)
        return Self(units: sum, scale: max(left.scale, right.scale))
    }

    /// Adds, as ``+(_:_:)``.
    @inlinable public static func += (left: inout Self, right: Self) {
        left = left + right
    }

    /// Subtracts, as ``-(_:_:)``.
    @inlinable public static func -= (left: inout Self, right: Self) {
        left = left - right
    }

    /// The opposite number; invalid stays invalid.
    @inlinable public static prefix func - (value: Self) -> Self {
        Self(units: 0 &- value.units, scale: value.scale)
    }

    /// The value so many times; invalid when it does not fit.
    @inlinable public static func * (value: Self, count: Int) -> Self {
        let (units, overflow) = value.units.multipliedReportingOverflow(by: Int64(count))
        return Self(units: value.isValid && !overflow ? units : .min, scale: value.scale)
    }

    /// The value so many times; invalid when it does not fit.
    @inlinable public static func * (count: Int, value: Self) -> Self {
        value * count
    }

    /// The distance from zero; invalid stays invalid.
    @inlinable public var magnitude: Self { isNegative ? -self : self }

    /// A part of the value: `numerator / denominator` of it, rounded as named at its own scale.
    ///
    /// - Precondition: `denominator` is positive.
    /// - Returns: Invalid when the value is invalid or the result does not fit.
    public func scaled(by numerator: Int, over denominator: Int, rounding: Rounding) -> Self {
        precondition(denominator > 0, "a denominator is positive")
        guard isValid else { return self }
        let product = Int128(units) * Int128(numerator)
        let part = rounding.divide(product, by: Int128(denominator))
        return Self(units: part.map(FixedPointMath.narrow) ?? .min, scale: scale)
    }
}
