import CAllocationCounter
import OutcryKernel
import OutcrySimulation
import Testing

/// Plays ball by posting, publishing and calling, and lets the counter run between two numbers of throws.
private final class Thrower: Session {
    var throwsLeft = 20_000
    let neighbor: Alias
    init(_ neighbor: Alias) { self.neighbor = neighbor }

    static func handlers(_ on: inout Handlers<Thrower>) {
        on(.started) { me, _, my in my.register(Topic(.number, from: me.neighbor)) }
        on(.beat) { me, _, my in
            me.throwsLeft -= 1
            if me.throwsLeft == 10_000 { oc_alloc_counting(true) }
            guard me.throwsLeft > 0 else { return oc_alloc_counting(false) }
            my.publish(.number, me.throwsLeft)
            try my.call(.tock, to: me.neighbor, ())
            my.post(.beat, to: me.neighbor)
            my.cancel(my.after(.microseconds(1), .tock))
        }
        on(.number) { _, _, _ in }
        on(.tock) { _, _, _ in }
    }
}

@Suite struct AllocationTests {
    /// In a process of its own, for the counter counts everybody's.
    @Test func noEventAllocates() async {
        await #expect(processExitsWith: .success) {
            guard oc_alloc_available() else { return }
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(Thrower("b"), alias: "a")
            kernel.start(Thrower("a"), alias: "b")
            kernel.post(.beat, to: "a", ())
            try kernel.run()
            let count = oc_alloc_count()
            precondition(count == 0, "\(count) allocations in 20,000 throws")
        }
    }
}
