// What a journal keeps of a payload: enough for a replay to tell whether it is the same. A kernel without a journal
// has none of it.

/// What a payload comes to: 32 bits, the same in every process for the same content.
@frozen public struct PayloadDigest {
    @usableFromInline var hash: UInt64 = 0x9e37_79b1_85eb_ca87

    @inlinable init() {}

    @inlinable @inline(__always) mutating func step(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9fb2_1c65_1e98_df25
        hash = hash &<< 29 | hash &>> 35
    }

    /// Adds a number.
    @inlinable public mutating func add(_ number: Int64) { step(UInt64(bitPattern: number)) }

    /// Adds a text, also an empty one.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var word: UInt64 = 0
            for place in bytes.indices {
                word = unsafe word &<< 8 | UInt64(bytes[place])
                if place & 7 == 7 { step(word) }
            }
            step(word)
            step(UInt64(bytes.count))
        }
    }

    /// Adds a value as its words lie in memory.
    ///
    /// - Precondition: Its fields are words, so that there is nothing between them, and none of them is an address or
    ///   a number that the process has given out, such as that of an event.
    @inlinable public mutating func add<Value: BitwiseCopyable>(wordsOf value: Value) {
        precondition(
            MemoryLayout<Value>.size & 7 == 0 && MemoryLayout<Value>.alignment == 8,
            "the fields of what is digested by its words are words")
        unsafe withUnsafeBytes(of: value) { bytes in
            for place in stride(from: 0, to: bytes.count, by: 8) {
                step(unsafe bytes.load(fromByteOffset: place, as: UInt64.self))
            }
        }
    }

    /// All that was added; not 0, which says that nothing is compared.
    @inlinable var value: UInt32 {
        max(1, UInt32(truncatingIfNeeded: hash &* 0x9fb2_1c65_1e98_df25 &>> 32))
    }
}

/// Makes the digest of one event's payload. A closure in a box of its own, as ``Names/Destroyer`` is.
@safe @usableFromInline struct Digester {
    let run: (UnsafeMutableRawPointer) -> UInt32
}

extension Kernel {
    /// A journal is written or replayed.
    public var isJournaled: Bool { tap != nil }

    /// Has the payload of `event` compared by a replay, by what `digest` adds; without a journal it does nothing.
    ///
    /// Only what is the same again when the same happens again belongs there: no identity of an object, no order of a
    /// Dictionary's. `digest` reads the payload and does nothing else.
    @inlinable public func compare<P: ~Copyable>(
        _ event: Event<P>, _ digest: @escaping (borrowing P, inout PayloadDigest) -> Void
    ) {
        guard isJournaled else { return }
        unsafe setDigester(event.id) { raw in
            var sum = PayloadDigest()
            unsafe digest(Payload<P>.find(raw).pointee, &sum)
            return sum.value
        }
    }

    @usableFromInline func setDigester(
        _ event: UInt32, _ run: @escaping (UnsafeMutableRawPointer) -> UInt32
    ) {
        core.setDigester(Int(event), unsafe Digester(run: run))
    }
}

extension Core {
    fileprivate func setDigester(_ event: Int, _ digester: Digester) {
        let count = unsafe s.pointee.digesterCount
        if event >= count {
            let room = event * 2 + 64
            let table = UnsafeMutablePointer<Digester?>.allocate(capacity: room)
            unsafe table.initialize(repeating: nil, count: room)
            for place in 0..<count { unsafe table[place] = unsafe s.pointee.digesters?[place] }
            forgetDigesters()
            unsafe s.pointee.digesters = unsafe table
            unsafe s.pointee.digesterCount = room
        }
        unsafe s.pointee.digesters?[event] = digester
    }

    func forgetDigesters() {
        unsafe s.pointee.digesters?.deinitialize(count: s.pointee.digesterCount)
        unsafe s.pointee.digesters?.deallocate()
        unsafe s.pointee.digesters = nil
        unsafe s.pointee.digesterCount = 0
    }

    /// The digest of a queued payload; 0 where nobody has said what is compared.
    @inline(__always) func digest(_ event: Int, _ payload: UnsafeMutableRawPointer) -> UInt32 {
        guard unsafe event < s.pointee.digesterCount,
            let digester = unsafe s.pointee.digesters.unsafelyUnwrapped[event]
        else { return 0 }
        return unsafe digester.run(payload)
    }
}
