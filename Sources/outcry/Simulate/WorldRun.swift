import Outcry

/// What became of one world.
struct WorldReport {
    let plan: WorldPlan
    /// What was violated; nil: nothing.
    let problem: WorldProblem?
    /// How long it lasted, on its own clock.
    let lasted: Duration
    /// From the end of the weather until all agreed; nil: never.
    let agreed: Duration?
    /// Events that were dispatched.
    let events: UInt64
    /// The hash of all of them.
    let hash: UInt64
    /// The most in a second.
    let busiest: UInt64
}

/// Lets a world have its weather, then calm, and looks all the time whether all is right.
struct WorldRun {
    private let world: World
    private let plan: WorldPlan
    /// Events until the second that goes on, and until then.
    private var second = (end: KernelTime.zero, events: UInt64(0))
    private var busiest: UInt64 = 0
    private var looks = 0
    private var agreed: Duration?

    private static let look = Duration.milliseconds(250)

    private init(_ plan: WorldPlan, prints: Bool) throws {
        self.plan = plan
        world = try World(plan, prints: prints)
    }

    /// Runs one world.
    static func run(_ plan: WorldPlan, prints: Bool = false) throws -> WorldReport {
        var run = try WorldRun(plan, prints: prints)
        var problem: WorldProblem?
        do { try run.go() } catch let found as WorldProblem { problem = found }
        let world = run.world
        return WorldReport(
            plan: plan, problem: problem, lasted: world.world.now - .zero, agreed: run.agreed,
            events: world.dispatched, hash: world.hash, busiest: run.busiest)
    }

    private mutating func go() throws {
        try advance(.seconds(5))
        try storm()
        world.diary.isResting = true
        let calm = world.world.now
        try settle(since: calm)
        agreed = world.world.now - calm
        world.forgetLies()
        // Who hears nothing on a connection that is dead believes that nothing happens, until he has found out.
        if plan.leavesDead { try advance(to: max(world.world.now, calm + WorldBounds.noticing)) }
        // It stays so.
        try advance(.seconds(10))
        try settle(since: calm)
        try advance(.seconds(10))
        world.stopMarket()
        try advance(.seconds(2))
        // Soon: a book that is wrong is right again once its silent channel has been asked for anew.
        try wait(WorldBounds.delivery) { $0.finalProblem() }
        // Whoever is dead has his time to be found so.
        try wait(WorldBounds.burial) { $0.restingProblem() }
    }

    /// Lets time pass until nothing is wrong.
    private mutating func wait(
        _ limit: Duration, _ problem: (World) -> WorldProblem?
    ) throws {
        let began = world.world.now
        while let problem = problem(world) {
            guard world.world.now - began < limit else { throw problem }
            try advance(.seconds(1))
        }
    }

    /// Weather.
    private mutating func storm() throws {
        let begin = world.world.now
        let episodes = plan.episodes
        let changes =
            (episodes.map { (time: $0.begin, isBegin: true, episode: $0) }
            + episodes.map { (time: $0.end, isBegin: false, episode: $0) })
            .sorted { ($0.time, $0.isBegin ? 1 : 0) < ($1.time, $1.isBegin ? 1 : 0) }
        for change in changes {
            try advance(to: begin + change.time)
            if change.isBegin {
                try world.begin(change.episode)
            } else {
                try world.end(change.episode)
            }
        }
        try advance(to: begin + .seconds(Int64(plan.seconds)))
        if world.wasLiedTo { world.cut() }
    }

    /// Waits until all agree.
    private mutating func settle(since calm: KernelTime) throws {
        while let problem = world.restlessProblem() {
            let waited = world.world.now - calm
            guard waited < WorldBounds.patience else {
                throw problem.after("\(WorldEpisode.seconds(waited)) s after the weather")
            }
            try advance(Self.look)
        }
    }

    private mutating func advance(_ duration: Duration) throws {
        try advance(to: world.world.now + duration)
    }

    /// Lets time pass, and looks.
    private mutating func advance(to time: KernelTime) throws {
        while world.world.now < time {
            world.advance(to: min(time, world.world.now + Self.look))
            if let problem = world.momentaryProblem() { throw problem }
            looks += 1
            if looks % 20 == 0, let problem = world.currentBookProblem() { throw problem }
            guard world.world.now >= second.end else { continue }
            let events = world.dispatched
            busiest = max(busiest, events - second.events)
            if events - second.events > WorldBounds.eventsASecond {
                throw WorldProblem(
                    invariant: "spin",
                    expected: "at most \(WorldBounds.eventsASecond) events in a second",
                    found: "\(events - second.events) until \(world.world.now)")
            }
            second = (world.world.now + .seconds(1), events)
        }
    }
}
