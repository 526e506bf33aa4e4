// The memory of a ByteQueue: where its pointers and indices change.
//
// Invariants, true between any two calls of the queue:
// 1. `base` is nil exactly when `size` is 0; else it points to `size` bytes that the queue alone
//    owns, allocated by `UnsafeMutablePointer.allocate`.
// 2. `0 <= head <= tail <= size <= limit`; the bytes in `head ..< tail` are
//    initialized: they were written by `copyIn` or through an `OutputSpan` over `free`.
// 3. No pointer from here outlives the call that asked for it: spans are lent to closures only, and
//    while `isLent` is set every call that could move, free or change the memory traps.
extension ByteQueue {
    /// The unread bytes, by invariant 2 initialized; empty when there is no memory.
    @inlinable var unread: UnsafeMutableBufferPointer<UInt8> {
        unsafe UnsafeMutableBufferPointer(start: base.map { unsafe $0 + head }, count: tail - head)
    }

    /// The number of bytes that may be written behind the unread ones as things are.
    @inlinable var behind: Int { unsafe size - tail }

    /// The memory for those bytes.
    @inlinable var free: UnsafeMutableBufferPointer<UInt8> {
        unsafe UnsafeMutableBufferPointer(start: base.map { unsafe $0 + tail }, count: behind)
    }

    @inlinable func checkNotLent() {
        precondition(unsafe !isLent, "a ByteQueue is not changed while its bytes are lent out")
    }

    @inlinable func lend() {
        checkNotLent()
        unsafe isLent = true
    }

    @inlinable func giveBack() { unsafe isLent = false }

    /// Takes `count` bytes as unread that were written to the start of `free`.
    @inlinable func take(_ count: Int) { unsafe tail += count }

    /// Moves the head over `count` unread bytes; begins at the front again when none is left.
    @inlinable func advance(_ count: Int) {
        unsafe head += count
        if unsafe head == tail {
            unsafe head = 0
            unsafe tail = 0
        }
    }

    /// Copies `bytes` behind the unread ones; the caller has made the space.
    @inlinable func copyIn(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= behind, "space is made before it is written to")
        guard let base = unsafe base, let start = bytes.baseAddress else { return }
        unsafe (base + tail).update(from: start, count: bytes.count)
        unsafe tail += bytes.count
    }

    /// Makes space for `count` bytes behind the unread ones: moves these to the front when they are
    /// no more than what was dropped (so each byte moves a bounded number of times), else grows.
    @inline(never) @usableFromInline func makeSpace(_ count: Int) throws(ByteQueueFull) {
        let unreadCount = self.count
        guard count <= limit - unreadCount else {
            throw ByteQueueFull(limit: limit, unread: unreadCount, wanted: count)
        }
        let needed = unreadCount + count
        if unsafe needed <= size && (unreadCount <= head || size >= limit) {
            if let base = unsafe base { unsafe base.update(from: base + head, count: unreadCount) }
        } else {
            let doubled = size > limit / 2 ? limit : size * 2
            let newSize = Swift.min(limit, Swift.max(needed, doubled, 256))
            let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: newSize)
            if let base = unsafe base {
                unsafe grown.update(from: base + head, count: unreadCount)
                unsafe base.deallocate()
            }
            unsafe base = grown
            size = newSize
        }
        unsafe head = 0
        unsafe tail = unreadCount
    }

    /// Frees the memory; nothing is unread.
    func release() {
        unsafe base?.deallocate()
        unsafe base = nil
        size = 0
        unsafe head = 0
        unsafe tail = 0
    }
}
