import Outcry
import OutcryMeasuring

/// What a resumption costs: an event that a workflow awaits, beside a bare continuation that an event resumes.
enum AwaitBench {
    static let count = 300_000

    /// Posts an event to itself and awaits it, over an inbox.
    static func inbox(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        kernel.start(Awaiter(count), alias: "awaiter")
        return try Measuring.measure(count) { try kernel.run() }
    }

    /// Posts an event to itself, whose handler resumes a continuation: what no framework can do without.
    static func hop(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        kernel.start(Hopper(count), alias: "hopper")
        return try Measuring.measure(count) { try kernel.run() }
    }
}

private final class Awaiter: Session {
    private let count: Int
    private var sum = 0
    init(_ count: Int) { self.count = count }

    static func handlers(_ on: inout Handlers<Awaiter>) {
        on(.started) { me, _, my in
            let count = me.count
            my.task { my in
                let inbox = my.inbox(.benchAwaited)
                for number in 0..<count {
                    my.yield(.benchAwaited, number)
                    me.sum += try await inbox.next()
                }
                precondition(me.sum == count * (count - 1) / 2, "every event was awaited")
                my.stop()
            }
        }
    }
}

// Safe: the continuation is resumed once, by the handler of the event that was posted before it was made.
@safe private final class Hopper: Session {
    private let count: Int
    private var sum = 0
    private var waiter: UnsafeContinuation<Int, Never>?
    init(_ count: Int) {
        self.count = count
        unsafe waiter = nil
    }

    static func handlers(_ on: inout Handlers<Hopper>) {
        on(.benchAwaited) { me, number, _ in unsafe me.waiter?.resume(returning: copy number) }
        on(.started) { me, _, my in
            let count = me.count
            my.task { my in
                for number in 0..<count {
                    my.yield(.benchAwaited, number)
                    me.sum += unsafe await withUnsafeContinuation { unsafe me.waiter = unsafe $0 }
                }
                precondition(me.sum == count * (count - 1) / 2, "every event was awaited")
                my.stop()
            }
        }
    }
}

extension Event where Payload == Int {
    fileprivate static let benchAwaited = Self("bench.awaited")
}
