import Glibc
import Outcry

/// `outcry simulate --seeds`, and `--bot`: worlds of an exchange, a SafetyNet and a bot, in weather that seeds draw.
struct SimulateSeeds {
    private var seeds: ClosedRange<UInt64>
    private var bots: [WorldBotKind]
    private var only: [WorldFault]?
    private var seconds: Int
    private var dropsLastDepth: Bool
    private var jobs: Int
    /// One world, looked at.
    private var isOne: Bool
    private var printsLog: Bool
    private var hashOnly: Bool
    private var endsAtViolation: Bool
    private var minimizes: Bool
    /// A line a world, for the process that has started this one.
    private var printsLines: Bool

    private var tally = WorldTally()
    /// Violations that are made smaller; of the others only the seed is told.
    private static let minimized = 5

    /// Reads the words, if they are about worlds.
    static func wanted(_ arguments: inout Arguments) throws -> SimulateSeeds? {
        let count = try arguments.integer("--seeds", in: 1...100_000_000)
        let bot = try arguments.option("--bot")
        guard count != nil || bot != nil else { return nil }
        return try SimulateSeeds(&arguments, count, bot)
    }

    private init(_ arguments: inout Arguments, _ count: Int?, _ bot: String?) throws {
        if let bot {
            guard let kind = WorldBotKind(rawValue: bot) else {
                let names = WorldBotKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("--bot: expected one of \(names), found \"\(bot)\"")
            }
            bots = [kind]
        } else {
            bots = WorldBotKind.allCases
        }
        isOne = count == nil
        let first = try arguments.integer(isOne ? "--seed" : "--from", in: 0...(1 << 62)) ?? 1
        seeds = UInt64(first)...UInt64(first + (count ?? 1) - 1)
        jobs = try arguments.integer("--jobs", in: 1...256) ?? 1
        seconds =
            try arguments.integer("--seconds", in: 1...100_000) ?? WorldPlan.usualSeconds
        only = try arguments.option("--only").map { text in
            if text == "none" { return [] }
            return try text.split(separator: ",").map { name in
                guard let fault = WorldFault.named(String(name)) else {
                    let names = WorldFault.all.map(\.name).joined(separator: ", ")
                    throw UsageError(
                        "--only: expected none, or some of \(names), found \"\(name)\"")
                }
                return fault
            }
        }
        dropsLastDepth = arguments.flag("--drop-last-depth")
        printsLog = arguments.flag("--log")
        hashOnly = arguments.flag("--hash")
        endsAtViolation = arguments.flag("--until-violation")
        minimizes = !arguments.flag("--as-it-is")
        printsLines = arguments.flag("--lines")
        try arguments.finish()
    }

    /// - Returns: The exit code: 0, or 1 where something was violated.
    mutating func run() throws -> Int32 {
        if isOne { return try runOne() }
        let began = Self.realTime
        if jobs == 1 { try runHere() } else { try runJobs() }
        if printsLines { return tally.violations == 0 ? 0 : 1 }
        let real = max(0.001, Self.realTime - began)
        let ratio = Int(Double(tally.microseconds) / 1e6 / real)
        Terminal.line(
            """
            seeds \(seeds.lowerBound) to \(seeds.upperBound), bots \
            \(bots.map(\.rawValue).joined(separator: ", ")): \(Show.count(tally.worlds)) worlds
            \(Show.count(Int(tally.microseconds / 1_000_000))) virtual seconds in \
            \(Int(real.rounded())) real ones, \(Show.count(ratio)) x real time
            \(Show.count(Int(tally.events))) events, at most \(Show.count(Int(tally.busiest))) \
            in a second; all agreed at most \
            \(WorldEpisode.seconds(.nanoseconds(tally.latestMicroseconds * 1_000))) s after the weather
            \(Show.count(tally.violations)) violations
            """)
        return tally.violations == 0 ? 0 : 1
    }

    private static var realTime: Double {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    private func plan(_ seed: UInt64, _ bot: WorldBotKind) -> WorldPlan {
        var plan = WorldPlan(seed: seed, bot: bot, seconds: seconds, only: only)
        plan.dropsLastDepth = dropsLastDepth
        return plan
    }

    // MARK: One world

    private mutating func runOne() throws -> Int32 {
        var isBad = false
        for bot in bots {
            let plan = plan(seeds.lowerBound, bot)
            let report = try WorldRun.run(plan, prints: printsLog)
            let hash = String(report.hash, radix: 16)
            if !hashOnly {
                Terminal.line("\(plan.command): the market at \(plan.speed) times its speed")
                for episode in plan.episodes { Terminal.line("  \(episode.description)") }
                Terminal.line(
                    "\(WorldEpisode.seconds(report.lasted)) virtual seconds, "
                        + "\(Show.count(Int(report.events))) events, at most "
                        + "\(Show.count(Int(report.busiest))) in a second"
                        + (report.agreed.map {
                            "; all agreed \(WorldEpisode.seconds($0)) s after the weather"
                        } ?? ""))
                if let problem = report.problem {
                    tell(problem)
                } else {
                    Terminal.line("all is right")
                }
            }
            Terminal.line(String(repeating: "0", count: 16 - hash.count) + hash)
            if report.problem != nil { isBad = true }
        }
        return isBad ? 1 : 0
    }

    private func tell(_ problem: WorldProblem) {
        Terminal.line("violated: \(problem.invariant)")
        Terminal.line("  expected: \(problem.expected)")
        Terminal.line("  found:    \(problem.found)")
    }

    // MARK: Many, one after the other

    private mutating func runHere() throws {
        for seed in seeds {
            for bot in bots {
                let report = try WorldRun.run(plan(seed, bot))
                if let problem = report.problem { try violation(report.plan, problem) }
                let line = WorldTally.Line(report)
                tally.add(line)
                if printsLines { Terminal.line(line.text) }
                if endsAtViolation, !line.isRight { return }
            }
        }
    }

    private func violation(_ plan: WorldPlan, _ problem: WorldProblem) throws {
        Terminal.line("\nseed \(plan.seed), bot \(plan.bot.rawValue):")
        tell(problem)
        Terminal.line("  run:      \(plan.command)")
        guard minimizes, tally.violations < Self.minimized else { return }
        var minimizer = WorldMinimizer(plan, problem)
        try minimizer.minimize()
        Terminal.line("  minimal:  \(minimizer.plan.command)")
        for episode in minimizer.plan.episodes {
            Terminal.line("            \(episode.description)")
        }
        Terminal.line(
            "            found there, after \(minimizer.tries) tries: "
                + "\(minimizer.problem.found)")
    }

    // MARK: Many, in processes of their own

    private mutating func runJobs() throws {
        let size = max(1, min(50, UInt64(seeds.count) / UInt64(4 * jobs)))
        var chunks: [ClosedRange<UInt64>] = []
        var first = seeds.lowerBound
        while first <= seeds.upperBound {
            chunks.append(first...min(seeds.upperBound, first + size - 1))
            first += size
        }
        chunks.reverse()
        var words = ""
        if bots.count == 1 { words += " --bot \(bots[0].rawValue)" }
        if let only {
            words += " --only " + (only.isEmpty ? "none" : only.map(\.name).joined(separator: ","))
        }
        words += " --seconds \(seconds)"
        if dropsLastDepth { words += " --drop-last-depth" }
        if endsAtViolation { words += " --until-violation" }
        if !minimizes { words += " --as-it-is" }
        let workers = try WorldWorkers(words)
        while !chunks.isEmpty || workers.count > 0 {
            if endsAtViolation, tally.violations > 0 { chunks = [] }
            while workers.count < jobs, let chunk = chunks.popLast() { try workers.start(chunk) }
            for said in workers.wait() {
                switch said {
                case .line(let line):
                    if let record = WorldTally.Line(line) {
                        tally.add(record)
                    } else {
                        Terminal.line(line)
                    }
                case .ended(let how, let chunk, let last): ended(how, chunk, last, &chunks)
                }
            }
        }
    }

    /// A process has ended: right behind its last world, or in the midst of the one behind the last that it told.
    private mutating func ended(
        _ how: String, _ chunk: ClosedRange<UInt64>, _ last: (seed: UInt64, bot: WorldBotKind)?,
        _ chunks: inout [ClosedRange<UInt64>]
    ) {
        if let last, last.seed == chunk.upperBound, last.bot == bots.last { return }
        if endsAtViolation, tally.violations > 0 { return }
        let place = last.flatMap { bots.firstIndex(of: $0.bot) }.map { $0 + 1 } ?? 0
        let isNext = place == bots.count
        let seed = (last?.seed ?? chunk.lowerBound) + (isNext ? 1 : 0)
        let bot = bots[isNext ? 0 : place]
        Terminal.line("\nseed \(seed), bot \(bot.rawValue):")
        tell(WorldProblem(invariant: "crash", expected: "a process that goes on", found: how))
        Terminal.line("  run:      \(plan(seed, bot).command)")
        tally.violations += 1
        if seed < chunk.upperBound { chunks.append(seed + 1...chunk.upperBound) }
    }
}
