extension FixedPoint {
    /// Whether both are the same number, whatever their scales, or both are invalid.
    @inlinable public static func == (left: Self, right: Self) -> Bool {
        if left.units == .min || right.units == .min || left.scale == right.scale {
            return left.units == right.units
        }
        return FixedPointMath.compare(left.units, left.scale, right.units, right.scale) == 0
    }

    /// Whether both are numbers and the left is less.
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        if left.units == .min || right.units == .min { return false }
        if left.scale == right.scale { return left.units < right.units }
        return FixedPointMath.compare(left.units, left.scale, right.units, right.scale) < 0
    }

    /// Whether both are numbers and the left is less or equal.
    @inlinable public static func <= (left: Self, right: Self) -> Bool {
        if left.units == .min || right.units == .min { return false }
        if left.scale == right.scale { return left.units <= right.units }
        return FixedPointMath.compare(left.units, left.scale, right.units, right.scale) <= 0
    }

    /// Whether both are numbers and the left is greater.
    @inlinable public static func > (left: Self, right: Self) -> Bool {
        right < left
    }

    /// Whether both are numbers and the left is greater or equal.
    @inlinable public static func >= (left: Self, right: Self) -> Bool {
        right <= left
    }

    /// Hashes the number, so that equal numbers of different scales hash alike.
    @inlinable public func hash(into hasher: inout Hasher) {
        let (units, scale) = FixedPointMath.normal(units, scale)
        hasher.combine(units)
        hasher.combine(scale)
    }
}
