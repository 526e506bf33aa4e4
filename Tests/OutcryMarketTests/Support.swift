import OutcryMarket

/// SplitMix64: the seeded randomness of these tests.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The error that reading a number gives, or nil.
func parseError(_ text: String, scale: Int) -> MarketError? {
    do {
        _ = try Price(ascii: text.utf8.span, scale: scale)
        return nil
    } catch {
        return error
    }
}

/// The units that reading a number gives, or nil.
func parsedUnits(_ text: String, scale: Int) -> Int64? {
    try? Price(ascii: text.utf8.span, scale: scale).units
}

/// A number from a variable: `Price("1")` would be a literal.
func parsed(_ text: String) -> Price? {
    Price(text)
}
