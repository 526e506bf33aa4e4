/// A queue of bytes in one piece of memory: written behind, read and dropped in front.
///
/// It is what a driver reads into and a codec reads from. Unread bytes are always contiguous, so a
/// codec can refer to them by ranges and never copies. Memory is taken at the first write, doubles
/// up to `limit`, and is handed back by ``releaseIfEmpty()``; in a steady state nothing is
/// allocated. It belongs to one thread and is not `Sendable`; nothing but its owner keeps it alive.
///
/// While a closure of ``withUnread(_:)``, ``withMutableUnread(_:)``, ``consume(_:)`` or
/// ``withSpace(atLeast:_:)`` runs, the bytes are lent out: any other use of the same queue from
/// inside that closure, ``count`` and its kind excepted, is a programmer's mistake and traps.
@safe public final class ByteQueue {
    /// The most unread bytes that the queue holds.
    public let limit: Int

    // The fields of the memory; their invariants stand on top of `ByteQueue+Memory.swift`. The
    // run-time check for overlapping accesses is off for them (it cost 100 instructions a call):
    // no access to a field lasts longer than its expression, and `isLent` guards the bytes.
    @exclusivity(unchecked) @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @exclusivity(unchecked) @usableFromInline var head = 0
    @exclusivity(unchecked) @usableFromInline var tail = 0
    // Four bytes, so that an idle connection's queue fits into 64 with malloc's own.
    @exclusivity(unchecked) @usableFromInline var storedSize: UInt32 = 0
    @exclusivity(unchecked) @usableFromInline var isLent = false
    @inlinable var size: Int {
        get { unsafe Int(truncatingIfNeeded: storedSize) }
        set { unsafe storedSize = UInt32(newValue) }
    }

    /// Makes an empty queue that has no memory yet.
    ///
    /// - Parameter limit: The most unread bytes it may hold, in bytes, at least 1; over 4 GiB counts as 4 GiB.
    public init(limit: Int = 32 << 20) {
        precondition(limit > 0, "a ByteQueue's limit is at least one byte")
        self.limit = min(limit, Int(UInt32.max))
    }

    deinit { unsafe base?.deallocate() }

    /// The number of unread bytes.
    @inlinable public var count: Int { unsafe tail - head }

    /// Whether nothing is unread.
    @inlinable public var isEmpty: Bool { unsafe tail == head }

    /// The size of the memory that the queue holds now, in bytes.
    @inlinable public var capacity: Int { size }

    /// How many bytes may still be written before ``limit`` is reached.
    @inlinable public var room: Int { limit - count }

    // MARK: Reading

    /// Calls `body` with the unread bytes.
    @inlinable public func withUnread<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lend()
        defer { giveBack() }
        return try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(unread)))
    }

    /// Calls `body` with the unread bytes, which it may change in place.
    @inlinable public func withMutableUnread<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lend()
        defer { giveBack() }
        var span = unsafe MutableSpan(_unsafeElements: unread)
        return try body(&span)
    }

    /// Calls `body` with the unread bytes and a position that starts at 0, then drops the bytes in
    /// front of the position; also when `body` throws.
    ///
    /// This is the way to run codecs: each moves the position over what it used, and what is left
    /// stays unread for the next call or for another codec.
    @inlinable public func consume<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>, inout Int) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lend()
        var position = 0
        defer {
            giveBack()
            drop(position)
        }
        var span = unsafe MutableSpan(_unsafeElements: unread)
        return try body(&span, &position)
    }

    /// Drops the first `count` unread bytes.
    ///
    /// - Complexity: O(1).
    @inlinable public func drop(_ count: Int) {
        checkNotLent()
        precondition(count >= 0 && count <= self.count, "only unread bytes can be dropped")
        advance(count)
    }

    /// Drops all unread bytes and keeps the memory.
    @inlinable public func removeAll() { drop(count) }

    // MARK: Writing

    /// Writes `bytes` behind the unread ones.
    ///
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed; nothing is written then.
    /// - Complexity: O(`bytes.count`), amortized.
    @inlinable public func append(_ bytes: Span<UInt8>) throws(ByteQueueFull) {
        try reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { unsafe copyIn($0) }
    }

    /// Writes the bytes of an array behind the unread ones.
    ///
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed; nothing is written then.
    @inlinable public func append(_ bytes: [UInt8]) throws(ByteQueueFull) {
        try append(bytes.span)
    }

    /// Writes the UTF-8 bytes of `text` behind the unread ones.
    ///
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed; nothing is written then.
    @inlinable public func append(_ text: String) throws(ByteQueueFull) {
        try append(text.utf8.span)
    }

    /// Makes sure that `count` bytes fit behind the unread ones without another move.
    ///
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed.
    @inlinable public func reserve(_ count: Int) throws(ByteQueueFull) {
        checkNotLent()
        precondition(count >= 0, "a count of bytes is not negative")
        if count > behind { try makeSpace(count) }
    }

    /// Calls `body` with all the free memory behind the unread bytes, at least `count` bytes, and
    /// takes what it wrote there as unread.
    ///
    /// A driver's `recv` writes straight into the queue this way.
    ///
    /// - Parameter count: The space that is needed, in bytes. A driver asks for at most ``room``,
    ///   and not at all when that is 0: `recv` into no space looks like the end of the connection.
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed, before `body` is called.
    @inlinable public func withSpace<Result>(
        atLeast count: Int, _ body: (inout OutputSpan<UInt8>) -> Result
    ) throws(ByteQueueFull) -> Result {
        try reserve(count)
        lend()
        defer { giveBack() }
        let free = unsafe free
        var span = unsafe OutputSpan(buffer: free, initializedCount: 0)
        let result = body(&span)
        take(unsafe span.finalize(for: free))
        return result
    }

    /// Hands the memory back when nothing is unread.
    public func releaseIfEmpty() {
        checkNotLent()
        if isEmpty { release() }
    }
}
