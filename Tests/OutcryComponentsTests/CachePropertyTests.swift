import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

/// The rules of a cache in the plainest words: nothing is remembered that could be worked out.
private struct NaiveCache {
    struct Fact {
        var number: Int64
        var at: Int
        var isLive = false
    }
    struct Call {
        var ticket: UInt64
        var askers: [Int]
    }
    let age: Int
    let more: Int?
    let limit: Int
    let pause: Int
    let longest: Int
    /// The least recently used first.
    var keys: [CacheKey] = []
    var facts: [CacheKey: Fact] = [:]
    var calls: [CacheKey: Call] = [:]
    /// The times of the failures since the last success, and how long the last asked to wait.
    var failures: [CacheKey: [(at: Int, wasTried: Bool, retryAt: Int)]] = [:]
    var tickets: UInt64 = 0

    mutating func room(for key: CacheKey) -> Bool {
        if keys.contains(key) { return true }
        if keys.count == limit {
            guard let victim = keys.first(where: { calls[$0] == nil }) else { return false }
            keys.removeAll { $0 == victim }
            facts[victim] = nil
            failures[victim] = nil
        }
        keys.append(key)
        return true
    }

    func retryAt(_ key: CacheKey) -> Int {
        guard let all = failures[key], let last = all.last else { return .min }
        let tried = all.count { $0.wasTried }
        var wait = pause
        for _ in 0..<max(0, tried - 1) { wait = min(wait * 2, longest) }
        return max(last.at + wait, last.retryAt)
    }

    func words(_ fact: Fact, _ now: Int) -> String {
        if fact.isLive { return "\(fact.number) 0 stream" }
        let old = now - fact.at
        return "\(fact.number) \(old) \(old >= age ? "stale " : "")memory"
    }

    func isFresh(_ key: CacheKey, _ now: Int) -> Bool {
        facts[key].map { $0.isLive || now - $0.at < age } ?? false
    }

    func isUsable(_ key: CacheKey, _ now: Int) -> Bool {
        guard let fact = facts[key] else { return false }
        return isFresh(key, now) || (more.map { now - fact.at < age + $0 } ?? false)
    }

    mutating func ask(_ key: CacheKey, _ asker: Int, _ now: Int) -> String {
        guard room(for: key) else { return "busy: every place of the cache waits for a call" }
        keys.removeAll { $0 == key }
        keys.append(key)
        if isFresh(key, now), let fact = facts[key] { return words(fact, now) }
        if calls[key] != nil {
            calls[key]?.askers.append(asker)
            return "joined"
        }
        if now < retryAt(key) {
            if isUsable(key, now), let fact = facts[key] { return words(fact, now) }
            let cause = failures[key]?.last?.wasTried == false ? "budget" : "paused"
            return "\(cause): no until \(retryAt(key))"
        }
        tickets += 1
        calls[key] = Call(ticket: tickets, askers: [asker])
        return "fetch \(tickets)"
    }

    mutating func fetched(_ key: CacheKey, _ number: Int64, asked: Int, _ now: Int) -> String {
        calls[key] = nil
        failures[key] = nil
        if let fact = facts[key], fact.isLive || fact.at > asked {
            return fact.isLive
                ? "\(fact.number) 0 stream" : "\(fact.number) \(now - fact.at) memory"
        }
        facts[key] = Fact(number: number, at: asked)
        return "\(number) \(now - asked) upstream"
    }

    mutating func failed(_ key: CacheKey, wasTried: Bool, retryAt: Int, _ now: Int) -> String {
        calls[key] = nil
        failures[key, default: []].append((now, wasTried, retryAt))
        if isUsable(key, now), let fact = facts[key] { return words(fact, now) }
        return "\(wasTried ? "venue" : "budget"): no until \(self.retryAt(key))"
    }
}

@Suite struct CachePropertyTests {
    private let keys: [CacheKey] = [
        .ticker(.btcusd), .ticker(.btceur), .ticker(.btcjpy), .depth(.btcusd),
        .trades(.btcusd), .trades(.btcusd, since: 5), .trades(.btcusd, since: 6),
    ]

    @Test(arguments: 1...30 as ClosedRange<UInt64>) func asTheNaiveOne(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var rules = CacheRules()
        let more: Int? = seed % 3 == 0 ? nil : 5_000
        for kind in [CacheKind.ticker, .depth, .trades] {
            rules[kind] = CacheRule(
                age: .seconds(2), serveStaleFor: more.map { .milliseconds($0) })
        }
        rules.mostEntries = Int.random(in: 1...8, using: &random)
        rules.pause = .milliseconds(500)
        rules.longestPause = .milliseconds(3_000)
        var machine = CacheMachine<Int>(rules)
        var naive = NaiveCache(
            age: 2_000, more: more, limit: rules.mostEntries, pause: 500, longest: 3_000)
        var now = 0
        var answered: Set<Int> = []
        var waiting: Set<Int> = []
        /// When the calls that are under way began.
        var begun: [CacheKey: (ticket: UInt64, at: Int)] = [:]
        var number: Int64 = 0

        func end(_ askers: [Int]) {
            for asker in askers {
                #expect(waiting.remove(asker) != nil, "seed \(seed): \(asker) did not wait")
                #expect(answered.insert(asker).inserted, "seed \(seed): \(asker) told twice")
            }
        }

        for asker in 0..<600 {
            now += Int.random(in: 0...400, using: &random)
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0...4:
                let step = machine.ask(key, asker, at: at(now))
                let expected = naive.ask(key, asker, now)
                #expect(step.words == expected, "seed \(seed), \(key) at \(now)")
                switch step {
                case .answer: answered.insert(asker)
                case .joined: waiting.insert(asker)
                case .fetch(let ticket):
                    waiting.insert(asker)
                    #expect(begun[key] == nil, "seed \(seed): two calls for \(key)")
                    begun[key] = (ticket, now)
                }
            case 5, 6:
                guard let call = begun.removeValue(forKey: key) else { continue }
                number += 1
                let (askers, answer) = machine.fetched(
                    key, call.ticket, numbered(number), asked: at(call.at), at: at(now))
                end(askers)
                let expected = naive.fetched(key, number, asked: call.at, now)
                #expect(Outcome.success(answer).words == expected, "seed \(seed), at \(now)")
            case 7:
                guard let call = begun.removeValue(forKey: key) else { continue }
                let wasTried = Bool.random(using: &random)
                let retry = now + Int.random(in: 0...2_000, using: &random)
                let (askers, answer) = machine.failed(
                    key, call.ticket,
                    FetchFailure(reason: "no", retryAt: at(retry), wasTried: wasTried), at: at(now))
                end(askers)
                let expected = naive.failed(key, wasTried: wasTried, retryAt: retry, now)
                #expect(answer.words == expected, "seed \(seed), \(key) at \(now)")
            case 8:
                number += 1
                machine.streamed(key, numbered(number))
                if naive.keys.contains(key) {
                    naive.facts[key] = .init(number: number, at: 0, isLive: true)
                }
            default:
                machine.lost(key, at: at(now))
                if naive.facts[key]?.isLive == true {
                    naive.facts[key] = .init(number: naive.facts[key]?.number ?? 0, at: now)
                }
            }
            #expect(machine.counts.entries == naive.keys.count, "seed \(seed)")
            #expect(machine.counts.entries <= rules.mostEntries)
        }
        #expect(answered.count > 100, "seed \(seed): the test asks")
        let total = machine.counts.total
        let asked = total.hits + total.streamed + total.misses + total.joined + total.stale
        #expect(asked + total.refused == answered.count + waiting.count, "seed \(seed)")
    }
}
