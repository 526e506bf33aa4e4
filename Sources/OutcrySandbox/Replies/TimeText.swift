import OutcryBytes
import OutcryServing

extension MessageText {
    /// Appends a time as `YYYY-MM-DD hh:mm:ss`, in UTC, without quotes.
    ///
    /// - Parameter seconds: since 1970.
    mutating func addTime(_ seconds: Int64) {
        let time = CivilTime(secondsSince1970: seconds)
        addTwo(time.year / 100)
        addTwo(time.year % 100)
        add("-")
        addTwo(time.month)
        add("-")
        addTwo(time.day)
        add(" ")
        addTwo(time.hour)
        add(":")
        addTwo(time.minute)
        add(":")
        addTwo(time.second)
    }

    private mutating func addTwo(_ value: Int64) {
        add(value / 10 % 10)
        add(value % 10)
    }
}
