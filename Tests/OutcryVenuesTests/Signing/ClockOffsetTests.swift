import OutcryKernel
import OutcryVenues
import Testing

@Suite struct ClockOffsetTests {
    private let wall = WallTime(microseconds: 1_364_767_200_000_000)

    private func reading(_ offset: Int64, _ age: Duration?) -> MtGoxClockReading {
        MtGoxClockReading(
            venueMicroseconds: wall.microseconds + offset, resolution: .seconds(1), age: age)
    }

    @Test func oneReading() {
        let cases: [(Int64, Duration?, Int64)] = [
            // Within a second nothing is said against this machine's clock.
            (0, .zero, 0), (-900_000, .zero, 0), (0, nil, 0), (-5_000_000, nil, 0),
            // What is 5 s ahead at least, or at most so far behind.
            (5_000_000, nil, 4_980_000), (5_000_000, .zero, 5_500_000),
            (-5_000_000, .zero, -4_500_000), (-5_000_000, .seconds(2), -3_500_000),
            (-5_000_000, .seconds(30), 0),
            (.min / 4, nil, 0), (.max / 4, .zero, 0),
        ]
        for (offset, age, expected) in cases {
            var clock = ClockOffset()
            clock.take(reading(offset, age), at: wall, .zero)
            #expect(clock.microseconds == expected, "\(offset) \(age.map { "\($0)" } ?? "-")")
        }
    }

    /// Dates are cut to the second: many of them say more than one.
    @Test(arguments: [-3_599_400_000, -2_600_000, 2_600_000, 3_599_400_000] as [Int64])
    func manyReadings(offset: Int64) {
        var clock = ClockOffset()
        for step in 0..<20 as Range<Int64> {
            let now = KernelTime.zero + .milliseconds(step * 50)
            let local = wall + .milliseconds(step * 50)
            let venue = local.microseconds + offset
            let date = venue - venue % 1_000_000
            clock.take(
                MtGoxClockReading(
                    venueMicroseconds: date, resolution: .seconds(1), age: .milliseconds(20)),
                at: local, now)
        }
        #expect(abs(clock.microseconds - offset) < 60_000)
    }

    @Test func aReadingThatContradictsBeginsAnew() {
        var clock = ClockOffset()
        #expect(!clock.isKnown)
        clock.take(reading(3_600_000_000, .zero), at: wall, .zero)
        #expect(clock.isKnown)
        clock.take(reading(0, .zero), at: wall, .zero + .seconds(1))
        #expect(clock.microseconds == 0)
        clock.take(reading(-3_600_000_000, .zero), at: wall, .zero + .seconds(2))
        #expect(clock.microseconds == -3_599_500_000)
        clock.forget()
        #expect(clock.microseconds == 0 && !clock.isKnown)
    }

    /// What was known is known until something newer is, and then for a minute or two.
    @Test func readingsAge() {
        var clock = ClockOffset()
        clock.take(reading(5_000_000, nil), at: wall, .zero)
        clock.take(reading(4_000_000, nil), at: wall, .zero + .seconds(3600))
        #expect(clock.microseconds == 4_980_000)
        clock.take(reading(4_000_000, nil), at: wall, .zero + .seconds(3700))
        #expect(clock.microseconds == 3_980_000)
    }
}
