/// What becomes of the part of a result that is finer than the unit.
///
/// There is no default anywhere: each call that may round names its rule.
@frozen public enum Rounding: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Toward negative infinity.
    case down
    /// Toward positive infinity.
    case up
    /// Toward zero: the finer digits are cut off.
    case towardZero
    /// To the nearest unit; a half goes away from zero.
    case nearestHalfUp
    /// To the nearest unit; a half goes to the even neighbor.
    case nearestHalfEven
    /// No rounding: a result finer than the unit is invalid.
    case exact

    /// Divides by a positive divisor, or returns nil when ``exact`` leaves a remainder.
    func divide(_ value: Int128, by divisor: Int128) -> Int128? {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        if remainder == 0 { return quotient }
        let away = quotient + (value < 0 ? -1 : 1)
        let part = remainder.magnitude
        let rest = divisor.magnitude - part
        switch self {
        case .down: return value < 0 ? away : quotient
        case .up: return value < 0 ? quotient : away
        case .towardZero: return quotient
        case .nearestHalfUp: return part >= rest ? away : quotient
        case .nearestHalfEven:
            if part == rest { return quotient & 1 == 0 ? quotient : away }
            return part > rest ? away : quotient
        case .exact: return nil
        }
    }
}
