// What an account traded in 30 days, and what a trade costs it therefore.

extension Ledger {
    /// How many days count, today among them.
    static var window: Int { 30 }
    private static var dayLength: Int64 { 86_400_000_000 }

    /// Counts a trade.
    ///
    /// - Returns: Whether the fee is lower from now on.
    @inline(__always)
    func count(_ amount: Int64, _ account: Slot) -> Bool {
        let at = Int(account)
        let day = at * Self.window + Int(today % Int64(Self.window))
        days[day] = Self.sum(days[day], amount)
        let volume = Self.sum(accounts[at].volume, amount)
        accounts[at].volume = volume
        return volume >= accounts[at].nextVolume && setRate(at)
    }

    /// Begins the day of `now` where it is a later one.
    ///
    /// - Returns: Whether it is.
    func begin(_ now: Int64) -> Bool {
        let day = max(now, 0) / Self.dayLength
        let (end, overflow) = (day + 1).multipliedReportingOverflow(by: Self.dayLength)
        tomorrow = overflow ? .max : end
        guard day > today else { return false }
        let gone = min(day - today, Int64(Self.window))
        today = day
        for account in 0..<accounts.count {
            for back in 0..<gone {
                days[account * Self.window + Int((day - back) % Int64(Self.window))] = 0
            }
        }
        return true
    }

    /// Sums an account's window anew.
    ///
    /// - Returns: Whether its fee has changed.
    func recount(_ account: Int) -> Bool {
        let start = account * Self.window
        accounts[account].volume = (start..<start + Self.window).reduce(0) {
            Self.sum($0, days[$1])
        }
        return setRate(account)
    }

    private func setRate(_ account: Int) -> Bool {
        let place = fees.place(of: accounts[account].volume)
        let old = accounts[account].rate
        accounts[account].rate = fees.tiers[place].rate
        accounts[account].nextVolume =
            place + 1 < fees.tiers.count ? fees.tiers[place + 1].volume : .max
        return accounts[account].rate != old
    }

    private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
        let (sum, overflow) = one.addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
