import OutcryComponents
import OutcryKernel
import Testing

@Suite struct LimitsTests {
    @Test func fiveAnHour() {
        var bucket = TokenBucket(capacity: 5, period: .seconds(3600))
        for minute in 0..<5 { #expect(bucket.take(at: at(minute * 60_000)) == .granted) }
        #expect(bucket.available(at: at(300_000)) == 0)
        #expect(bucket.take(at: at(300_000)) == .spent(until: at(3_600_000)))
        #expect(bucket.take(at: at(3_599_999)) == .spent(until: at(3_600_000)))
        #expect(bucket.available(at: at(3_600_000)) == 1)
        #expect(bucket.take(at: at(3_600_000)) == .granted)
        #expect(bucket.take(at: at(3_600_000)) == .spent(until: at(3_660_000)))
        #expect(bucket.available(at: at(100_000_000)) == 5)
    }

    @Test func someAreLeftToOthers() {
        var bucket = TokenBucket(capacity: 5, period: .seconds(3600))
        #expect(bucket.take(at: at(0), leaving: 2) == .granted)
        #expect(bucket.take(at: at(1_000)) == .granted)
        #expect(bucket.take(at: at(2_000), leaving: 2) == .granted)
        #expect(bucket.take(at: at(3_000), leaving: 2) == .spent(until: at(3_600_000)))
        #expect(bucket.take(at: at(4_000)) == .granted)
        #expect(bucket.take(at: at(5_000), leaving: 2) == .spent(until: at(3_601_000)))
        #expect(bucket.take(at: at(6_000)) == .granted)
        #expect(bucket.take(at: at(3_601_999), leaving: 2) == .spent(until: at(3_602_000)))
        #expect(bucket.take(at: at(3_602_000), leaving: 2) == .granted)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func neverMoreThanFiveInAnyHour(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bucket = TokenBucket(capacity: 5, period: .seconds(3600))
        var taken: [KernelTime] = []
        var now = at(0)
        for _ in 0..<2000 {
            now = now + .seconds(Int64.random(in: 0...600, using: &random))
            switch bucket.take(at: now) {
            case .granted: taken.append(now)
            case .spent(let until): #expect(until > now, "seed \(seed)")
            }
        }
        for (i, time) in taken.enumerated() where i >= 5 {
            #expect(time - taken[i - 5] >= .seconds(3600), "seed \(seed)")
        }
        #expect(taken.count > 500, "seed \(seed)")
    }

    @Test func backoff() {
        var random = SeededGenerator(seed: 3)
        let plain = Backoff(
            first: .seconds(1), most: .seconds(10), factor: 3, isJittered: false)
        #expect(
            (0..<5).map { plain.pause(before: $0, using: &random) }
                == [1, 3, 9, 10, 10].map { Duration.seconds($0) })
        #expect(plain.pause(before: .max, using: &random) == .seconds(10))
        #expect(plain.pause(before: -1, using: &random) == .seconds(1))
        let floored = Backoff(first: .zero, most: .seconds(1), floor: .milliseconds(300))
        for attempt in 0..<50 {
            let pause = floored.pause(before: attempt, using: &random)
            #expect(pause >= .milliseconds(300) && pause <= .seconds(1))
        }
    }

    @Test func tracker() {
        var tracker = RequestTracker<String, Int>()
        #expect(tracker.nextDeadline == nil)
        #expect(tracker.begin("a", 1, deadline: at(30)) == true)
        #expect(tracker.begin("b", 2, deadline: at(10)) == true)
        #expect(tracker.begin("c", 3, deadline: at(20)) == true)
        #expect(tracker.begin("a", 9, deadline: at(5)) == false)
        #expect(tracker.nextDeadline == at(10))
        #expect(tracker.value(of: "a") == 1)
        #expect(tracker.end("b") == 2)
        #expect(tracker.end("b") == nil)
        #expect(tracker.nextDeadline == at(20))
        #expect(tracker.expire(at: at(19)).count == 0)
        #expect(tracker.expire(at: at(30)).map(\.key) == ["a", "c"], "in the order of beginning")
        #expect(tracker.expired == 2)
        #expect(tracker.count == 0)
        #expect(tracker.nextDeadline == nil)
        // A key that comes again is another request: its old deadline is gone.
        #expect(tracker.begin("a", 4, deadline: at(40)) == true)
        #expect(tracker.end("a") == 4)
        #expect(tracker.begin("a", 5, deadline: at(60)) == true)
        #expect(tracker.nextDeadline == at(60))
        #expect(tracker.begin("d", 6, deadline: at(50)) == true)
        #expect(tracker.endAll().map(\.key) == ["a", "d"])
        #expect(tracker.nextDeadline == nil)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func trackerIsItsNaiveTwin(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tracker = RequestTracker<Int, Int>()
        var naive: [(key: Int, deadline: KernelTime)] = []
        var now = 0
        for step in 0..<5000 {
            let key = Int.random(in: 0..<300, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let deadline = at(now + Int.random(in: 1...200, using: &random))
                let isNew = !naive.contains { $0.key == key }
                #expect(tracker.begin(key, key, deadline: deadline) == isNew)
                if isNew { naive.append((key, deadline)) }
            case 6..<9:
                let i = naive.firstIndex { $0.key == key }
                #expect(tracker.end(key) == (i == nil ? nil : key))
                if let i { naive.remove(at: i) }
            default:
                now += Int.random(in: 0...40, using: &random)
                let late = naive.filter { $0.deadline <= at(now) }.map(\.key)
                naive.removeAll { $0.deadline <= at(now) }
                #expect(tracker.expire(at: at(now)).map(\.key) == late)
            }
            #expect(tracker.count == naive.count)
            guard tracker.nextDeadline == naive.map(\.deadline).min() else {
                Issue.record("seed \(seed), step \(step): another next deadline")
                return
            }
        }
    }
}
