/// A second of the calendar, in UTC and the Gregorian calendar.
package struct CivilTime: Equatable {
    package let year: Int64
    /// From 1.
    package let month: Int64
    /// From 1.
    package let day: Int64
    /// From Sunday, 0.
    package let weekday: Int64
    package let hour: Int64
    package let minute: Int64
    package let second: Int64

    /// The calendar's second that is so many behind 1970-01-01 00:00.
    package init(secondsSince1970 seconds: Int64) {
        let (days, rest) = seconds.dividedDown(by: 86_400)
        (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
        // 1970-01-01 was a Thursday.
        weekday = (days + 4).dividedDown(by: 7).rest
        // Years begin in March, so that the leap day is the last of one; in cycles of 400 years since 0000-03-01.
        let (cycle, inCycle) = (days + 719_468).dividedDown(by: 146_097)
        let ofCycle =
            (inCycle - inCycle / 1_460 + inCycle / 36_524 - inCycle / 146_096) / 365
        let ofYear = inCycle - (365 * ofCycle + ofCycle / 4 - ofCycle / 100)
        let shifted = (5 * ofYear + 2) / 153
        month = shifted < 10 ? shifted + 3 : shifted - 9
        day = ofYear - (153 * shifted + 2) / 5 + 1
        year = cycle * 400 + ofCycle + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a day.
    package static func days(_ year: Int64, _ month: Int, _ day: Int64) -> Int64 {
        let year = month > 2 ? year : year - 1
        let months = Int64(month > 2 ? month - 3 : month + 9)
        let leaps =
            year.dividedDown(by: 4).quotient - year.dividedDown(by: 100).quotient
            + year.dividedDown(by: 400).quotient
        return year * 365 + leaps + (months * 153 + 2) / 5 + day - 719_469
    }
}

extension Int64 {
    /// The quotient rounded down, and what is left, never below zero.
    package func dividedDown(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
