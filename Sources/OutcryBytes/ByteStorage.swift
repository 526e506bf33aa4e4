/// The memory of a ``ByteQueue``: the one place of that type that handles pointers.
///
/// Invariants, true between any two calls:
/// 1. `base` is nil exactly when `capacity` is 0; else it points to `capacity` bytes that this
///    value alone owns, allocated by `UnsafeMutablePointer.allocate`.
/// 2. `0 <= head <= tail <= capacity`; the bytes in `head ..< tail` are initialized: they were
///    written through ``write(_:)`` or an `OutputSpan` over ``free(atMost:)``.
/// 3. No pointer from here outlives the call of the queue that asked for it: the queue lends spans
///    to closures only, and its flag `isLent` refuses any call that could move the memory meanwhile.
@safe @usableFromInline
struct ByteStorage: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @usableFromInline var capacity: Int
    @usableFromInline var head: Int
    @usableFromInline var tail: Int

    @usableFromInline init() {
        unsafe base = nil
        capacity = 0
        head = 0
        tail = 0
    }

    /// The unread bytes, by invariant 2 initialized; empty when there is no memory.
    @inlinable var unread: UnsafeMutableBufferPointer<UInt8> {
        unsafe UnsafeMutableBufferPointer(start: base.map { unsafe $0 + head }, count: tail - head)
    }

    /// The memory behind the unread bytes, at most `most` bytes of it.
    @inlinable func free(atMost most: Int) -> UnsafeMutableBufferPointer<UInt8> {
        let count = Swift.min(capacity - tail, most)
        return unsafe UnsafeMutableBufferPointer(start: base.map { unsafe $0 + tail }, count: count)
    }

    /// Copies `bytes` behind the unread ones; the caller has made the space.
    @inlinable mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= capacity - tail, "space is made before it is written to")
        guard bytes.count > 0, let base = unsafe base, let start = bytes.baseAddress else {
            return
        }
        unsafe (base + tail).update(from: start, count: bytes.count)
        tail += bytes.count
    }

    /// Makes room for `count` bytes behind the unread ones: moves these to the front when they are
    /// no more than what was dropped (so each byte moves a bounded number of times), else grows.
    ///
    /// The queue has checked that unread bytes and `count` together stay in `limit`.
    @usableFromInline mutating func makeSpace(_ count: Int, limit: Int) {
        let unreadCount = tail - head
        let needed = unreadCount + count
        precondition(count >= 0 && needed <= limit, "the queue checks its limit first")
        if needed <= capacity, unreadCount <= head || capacity >= limit {
            if let base = unsafe base {
                unsafe base.update(from: base + head, count: unreadCount)
            }
        } else {
            let doubled = capacity > limit / 2 ? limit : capacity * 2
            let size = Swift.min(limit, Swift.max(needed, doubled, 256))
            let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
            if let base = unsafe base {
                unsafe grown.update(from: base + head, count: unreadCount)
                unsafe base.deallocate()
            }
            unsafe base = grown
            capacity = size
        }
        head = 0
        tail = unreadCount
    }

    /// Frees the memory; what was unread is gone.
    @usableFromInline mutating func release() {
        unsafe base?.deallocate()
        unsafe base = nil
        capacity = 0
        head = 0
        tail = 0
    }
}
