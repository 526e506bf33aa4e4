import OutcryComponents
import OutcryKernel
import OutcrySimulation
import Testing

/// Whoever waits for a turn and is no more spends nothing.
@Suite struct LimiterSessionTests {
    @Test func theGoneSpendNothing() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.start(
            RateLimiter([RateBudget("calls", 1, in: .seconds(10))]), alias: "limits")
        // Takes the token there is, waits for another one, and is gone after a second.
        let first = Asker(wishes: 2, begins: .zero, ends: .seconds(1))
        let second = Asker(wishes: 1, begins: .seconds(2), ends: .seconds(40))
        kernel.start(first, alias: "first")
        kernel.start(second, alias: "second")
        try kernel.run()
        #expect(first.granted == [.zero])
        #expect(second.granted == [.seconds(10)])
    }
}

private final class Asker: Session {
    private let wishes: Int
    private let begins: Duration
    private let ends: Duration
    private var started = KernelTime(nanoseconds: 0)
    private(set) var granted: [Duration] = []

    init(wishes: Int, begins: Duration, ends: Duration) {
        self.wishes = wishes
        self.begins = begins
        self.ends = ends
    }

    static func handlers(_ on: inout Handlers<Asker>) {
        on(.started) { me, _, my in
            me.started = my.now
            my.after(me.begins, .beginAsking)
            my.after(me.ends, .endAsking)
        }
        on(.beginAsking) { me, _, my in
            for number in 0..<UInt64(me.wishes) {
                let wish = PermitWish(
                    number: number, kind: .query, overHTTP: true,
                    deadline: my.now + .seconds(60), asker: my.id)
                my.post(.permitWish, to: "limits", wish)
            }
        }
        on(.permitGranted) { me, _, my in me.granted.append(my.now - me.started) }
        on(.endAsking) { _, _, my in my.stop() }
    }
}

extension Event where Payload == Void {
    fileprivate static let beginAsking = Self("test.beginAsking")
    fileprivate static let endAsking = Self("test.endAsking")
}
