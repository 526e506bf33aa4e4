/// Values of one kind by slot, in memory of their own that only grows.
///
/// What an array would be, without its question at each change whether somebody else has a copy: that
/// was 18 % of an order's instructions. Every access is checked against the bounds.
@safe struct Slab<Element>: ~Copyable {
    private var memory: UnsafeMutablePointer<Element>
    private var capacity: Int
    /// How many values there are: their slots begin with 0.
    private(set) var count = 0

    init() {
        capacity = 16
        unsafe memory = .allocate(capacity: 16)
    }

    deinit {
        unsafe memory.deinitialize(count: count)
        unsafe memory.deallocate()
    }

    /// The value at a slot.
    subscript(slot: Slot) -> Element {
        @inline(__always) _read { yield self[Int(slot)] }
        @inline(__always) _modify { yield &self[Int(slot)] }
    }

    /// The value at a slot.
    subscript(slot: Int) -> Element {
        @inline(__always) _read {
            precondition(UInt(bitPattern: slot) < UInt(bitPattern: count), "a slot is in use")
            yield unsafe memory[slot]
        }
        @inline(__always) _modify {
            precondition(UInt(bitPattern: slot) < UInt(bitPattern: count), "a slot is in use")
            yield unsafe &memory[slot]
        }
    }

    /// Adds a value.
    ///
    /// - Returns: Its slot.
    @inline(__always)
    @discardableResult mutating func append(_ value: Element) -> Slot {
        if count == capacity { grow() }
        unsafe (memory + count).initialize(to: value)
        count += 1
        return Slot(truncatingIfNeeded: count - 1)
    }

    @inline(never)
    private mutating func grow() {
        precondition(capacity <= Int(Slot.max) / 2, "a slab has less than 2^31 slots")
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = larger
        capacity *= 2
    }
}
