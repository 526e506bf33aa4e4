// How a payload lies in a record (see Core.swift, invariants 2, 3 and 5).

/// The layout of a payload type: inline when it is small, else behind a pointer to a box of its own.
@usableFromInline enum Payload<P: ~Copyable> {
    /// At most 4 KiB and 16-byte alignment: the whole payload lies in the record.
    @inlinable @inline(__always) static var isInline: Bool {
        MemoryLayout<P>.size <= 4096 && MemoryLayout<P>.alignment <= 16
    }

    /// Nothing has to be done when such a payload is dropped.
    @inlinable @inline(__always) static var isTrivial: Bool { isInline && _isPOD(P.self) }

    /// The bytes that the payload takes in a record, rounded up to 16.
    @inlinable @inline(__always) static var size: Int {
        ((isInline ? MemoryLayout<P>.size : MemoryLayout<UInt>.size) &+ 15) & ~15
    }

    /// Moves `payload` into the record at `raw`.
    @inlinable @inline(__always) static func put(
        _ payload: consuming P, at raw: UnsafeMutableRawPointer
    ) {
        if isInline {
            unsafe raw.assumingMemoryBound(to: P.self).initialize(to: payload)
        } else {
            let box = UnsafeMutablePointer<P>.allocate(capacity: 1)
            unsafe box.initialize(to: payload)
            unsafe raw.storeBytes(of: box, as: UnsafeMutablePointer<P>.self)
        }
    }

    /// Where the payload of the record at `raw` is.
    @inlinable @inline(__always) static func find(
        _ raw: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<P> {
        unsafe isInline
            ? raw.assumingMemoryBound(to: P.self) : raw.load(as: UnsafeMutablePointer<P>.self)
    }

    /// Gives back the box of a payload that has been moved out.
    @inlinable @inline(__always) static func emptied(_ raw: UnsafeMutableRawPointer) {
        if !isInline { unsafe find(raw).deallocate() }
    }

    /// Ends the life of the payload at `raw`.
    @inlinable static func destroy(at raw: UnsafeMutableRawPointer) {
        unsafe find(raw).deinitialize(count: 1)
        unsafe emptied(raw)
    }
}

/// Ends the life of the payload at `raw`; for `Event`, in which `Payload` has another meaning.
@inlinable func endPayload<P: ~Copyable>(_ type: P.Type, at raw: UnsafeMutableRawPointer) {
    unsafe Payload<P>.destroy(at: raw)
}
