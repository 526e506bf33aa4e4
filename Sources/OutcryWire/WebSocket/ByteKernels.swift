/// The loops over many bytes at a time: the only unsafe code of the WebSocket codec.
///
/// Invariant: every load and store lies in `start + range`, and each function first checks that the
/// range lies in the span; so no input can make it read or write elsewhere.
enum ByteKernels {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether all bytes of `range` are ASCII.
    ///
    /// - Complexity: O(n), 64 bytes a step; the last step overlaps the one before.
    @inline(__always)
    static func isASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range in span")
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return true }
            return unsafe isASCII(base + range.lowerBound, range.count)
        }
    }

    @inline(__always)
    private static func isASCII(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        if count < 16 {
            if count >= 8 {
                let first = unsafe start.loadUnaligned(as: UInt64.self)
                let last = unsafe start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
                return (first | last) & highBits == 0
            }
            var all: UInt8 = 0
            for offset in 0..<count {
                all |= unsafe start.load(fromByteOffset: offset, as: UInt8.self)
            }
            return all < 0x80
        }
        var at = 0
        while count - at >= 64 {
            let a = unsafe start.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
            let b = unsafe start.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<UInt64>.self)
            let c = unsafe start.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<UInt64>.self)
            let d = unsafe start.loadUnaligned(fromByteOffset: at + 48, as: SIMD2<UInt64>.self)
            let all = (a | b) | (c | d)
            if (all[0] | all[1]) & highBits != 0 { return false }
            at += 64
        }
        var all = unsafe start.loadUnaligned(fromByteOffset: count - 16, as: SIMD2<UInt64>.self)
        while count - at > 16 {
            all |= unsafe start.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
            at += 16
        }
        return (all[0] | all[1]) & highBits == 0
    }

    /// The index of the first byte of `range` that is not ASCII, or the range's end.
    ///
    /// - Complexity: O(n), 8 bytes a step.
    static func asciiPrefix(of bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range in span")
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return range.upperBound }
            var at = range.lowerBound
            while range.upperBound - at >= 8 {
                let word = unsafe start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                if word & highBits != 0 {
                    return at + (word & highBits).littleEndian.trailingZeroBitCount / 8
                }
                at += 8
            }
            while at < range.upperBound, unsafe buffer[at] < 0x80 { at += 1 }
            return at
        }
    }

    /// Takes the mask off (or puts it on) the bytes of `range`, in place.
    ///
    /// - Parameters:
    ///   - key: The four key bytes, the first in the lowest eight bits.
    ///   - phase: The index in the payload of the range's first byte: it takes key byte
    ///     `phase % 4`.
    /// - Returns: Whether all bytes are ASCII after it.
    /// - Complexity: O(n), 16 bytes a step.
    static func mask(
        _ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>, key: UInt32, phase: Int
    ) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range in span")
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return true }
            return unsafe mask(
                from: UnsafeRawPointer(start) + range.lowerBound, to: start + range.lowerBound,
                count: range.count, key: key, phase: phase)
        }
    }

    /// Copies `payload` behind what `span` holds, with the mask on; a key of 0 changes nothing.
    static func append(_ payload: Span<UInt8>, key: UInt32, to span: inout OutputSpan<UInt8>) {
        precondition(payload.count <= span.freeCapacity, "space is made before it is written to")
        unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe payload.withUnsafeBytes { source in
                guard let from = source.baseAddress, let start = buffer.baseAddress else { return }
                let target = unsafe UnsafeMutableRawPointer(start + initialized)
                if key == 0 {
                    unsafe target.copyMemory(from: from, byteCount: source.count)
                } else {
                    unsafe mask(from: from, to: target, count: source.count, key: key, phase: 0)
                }
                initialized += source.count
            }
        }
    }

    /// Copies `count` bytes with the mask on; the two places are the same or do not overlap.
    ///
    /// - Returns: Whether all written bytes are ASCII.
    @inline(__always) @discardableResult
    static func mask(
        from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int, key: UInt32,
        phase: Int
    ) -> Bool {
        let turn = UInt32(truncatingIfNeeded: phase & 3) * 8
        let turned = (key >> turn) | (key << ((32 - turn) & 31))
        let wide = UInt64(turned) | UInt64(turned) << 32
        let vector = SIMD2<UInt64>(repeating: wide)
        var at = 0
        var seen = SIMD2<UInt64>(repeating: 0)
        while count - at >= 16 {
            let plain = unsafe source.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
            let masked = plain ^ vector
            unsafe target.storeBytes(of: masked, toByteOffset: at, as: SIMD2<UInt64>.self)
            seen |= masked
            at += 16
        }
        var tail = seen[0] | seen[1]
        if count - at >= 8 {
            let masked = unsafe source.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ wide
            unsafe target.storeBytes(of: masked, toByteOffset: at, as: UInt64.self)
            tail |= masked
            at += 8
        }
        var rest = wide
        while at < count {
            let plain = unsafe source.load(fromByteOffset: at, as: UInt8.self)
            let masked = plain ^ UInt8(truncatingIfNeeded: rest)
            unsafe target.storeBytes(of: masked, toByteOffset: at, as: UInt8.self)
            tail |= UInt64(masked)
            rest >>= 8
            at += 1
        }
        return tail & highBits == 0
    }
}
