import Outcry

/// Makes a world smaller in which something is violated: leaves faults out, one after the other, and has the weather
/// end sooner, as long as the same invariant is violated.
struct WorldMinimizer {
    private(set) var plan: WorldPlan
    private(set) var problem: WorldProblem
    /// Worlds that were tried.
    private(set) var tries = 0
    private let run: (WorldPlan) throws -> WorldProblem?

    /// - Parameter run: Runs a world, and says what was violated.
    init(
        _ plan: WorldPlan, _ problem: WorldProblem,
        run: @escaping (WorldPlan) throws -> WorldProblem? = { try WorldRun.run($0).problem }
    ) {
        self.plan = plan
        self.problem = problem
        self.run = run
    }

    mutating func minimize() throws {
        try leaveOut()
        var step = plan.seconds / 2
        while step > 0 {
            var shorter = plan
            shorter.seconds -= step
            if try !holds(shorter) || plan.seconds <= step { step /= 2 }
        }
        // What was needed in more seconds may not be in fewer.
        try leaveOut()
    }

    private mutating func leaveOut() throws {
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for fault in plan.faults {
                var fewer = plan
                fewer.faults.removeAll { $0 == fault }
                if try holds(fewer) { isSmaller = true }
            }
        }
    }

    /// Takes a smaller world where the same invariant is violated there.
    private mutating func holds(_ smaller: WorldPlan) throws -> Bool {
        guard smaller.seconds > 0 else { return false }
        tries += 1
        guard let found = try run(smaller), found.invariant == problem.invariant else {
            return false
        }
        (plan, problem) = (smaller, found)
        return true
    }
}
