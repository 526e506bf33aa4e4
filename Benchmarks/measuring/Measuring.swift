import Glibc

/// What the benchmarks measure with, and the floor that they are held against.
public enum Measuring {
    /// Two decimals.
    public static func text(_ value: Double) -> String {
        let scaled = Int((value * 100).rounded())
        let cents = abs(scaled % 100)
        return "\(scaled / 100).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// The monotonic clock.
    public static func nanoseconds() -> UInt64 {
        var t = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &t)
        return UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec)
    }

    /// Nanoseconds for each of `count` repetitions that `body` makes.
    public static func measure(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = nanoseconds()
        try body()
        return Double(nanoseconds() - start) / Double(count)
    }

    /// The floor: a function pointer and a 64-byte copy through a ring, nothing else.
    ///
    /// - Returns: Nanoseconds an event.
    public static func ring64(_ events: Int) -> Double {
        typealias Handler = @convention(c) (UnsafeRawPointer, UnsafeMutablePointer<UInt64>) -> Void
        let ring = UnsafeMutablePointer<RingSlot>.allocate(capacity: 256)
        defer { unsafe ring.deallocate() }
        unsafe ring.initialize(repeating: RingSlot(handler: 0, payload: Payload()), count: 256)
        var total: UInt64 = 0
        let handlers = UnsafeMutablePointer<Handler>.allocate(capacity: 2)
        defer { unsafe handlers.deallocate() }
        unsafe (handlers + 0).initialize(to: {
            unsafe $1.pointee &+= $0.load(fromByteOffset: 8, as: UInt64.self)
        })
        unsafe (handlers + 1).initialize(to: {
            unsafe $1.pointee &+= $0.load(fromByteOffset: 16, as: UInt64.self)
        })
        let result = measure(events) {
            var payload = Payload()
            for i in 0..<events {
                payload.a = UInt64(i)
                let slot = unsafe ring + (i & 255)
                unsafe slot.pointee = RingSlot(handler: i & 1, payload: payload)
                unsafe handlers[slot.pointee.handler](slot, &total)
                unsafe payload = slot.pointee.payload
            }
        }
        precondition(total > 0, "the handlers ran")
        return result
    }

    private struct Payload {
        var a: UInt64 = 0, b: UInt64 = 1, c: UInt64 = 2, d: UInt64 = 3
        var e: UInt64 = 4, f: UInt64 = 5, g: UInt64 = 6, h: UInt64 = 7
    }

    private struct RingSlot {
        var handler: Int
        var payload: Payload
    }
}
