import OutcryServing

extension MessageText {
    /// Appends a time as `YYYY-MM-DD hh:mm:ss`, in UTC, without quotes.
    ///
    /// - Parameter seconds: since 1970.
    mutating func addTime(_ seconds: Int64) {
        let (days, rest) = seconds.flooredDivision(by: 86_400)
        let date = Self.date(days)
        addTwo(date.year / 100)
        addTwo(date.year % 100)
        add("-")
        addTwo(date.month)
        add("-")
        addTwo(date.day)
        add(" ")
        addTwo(rest / 3_600)
        add(":")
        addTwo(rest / 60 % 60)
        add(":")
        addTwo(rest % 60)
    }

    private mutating func addTwo(_ value: Int64) {
        add(value / 10 % 10)
        add(value % 10)
    }

    /// The date of a day since 1970 in the Gregorian calendar, in years that begin with March.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Days since 0000-03-01, in cycles of 400 years.
        let (cycle, day) = (days + 719_468).flooredDivision(by: 146_097)
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            cycle * 400 + year + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }
}

extension Int64 {
    /// The quotient rounded down, and what is left, never below zero.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
