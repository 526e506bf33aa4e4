import OutcryWire
import Testing

/// RFC 9110, section 5.6.7.
@Suite struct HTTPDateTests {
    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] as [(String, Int64)])
    func times(text: String, seconds: Int64) {
        #expect(HTTPDate.text(seconds) == text)
        #expect(HTTPDate.seconds(text) == seconds)
    }

    /// Every day of four centuries, at some second of it.
    @Test func everyDayIsReadAsItWasWritten() {
        let faults = (0..<146_097).filter { day in
            let second = Int64(day) * 86_400 + Int64(day * 7 % 86_400)
            return HTTPDate.seconds(HTTPDate.text(second)) != second
        }
        #expect(faults.isEmpty, "days \(faults.prefix(3))")
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Sun, 06 Non 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
    ])
    func whatIsNoTimeIsNone(text: String) { #expect(HTTPDate.seconds(text) == nil) }
}
