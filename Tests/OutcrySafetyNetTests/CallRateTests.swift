import OutcryKernel
import OutcryServing
import Testing

/// So many things in a span, counted as whoever kept a list of everything would.
@Suite struct CallRateTests {
    /// Everything that was done, and looked through each time.
    private struct Naive {
        let count: Int
        let span: Duration
        var times: [Int: [KernelTime]] = [:]

        mutating func wait(_ key: Int, at now: KernelTime) -> Int? {
            let counting = times[key, default: []].filter { $0 + span > now }
            guard counting.count >= count else {
                times[key, default: []].append(now)
                return nil
            }
            let rest = counting[0] + span - now
            return max(1, Int((rest.nanoseconds + 999_999_999) / 1_000_000_000))
        }
    }

    @Test(arguments: 1...20) func aListOfEverythingSaysTheSame(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...40, using: &random)
        let span = Duration.milliseconds(Int64.random(in: 1...20_000, using: &random))
        var naive = Naive(count: count, span: span)
        var rate = CallRate<Int>(count, span)
        var now = KernelTime.zero
        var refused = 0
        for _ in 0..<5_000 {
            now = now + .milliseconds(Int64.random(in: 0...500, using: &random))
            let key = Int.random(in: 0..<3, using: &random)
            let wanted = naive.wait(key, at: now)
            #expect(rate.wait(key, at: now) == wanted)
            if wanted != nil { refused += 1 }
        }
        #expect(refused > 0 || span < .seconds(2) || count > 10)
    }

    @Test func withoutALimitNobodyWaits() {
        var rate = CallRate<Int>(nil, nil)
        for _ in 0..<10 { #expect(rate.wait(1, at: .zero) == nil) }
    }

    @Test func whoDidNothingLatelyIsForgotten() {
        var rate = CallRate<Int>(1, .seconds(1))
        for key in 0..<30_000 {
            #expect(rate.wait(key, at: KernelTime(nanoseconds: Int64(key) * 1_000_000)) == nil)
        }
        #expect(rate.keys < 12_000)
    }
}
