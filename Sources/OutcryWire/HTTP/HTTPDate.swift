import OutcryBytes

/// The times that HTTP writes, in the one form that servers may send: `Tue, 15 Nov 1994 08:12:31 GMT`.
///
/// - Source: RFC 9110, section 5.6.7.
public enum HTTPDate {
    /// Seconds since 1970; nil for a text of another form, or with numbers that are no time.
    public static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), text.hasSuffix(" GMT"),
            [4, 7, 11, 16].allSatisfy({ bytes[$0] == UInt8(ascii: " ") }),
            bytes[19] == UInt8(ascii: ":"), bytes[22] == UInt8(ascii: ":"),
            let month = months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
            let day = number(bytes[5..<7]), (1...31).contains(day),
            let year = number(bytes[12..<16]), let hour = number(bytes[17..<19]), hour < 24,
            let minute = number(bytes[20..<22]), minute < 60,
            let second = number(bytes[23..<25]), second <= 60
        else { return nil }
        return ((CivilTime.days(year, month + 1, day) * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// Writes a time, of years 0 to 9999.
    ///
    /// - Parameter seconds: Since 1970.
    public static func text(_ seconds: Int64) -> String {
        let time = CivilTime(secondsSince1970: seconds)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let date =
            "\(weekdays[Int(time.weekday)]), \(two(time.day)) \(months[Int(time.month) - 1])"
        let year = two(time.year / 100) + two(time.year % 100)
        return "\(date) \(year) \(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
}
