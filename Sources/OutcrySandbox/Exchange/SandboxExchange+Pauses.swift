import OutcryKernel

// Thousands of listeners make a small thing a large one: what is told of one order is written thousands
// of times. So the exchange counts, and lets the kernel look for input now and then: what there is to tell
// beyond that is held (``SandboxExchange/held``), and what there is to do waits.

extension SandboxExchange {
    /// Messages that are put to clients before the kernel looks for input: a count, never a time, which
    /// would make replays differ. Measured with 2,000 clients: turns of 17 ms, the longest 34 ms.
    private static let putsAtOnce = 16_384

    /// Whether enough was put for this turn: then what there is to do waits for the next one.
    func mustPause(_ my: Context) -> Bool {
        guard counters.sent - putsBefore >= Self.putsAtOnce else { return false }
        if !isPausing {
            isPausing = true
            // An alarm is of the next turn, a posted event is not.
            my.after(.zero, .sandboxResume, named: "resume")
        }
        return true
    }

    /// Goes on after a pause.
    func resume(_ my: Context) throws {
        isPausing = false
        putsBefore = counters.sent
        release(my)
        try play(my)
    }
}
