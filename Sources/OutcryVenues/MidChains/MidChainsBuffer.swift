/// Values in a row, in memory of their own: what is filled and emptied again with each message.
///
/// A class that is held by a constant, so that a change costs neither a look for other owners nor one for overlapping
/// accesses, which an array in a property pays each time.
@safe final class MidChainsBuffer<Element: BitwiseCopyable> {
    // `capacity` places, of which the first `count` are filled; allocated here, freed in deinit, reached below, where
    // each index is checked.
    private var memory: UnsafeMutablePointer<Element>
    private var capacity: Int
    @safe @exclusivity(unchecked) private(set) var count = 0

    init(capacity: Int = 64) {
        self.capacity = max(1, capacity)
        unsafe memory = .allocate(capacity: self.capacity)
    }

    deinit { unsafe memory.deallocate() }

    @inline(__always)
    func append(_ element: Element) {
        if count == capacity { grow() }
        unsafe (memory + count).initialize(to: element)
        count &+= 1
    }

    @inline(__always)
    func removeAll() { count = 0 }

    @inline(__always)
    subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "an element of a buffer has a place")
        return unsafe memory[index]
    }

    /// Lends an element where it is. Whoever takes it part by part does not wait: a copy of the whole reads across what
    /// was just written in parts, which the processor cannot do before those have reached the cache.
    @inline(__always)
    func with<Result>(_ index: Int, _ body: (UnsafePointer<Element>) -> Result) -> Result {
        precondition(index >= 0 && index < count, "an element of a buffer has a place")
        return unsafe body(UnsafePointer(memory + index))
    }

    @inline(never)
    private func grow() {
        let bigger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe bigger.moveInitialize(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = bigger
        capacity *= 2
    }
}

/// A table's places, in memory of their own, as many as a power of two; see ``MidChainsBuffer``. Its table owns the
/// memory, and gives it back when it takes other places or ends.
@safe struct MidChainsPlaces<Slot: BitwiseCopyable> {
    /// One less than there are places.
    let mask: Int
    private let memory: UnsafeMutablePointer<Slot>

    init(size: Int, _ free: Slot) {
        precondition(size > 0 && size & (size - 1) == 0, "a table's size is a power of two")
        mask = size - 1
        unsafe memory = .allocate(capacity: size)
        unsafe memory.initialize(repeating: free, count: size)
    }

    /// Gives the memory back; nobody may look at the places then.
    func deallocate() { unsafe memory.deallocate() }

    /// What is at a place, counted round and round: every number has one.
    @inline(__always)
    subscript(place: Int) -> Slot {
        get { unsafe memory[place & mask] }
        nonmutating set { unsafe memory[place & mask] = newValue }
    }

    /// Changes what is at a place.
    @inline(__always)
    func with<Result>(_ place: Int, _ body: (inout Slot) -> Result) -> Result {
        unsafe body(&memory[place & mask])
    }
}
