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
public final class ByteQueue {
    @usableFromInline var storage: ByteStorage
    @usableFromInline var isLent = false

    /// The most unread bytes that the queue holds.
    public let limit: Int

    /// Makes an empty queue that has no memory yet.
    ///
    /// - Parameter limit: The most unread bytes it may hold, in bytes; at least 1.
    public init(limit: Int = 32 << 20) {
        precondition(limit > 0, "a ByteQueue's limit is at least one byte")
        self.limit = limit
        storage = ByteStorage()
    }

    /// The number of unread bytes.
    @inlinable public var count: Int { storage.tail - storage.head }

    /// Whether nothing is unread.
    @inlinable public var isEmpty: Bool { storage.tail == storage.head }

    /// The size of the memory that the queue holds now, in bytes.
    @inlinable public var capacity: Int { storage.capacity }

    /// How many bytes may still be written before ``limit`` is reached.
    @inlinable public var room: Int { limit - count }

    // MARK: Reading

    /// Calls `body` with the unread bytes.
    @inlinable public func withUnread<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lend()
        defer { isLent = false }
        return try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(storage.unread)))
    }

    /// Calls `body` with the unread bytes, which it may change in place.
    @inlinable public func withMutableUnread<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lend()
        defer { isLent = false }
        var span = unsafe MutableSpan(_unsafeElements: storage.unread)
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
            isLent = false
            drop(position)
        }
        var span = unsafe MutableSpan(_unsafeElements: storage.unread)
        return try body(&span, &position)
    }

    /// Drops the first `count` unread bytes.
    ///
    /// - Complexity: O(1).
    @inlinable public func drop(_ count: Int) {
        precondition(!isLent, "a ByteQueue is not changed while its bytes are lent out")
        precondition(count >= 0 && count <= self.count, "only unread bytes can be dropped")
        storage.head += count
        if storage.head == storage.tail {
            storage.head = 0
            storage.tail = 0
        }
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
        unsafe bytes.withUnsafeBufferPointer { unsafe storage.write($0) }
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
        precondition(!isLent, "a ByteQueue is not changed while its bytes are lent out")
        precondition(count >= 0, "a count of bytes is not negative")
        guard count <= limit - self.count else {
            throw ByteQueueFull(limit: limit, unread: self.count, wanted: count)
        }
        if storage.capacity - storage.tail < count { storage.makeSpace(count, limit: limit) }
    }

    /// Calls `body` with all the free memory behind the unread bytes, at least `count` bytes, and
    /// takes what it wrote there as unread.
    ///
    /// A driver's `recv` writes straight into the queue this way.
    ///
    /// - Parameter count: The space that is needed, in bytes; use ``room`` to stay in the limit.
    /// - Throws: ``ByteQueueFull`` when ``limit`` would be passed, before `body` is called.
    @inlinable public func withSpace<Result>(
        atLeast count: Int, _ body: (inout OutputSpan<UInt8>) -> Result
    ) throws(ByteQueueFull) -> Result {
        try reserve(count)
        lend()
        defer { isLent = false }
        let free = unsafe storage.free(atMost: limit - self.count)
        var span = unsafe OutputSpan(buffer: free, initializedCount: 0)
        let result = body(&span)
        storage.tail += unsafe span.finalize(for: free)
        return result
    }

    /// Hands the memory back when nothing is unread.
    @inlinable public func releaseIfEmpty() {
        precondition(!isLent, "a ByteQueue is not changed while its bytes are lent out")
        if isEmpty { storage.release() }
    }

    @usableFromInline func lend() {
        precondition(!isLent, "a ByteQueue is not used while its bytes are lent out")
        isLent = true
    }

    deinit { storage.release() }
}

/// Memory that queues share: the one big buffer into which a driver reads, lent to one queue at a time.
public final class SpareBytes {
    let size: Int
    var storage: ByteStorage?

    /// Makes a spare buffer of `size` bytes; it is allocated when it is first lent.
    public init(size: Int) {
        precondition(size > 0, "a spare buffer has at least one byte")
        self.size = size
    }

    deinit { storage?.release() }
}

extension ByteQueue {
    /// Takes the spare memory when the queue's own has no room for `count` more bytes; its unread bytes
    /// move into it.
    public func adopt(from spare: SpareBytes, atLeast count: Int) {
        precondition(!isLent, "a ByteQueue is not changed while its bytes are lent out")
        guard storage.capacity - self.count < count, self.count + count <= spare.size,
            spare.size <= limit
        else { return }
        var fresh = spare.storage.take() ?? ByteStorage()
        if fresh.capacity == 0 { fresh.makeSpace(spare.size, limit: spare.size) }
        unsafe fresh.write(UnsafeBufferPointer(storage.unread))
        swap(&storage, &fresh)
        fresh.release()
    }

    /// Gives the spare memory back: a few unread bytes move into memory of their own size.
    public func settle(into spare: SpareBytes) {
        precondition(!isLent, "a ByteQueue is not changed while its bytes are lent out")
        guard storage.capacity == spare.size, spare.storage == nil, count <= spare.size / 4 else {
            return releaseIfEmpty()
        }
        var small = ByteStorage()
        if count > 0 {
            small.makeSpace(count, limit: limit)
            unsafe small.write(UnsafeBufferPointer(storage.unread))
        }
        swap(&storage, &small)
        small.head = 0
        small.tail = 0
        spare.storage = consume small
    }

    /// Hands the memory back when nothing is unread and it is larger than `size` bytes.
    public func releaseIfEmpty(above size: Int) {
        if capacity > size { releaseIfEmpty() }
    }
}
