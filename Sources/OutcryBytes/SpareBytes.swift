/// Memory that queues share: the one big buffer into which a driver reads, lent to one queue at a time.
///
/// It is a queue that never holds unread bytes; what is swapped with another queue is its memory.
public final class SpareBytes {
    let memory: ByteQueue
    let size: Int

    /// Makes a spare buffer of `size` bytes; it is allocated when it is first lent.
    public init(size: Int) {
        precondition(size > 0, "a spare buffer has at least one byte")
        self.size = size
        memory = ByteQueue(limit: size)
    }
}

extension ByteQueue {
    /// Takes the spare memory when the queue's own has no room for `count` more bytes; its unread bytes
    /// move into it.
    public func adopt(from spare: SpareBytes, atLeast count: Int) {
        checkNotLent()
        guard capacity - self.count < count, self.count + count <= spare.size, spare.size <= limit,
            (try? spare.memory.reserve(spare.size)) != nil
        else { return }
        unsafe spare.memory.copyIn(UnsafeBufferPointer(unread))
        swapMemory(with: spare.memory)
        spare.memory.release()
    }

    /// Gives the spare memory back: a few unread bytes move into memory of their own size.
    ///
    /// A queue with unread bytes that is filled fast keeps it, as it would need it again at once.
    /// - Parameter lastRead: How many bytes the last read brought.
    public func settle(into spare: SpareBytes, lastRead: Int) {
        checkNotLent()
        guard capacity == spare.size, spare.memory.capacity == 0 else { return releaseIfEmpty() }
        guard count == 0 || (lastRead < 4096 && count <= spare.size / 4) else { return }
        if count > 0 {
            guard (try? spare.memory.reserve(count)) != nil else { return }
            unsafe spare.memory.copyIn(UnsafeBufferPointer(unread))
        }
        swapMemory(with: spare.memory)
        spare.memory.removeAll()
    }

    /// Hands the memory back when nothing is unread and it is larger than `size` bytes.
    public func releaseIfEmpty(above size: Int) {
        if capacity > size { releaseIfEmpty() }
    }

    private func swapMemory(with other: ByteQueue) {
        unsafe swap(&base, &other.base)
        unsafe swap(&storedSize, &other.storedSize)
        unsafe swap(&head, &other.head)
        unsafe swap(&tail, &other.tail)
    }
}
