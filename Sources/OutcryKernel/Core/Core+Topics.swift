// Publishing: one record for everybody registered. The invariants stand in Core.swift.

extension Core {
    @inlinable func publish<P: ~Copyable>(
        _ event: Event<P>, from source: SessionID, _ payload: consuming P
    ) -> Posted {
        guard isAlive(source) else { return .gone }
        let alias = unsafe s.pointee.slots[Int(source.slot)].alias
        guard alias != .max else { return .gone }
        let t = recentTopic(event.id, alias)
        // Nobody listens: nothing to queue.
        guard t != .max, unsafe s.pointee.topics[Int(t)].count > 0 else { return .taken }
        append(event, t | 0x8000_0000, 0, source, payload)
        unsafe s.pointee.topics[Int(t)].published &+= 1
        let list = unsafe s.pointee.topics + Int(t)
        // Found now: an overflow event may be queued behind it.
        let raw = unsafe s.pointee.write - Payload<P>.size
        for i in 0..<Int(unsafe list.pointee.count) {
            let id = unsafe list.pointee.subscribers.unsafelyUnwrapped[i].session
            let slot = unsafe s.pointee.slots + Int(id.slot)
            guard unsafe slot.pointee.generation == id.generation else { continue }
            if unsafe slot.pointee.pending < slot.pointee.limit {
                unsafe slot.pointee.pending &+= 1
            } else {
                unsafe admitSlowly(id, event.id, t, UnsafeRawPointer(Payload<P>.find(raw)))
            }
        }
        return .taken
    }

    /// Whether anybody would get `event` if `source` published it now.
    @inlinable func hasListeners(_ event: UInt32, from source: SessionID) -> Bool {
        guard isAlive(source) else { return false }
        let alias = unsafe s.pointee.slots[Int(source.slot)].alias
        guard alias != .max else { return false }
        let t = recentTopic(event, alias)
        return unsafe t != .max && s.pointee.topics[Int(t)].count > 0
    }

    /// The topic of an event and an alias; `.max` where nobody ever registered for it.
    @inline(__always) @inlinable func recentTopic(_ event: UInt32, _ alias: UInt32) -> UInt32 {
        guard unsafe s.pointee.aliases[Int(alias)].firstTopic != .max else { return .max }
        let t = unsafe s.pointee.recentTopics[Int((event ^ alias &* 13) & 63)]
        if unsafe t != .max && s.pointee.topics[Int(t)].event == event
            && s.pointee.topics[Int(t)].alias == alias
        {
            return t
        }
        return findTopic(event, alias)
    }

    /// Looks through an alias's topics, and remembers which it was: a publisher mostly announces the same few things.
    @inline(never) @usableFromInline func findTopic(_ event: UInt32, _ alias: UInt32) -> UInt32 {
        var t = unsafe s.pointee.aliases[Int(alias)].firstTopic
        while t != .max, unsafe s.pointee.topics[Int(t)].event != event {
            t = unsafe s.pointee.topics[Int(t)].next
        }
        if t != .max { unsafe s.pointee.recentTopics[Int((event ^ alias &* 13) & 63)] = t }
        return t
    }

    /// A subscriber's mailbox is full, or it has policies: decides whether it gets this record.
    @inline(never) @usableFromInline func admitSlowly(
        _ id: SessionID, _ event: UInt32, _ topic: UInt32, _ payload: UnsafeRawPointer
    ) {
        let extras = kernel.extras(of: id)
        let slot = unsafe s.pointee.slots + Int(id.slot)
        let sequence = unsafe s.pointee.topics[Int(topic)].published
        let isFull = unsafe slot.pointee.pending >= extras.marks.limit
        let policy = extras.policies?[event]
        switch unsafe policy?.admit(payload, isFull: isFull) ?? (isFull ? .refuse : .admit) {
        case .refuse:
            extras.skips[topic, default: []].insert(sequence)
            kernel.refused(event, by: id, extras)
            kernel.overflowed(event, id, extras)
        case .admit:
            unsafe slot.pointee.pending &+= 1
            unsafe policy?.queued(payload, QueueReference(topic: topic, sequence: sequence))
            kernel.noteHigh(id, extras)
        case .replace(let old):
            bury(old, of: id, extras)
            unsafe slot.pointee.pending &+= 1
            unsafe policy?.queued(payload, QueueReference(topic: topic, sequence: sequence))
        }
        respecial(id, extras)
    }

    /// Adds `id` to the listeners of `event` from `source`. Registering twice is registering once.
    func register(_ id: SessionID, event: UInt32, source: Alias) -> Bool {
        grow(source.id)
        let t = topic(event, source)
        let list = unsafe s.pointee.topics + Int(t)
        let count = unsafe Int(list.pointee.count)
        for i in 0..<count
        where unsafe list.pointee.subscribers.unsafelyUnwrapped[i].session == id { return false }
        if unsafe list.pointee.count == list.pointee.capacity {
            let capacity = max(4, count * 2)
            let bigger = UnsafeMutablePointer<Subscriber>.allocate(capacity: capacity)
            if let old = unsafe list.pointee.subscribers {
                unsafe bigger.moveInitialize(from: old, count: count)
                unsafe old.deallocate()
            }
            unsafe list.pointee.subscribers = unsafe bigger
            unsafe list.pointee.capacity = UInt32(capacity)
        }
        let joined = unsafe list.pointee.published
        unsafe (list.pointee.subscribers.unsafelyUnwrapped + count).initialize(
            to: Subscriber(session: id, joined: joined))
        unsafe list.pointee.count += 1
        return true
    }

    /// Takes `id` off the listeners. What was published before is not delivered any more.
    func unregister(_ id: SessionID, event: UInt32, source: Alias) -> Bool {
        grow(source.id)
        let t = topic(event, source)
        let list = unsafe s.pointee.topics + Int(t)
        for i in 0..<Int(unsafe list.pointee.count) {
            let entry = unsafe list.pointee.subscribers.unsafelyUnwrapped + i
            guard unsafe entry.pointee.session == id else { continue }
            var done = unsafe list.pointee.delivered
            // The record that is being delivered has not come to this listener yet.
            if unsafe s.pointee.fanTopic == t, unsafe Int(s.pointee.fanIndex) < i { done &-= 1 }
            let waiting = unsafe list.pointee.published - max(done, entry.pointee.joined)
            let extras = kernel.extras(of: id)
            let skipped = extras.skips.removeValue(forKey: t)
            unsafe s.pointee.slots[Int(id.slot)].pending &-=
                UInt32(waiting) &- UInt32(skipped?.count ?? 0)
            extras.policies?[event]?.forget { $0.isOf(topic: t) }
            // A dead entry, swept at the next delivery: the list may be in use right now.
            unsafe entry.pointee.session = .nobody
            return true
        }
        return false
    }

    /// The number of the topic's list, made when it is first asked for.
    private func topic(_ event: UInt32, _ source: Alias) -> UInt32 {
        var t = unsafe s.pointee.aliases[Int(source.id)].firstTopic
        while t != .max, unsafe s.pointee.topics[Int(t)].event != event {
            t = unsafe s.pointee.topics[Int(t)].next
        }
        if t != .max { return t }
        t = unsafe s.pointee.topicCount
        if unsafe t == s.pointee.topicCapacity {
            let bigger = UnsafeMutablePointer<TopicList>.allocate(capacity: Int(t) * 2)
            unsafe bigger.moveInitialize(from: s.pointee.topics, count: Int(t))
            unsafe s.pointee.topics.deallocate()
            unsafe s.pointee.topics = unsafe bigger
            unsafe s.pointee.topicCapacity = t * 2
        }
        unsafe s.pointee.topicCount += 1
        unsafe (s.pointee.topics + Int(t)).initialize(
            to: TopicList(
                event: event, alias: source.id,
                next: s.pointee.aliases[Int(source.id)].firstTopic))
        unsafe s.pointee.aliases[Int(source.id)].firstTopic = t
        return t
    }

    /// Closes the gaps that stopped sessions left in a topic's list.
    @inline(never) func sweep(_ topic: UInt32) {
        let list = unsafe s.pointee.topics + Int(topic)
        let entries = unsafe list.pointee.subscribers.unsafelyUnwrapped
        var kept = 0
        for i in 0..<Int(unsafe list.pointee.count) where isAlive(unsafe entries[i].session) {
            unsafe entries[kept] = unsafe entries[i]
            kept += 1
        }
        unsafe list.pointee.count = UInt32(kept)
        unsafe list.pointee.hasDead = false
    }

    /// What `id` is registered for, in no particular order of topics.
    func registrations(of id: SessionID) -> [UInt32] {
        var events: [UInt32] = []
        for t in 0..<Int(unsafe s.pointee.topicCount) {
            let list = unsafe s.pointee.topics + t
            for i in 0..<Int(unsafe list.pointee.count)
            where unsafe list.pointee.subscribers.unsafelyUnwrapped[i].session == id {
                unsafe events.append(list.pointee.event)
            }
        }
        return events
    }
}
