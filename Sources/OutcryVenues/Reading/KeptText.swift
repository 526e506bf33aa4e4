/// Bytes that others are compared with again and again, in memory of their own.
///
/// An array in a property is held once more each time somebody looks at it, and so is the object that it is in: four
/// atomic changes of a count for a comparison of ten words.
@safe final class KeptText {
    // `capacity` bytes, of which the first `count` are filled; allocated here, freed in deinit, lent below.
    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity = 64
    @safe @exclusivity(unchecked) private(set) var count = 0

    init() { unsafe memory = .allocate(capacity: capacity) }

    deinit { unsafe memory.deallocate() }

    /// Keeps another text.
    func set(_ text: Span<UInt8>) {
        if text.count > capacity {
            unsafe memory.deallocate()
            capacity = text.count
            unsafe memory = .allocate(capacity: capacity)
        }
        count = text.count
        for index in text.indices { unsafe memory[index] = text[index] }
    }

    /// Lends the text.
    @inline(__always)
    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe body(Span(_unsafeStart: memory, count: count))
    }
}
