public import OutcryKernel

/// What a cache knows and what is on its way: no kernel, no I/O. `Asker` is whatever its owner knows those
/// who wait by.
///
/// Entries lie in the order of their keys, so a question costs a binary search; one that is full looks at
/// every entry for the least recently used one.
public struct CacheMachine<Asker> {
    /// What is to be done about a question.
    public enum Step {
        /// It is answered.
        case answer(Outcome<Cached<CacheValue>, CacheFailure>)
        /// The asker waits: a call is under way.
        case joined
        /// The asker waits: the venue is to be asked, and what becomes of it told with this number.
        case fetch(ticket: UInt64)
    }

    /// What is to be done so that a value is new, although nobody waits for it.
    public enum Refresh: Equatable {
        /// The venue is to be asked, and what becomes of it told with this number.
        case fetch(ticket: UInt64)
        /// A call is under way.
        case isUnderWay
        /// Not before this time.
        case paused(until: KernelTime)
        /// The thing is not kept, or there is no room.
        case refused
    }

    private struct Entry {
        let key: CacheKey
        var value: CacheValue?
        /// When the value was known to be the venue's; meaningless while it is live.
        var at = KernelTime.zero
        /// The stream keeps it current.
        var isLive = false
        var bytes = 0
        var used: UInt64
        /// The call that is under way.
        var ticket: UInt64?
        var waiting: [Asker] = []
        var failures = 0
        var retryAt: KernelTime?
        var failure: CacheFailure?
    }

    /// What has been done. The counts of what is held are up to date.
    public private(set) var counts = CacheCounts()
    private let rules: CacheRules
    private var entries: [Entry] = []
    private var evicted: [CacheKey] = []
    private var uses: UInt64 = 0
    private var tickets: UInt64 = 0

    /// Makes an empty cache.
    public init(_ rules: CacheRules) { self.rules = rules }

    // MARK: Questions

    /// Somebody asks for something.
    public mutating func ask(_ key: CacheKey, _ asker: Asker, at now: KernelTime) -> Step {
        guard let rule = rules[key.kind] else {
            counts[key.kind].refused += 1
            return .answer(.failure(Self.notKept(key)))
        }
        guard let place = place(of: key, making: true) else {
            counts[key.kind].refused += 1
            return .answer(.failure(Self.busy))
        }
        touch(place)
        if let found = fresh(place, rule, now) {
            if entries[place].isLive {
                counts[key.kind].streamed += 1
            } else {
                counts[key.kind].hits += 1
            }
            return .answer(.success(found))
        }
        if entries[place].ticket != nil {
            guard entries[place].waiting.count < rules.mostWaiting else {
                counts[key.kind].refused += 1
                return .answer(.failure(Self.crowded(rules.mostWaiting)))
            }
            counts[key.kind].joined += 1
            entries[place].waiting.append(asker)
            return .joined
        }
        if let failure = entries[place].failure, let retry = entries[place].retryAt, now < retry {
            if let found = stale(place, rule, now) {
                counts[key.kind].stale += 1
                return .answer(.success(found))
            }
            counts[key.kind].refused += 1
            return .answer(.failure(Self.paused(failure, retry)))
        }
        counts[key.kind].misses += 1
        entries[place].waiting.append(asker)
        return .fetch(ticket: begin(place))
    }

    /// The venue should be asked for something, however young what is known.
    public mutating func refresh(_ key: CacheKey, at now: KernelTime) -> Refresh {
        guard rules[key.kind] != nil, let place = place(of: key, making: true) else {
            return .refused
        }
        if entries[place].ticket != nil { return .isUnderWay }
        if let retry = entries[place].retryAt, now < retry { return .paused(until: retry) }
        return .fetch(ticket: begin(place))
    }

    private mutating func begin(_ place: Int) -> UInt64 {
        tickets += 1
        entries[place].ticket = tickets
        return tickets
    }

    private func fresh(
        _ place: Int, _ rule: CacheRule, _ now: KernelTime
    ) -> Cached<CacheValue>? {
        guard let value = entries[place].value else { return nil }
        if entries[place].isLive { return Cached(value, age: .zero, source: .stream) }
        let age = now - entries[place].at
        return age < rule.age ? Cached(value, age: age, source: .memory) : nil
    }

    private func stale(
        _ place: Int, _ rule: CacheRule, _ now: KernelTime
    ) -> Cached<CacheValue>? {
        guard let value = entries[place].value, let more = rule.serveStaleFor else { return nil }
        let age = now - entries[place].at
        guard age < rule.age + more else { return nil }
        return Cached(value, age: age, isStale: age >= rule.age, source: .memory)
    }

    // MARK: What becomes of calls

    /// The call of this number has brought a value.
    ///
    /// - Parameter asked: When it was asked for: it is not older, besides the venue's own repeating.
    /// - Returns: Who waited, and the answer to all of them.
    public mutating func fetched(
        _ key: CacheKey, _ ticket: UInt64, _ value: CacheValue, asked: KernelTime,
        at now: KernelTime
    ) -> (askers: [Asker], answer: Cached<CacheValue>) {
        let news = Cached(value, age: now - asked, source: .upstream)
        guard let place = ended(key, ticket) else { return ([], news) }
        let askers = takeWaiting(place)
        entries[place].failures = 0
        entries[place].failure = nil
        entries[place].retryAt = nil
        // What the stream has told meanwhile is younger.
        if let kept = entries[place].value, entries[place].isLive || entries[place].at > asked {
            let found = Cached(kept, age: .zero, source: .stream)
            let once = Cached(kept, age: now - entries[place].at, source: .memory)
            return (askers, entries[place].isLive ? found : once)
        }
        put(value, place, at: asked)
        makeRoom()
        return (askers, news)
    }

    /// The call of this number has failed. Nothing of it is kept but that it failed: for a while nobody asks
    /// again, longer after each failure in a row.
    ///
    /// - Returns: Who waited, and the answer to all of them: a stale value, where the rule allows it.
    public mutating func failed(
        _ key: CacheKey, _ ticket: UInt64, _ failure: FetchFailure, at now: KernelTime
    ) -> (askers: [Asker], answer: Outcome<Cached<CacheValue>, CacheFailure>) {
        let cause = failure.wasTried ? CacheFailure.Cause.venue : .budget
        var told = CacheFailure(cause: cause, reason: failure.reason, retryAt: failure.retryAt)
        guard let place = ended(key, ticket), let rule = rules[key.kind] else {
            return ([], .failure(told))
        }
        let askers = takeWaiting(place)
        if failure.wasTried { entries[place].failures += 1 }
        let doublings = max(0, min(entries[place].failures - 1, 20))
        let pause = min(rules.pause * (1 << doublings), rules.longestPause)
        let retry = max(now + pause, failure.retryAt)
        told = CacheFailure(cause: cause, reason: failure.reason, retryAt: retry)
        entries[place].retryAt = retry
        entries[place].failure = told
        if let found = fresh(place, rule, now) ?? stale(place, rule, now) {
            counts[key.kind].rescued += askers.count
            return (askers, .success(found))
        }
        counts[key.kind].failed += askers.count
        return (askers, .failure(told))
    }

    private func ended(_ key: CacheKey, _ ticket: UInt64) -> Int? {
        guard let place = place(of: key), entries[place].ticket == ticket else { return nil }
        return place
    }

    private mutating func takeWaiting(_ place: Int) -> [Asker] {
        let askers = entries[place].waiting
        entries[place].waiting = []
        entries[place].ticket = nil
        return askers
    }

    // MARK: The stream

    /// Whether anybody has asked for it, so that it is worth keeping current.
    public func isKept(_ key: CacheKey) -> Bool { place(of: key) != nil }

    /// When the last call for it may be followed by another, if it failed.
    public func retryAt(_ key: CacheKey) -> KernelTime? {
        place(of: key).flatMap { entries[$0].retryAt }
    }

    /// The stream tells a value, which stays current until ``lost(_:at:)``. Only for what is kept.
    public mutating func streamed(_ key: CacheKey, _ value: CacheValue) {
        guard let place = place(of: key) else { return }
        put(value, place, at: .zero)
        entries[place].isLive = true
        makeRoom()
    }

    /// The stream had this value at a time that is past. It does not take the place of something younger.
    public mutating func learned(_ key: CacheKey, _ value: CacheValue, at time: KernelTime) {
        guard rules[key.kind] != nil, let place = place(of: key, making: true),
            !entries[place].isLive, entries[place].value == nil || entries[place].at < time
        else { return }
        put(value, place, at: time)
        makeRoom()
    }

    /// A question was answered with what the stream had at this moment; it is kept for when the stream has
    /// it no more.
    public mutating func answered(_ key: CacheKey, with value: CacheValue, at now: KernelTime) {
        guard rules[key.kind] != nil else { return }
        counts[key.kind].streamed += 1
        guard let place = place(of: key, making: true) else { return }
        touch(place)
        put(value, place, at: now)
        makeRoom()
    }

    /// The stream does not keep it current any more: from now on it ages.
    public mutating func lost(_ key: CacheKey, at now: KernelTime) {
        guard let place = place(of: key), entries[place].isLive else { return }
        entries[place].isLive = false
        entries[place].at = now
    }

    /// Nothing is kept current by the stream any more.
    public mutating func lostAll(at now: KernelTime) {
        for place in entries.indices where entries[place].isLive {
            entries[place].isLive = false
            entries[place].at = now
        }
    }

    /// Something of the stream was missed, and nobody knows since when: what it kept current is thrown away.
    public mutating func distrustAll() {
        for place in entries.indices where entries[place].isLive {
            entries[place].isLive = false
            entries[place].value = nil
        }
    }

    /// The value under a key is thrown away.
    public mutating func distrust(_ key: CacheKey) {
        guard let place = place(of: key) else { return }
        entries[place].isLive = false
        entries[place].value = nil
    }

    /// The stream keeps current what is kept, from now on.
    public mutating func becameLive(_ key: CacheKey) {
        guard let place = place(of: key), entries[place].value != nil else { return }
        entries[place].isLive = true
    }

    /// What is kept elsewhere under this key takes so much memory.
    public mutating func weigh(_ key: CacheKey, _ bytes: Int) {
        guard let place = place(of: key) else { return }
        counts.bytes += bytes - entries[place].bytes
        entries[place].bytes = bytes
        makeRoom()
    }

    /// One more page of a market's trades was asked for.
    mutating func countTradePage() { counts.tradePages += 1 }

    // MARK: Room

    /// The keys that were given up since the last call.
    public mutating func takeEvicted() -> [CacheKey] {
        defer { evicted = [] }
        return evicted
    }

    private mutating func put(_ value: CacheValue, _ place: Int, at time: KernelTime) {
        let bytes = value.bytes
        counts.bytes += bytes - entries[place].bytes
        entries[place].value = value
        entries[place].bytes = bytes
        entries[place].at = time
        entries[place].isLive = false
    }

    private mutating func touch(_ place: Int) {
        uses += 1
        entries[place].used = uses
    }

    /// Gives up the least recently used until all is within the limits; never what a call is under way for.
    private mutating func makeRoom() {
        while entries.count > rules.mostEntries || counts.bytes > rules.mostBytes {
            guard evictOne() else { return }
        }
    }

    private mutating func evictOne() -> Bool {
        var oldest: Int?
        for place in entries.indices where entries[place].ticket == nil {
            if entries[place].used < oldest.map({ entries[$0].used }) ?? .max { oldest = place }
        }
        guard let oldest else { return false }
        let entry = entries.remove(at: oldest)
        counts.bytes -= entry.bytes
        counts.entries = entries.count
        counts[entry.key.kind].evicted += 1
        evicted.append(entry.key)
        return true
    }

    /// The place of a key; makes one where there is room for it, or can be made.
    private mutating func place(of key: CacheKey, making: Bool) -> Int? {
        if let place = place(of: key) { return place }
        if entries.count >= rules.mostEntries, !evictOne() { return nil }
        let place = lowerBound(key)
        uses += 1
        entries.insert(Entry(key: key, used: uses), at: place)
        counts.entries = entries.count
        return place
    }

    private func place(of key: CacheKey) -> Int? {
        let place = lowerBound(key)
        return place < entries.count && entries[place].key == key ? place : nil
    }

    private func lowerBound(_ key: CacheKey) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Reasons

    private static func notKept(_ key: CacheKey) -> CacheFailure {
        CacheFailure(
            cause: .notKept,
            reason: "expected a kind that the rules say to keep, found \(key.kind)", retryAt: nil)
    }

    private static var busy: CacheFailure {
        CacheFailure(
            cause: .busy, reason: "every place of the cache waits for a call", retryAt: nil)
    }

    private static func crowded(_ limit: Int) -> CacheFailure {
        CacheFailure(
            cause: .busy, reason: "\(limit) others wait for the same call", retryAt: nil)
    }

    private static func paused(_ failure: CacheFailure, _ retry: KernelTime) -> CacheFailure {
        CacheFailure(
            cause: failure.cause == .budget ? .budget : .paused, reason: failure.reason,
            retryAt: retry)
    }
}
