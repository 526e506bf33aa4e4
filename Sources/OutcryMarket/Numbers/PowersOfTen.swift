/// Exact powers of ten.
enum PowersOfTen {
    /// 10 to the 0th through 18th: all that fit an `Int64`.
    private static let small: InlineArray<19, Int64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ]

    /// 10 to the power of `exponent`, which is 0 to 18.
    static func int64(_ exponent: Int) -> Int64 { small[exponent] }

    /// 10 to the power of `exponent`, which is 0 to 36.
    static func int128(_ exponent: Int) -> Int128 {
        exponent <= 18
            ? Int128(small[exponent]) : Int128(small[18]) * Int128(small[exponent - 18])
    }
}
