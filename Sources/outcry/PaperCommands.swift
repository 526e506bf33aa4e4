import Outcry

/// `outcry paper` and `outcry replay --market`: become a bot whose orders are simulated, with words in its environment
/// that `Reactor()` and the links obey.
enum PaperCommands {
    /// Runs a bot on the live market with simulated orders.
    static func paper(_ arguments: inout Arguments) throws -> Int32 {
        let options = try options(&arguments)
        let report = try arguments.option("--report")
        let program = arguments.program
        try arguments.finish()
        guard let program else {
            throw UsageError("paper: expected -- and a program with its words, found nothing")
        }
        // An older one would stand before the live market.
        Successor.remove(MarketFloor.variable)
        set(options, report)
        return try Successor.become(program)
    }

    /// Runs a bot on recorded markets with simulated orders, in virtual time.
    static func replay(markets first: String, _ arguments: inout Arguments) throws -> Int32 {
        var files = [first]
        while let more = try arguments.option("--market") { files.append(more) }
        let speed = try speed(&arguments)
        let options = try options(&arguments)
        let report = try arguments.option("--report")
        let program = arguments.program
        try arguments.finish()
        var begin: WallTime?
        for file in files {
            guard !file.contains("\n") else {
                throw UsageError("--market: expected a name without a line feed, found \"\(file)\"")
            }
            let recording: Recording
            let bytes = try Files.bytes(file)
            do throws(RecordingError) { recording = try Recording(bytes) } catch {
                throw CommandError("\(file): \(error)")
            }
            guard let first = recording.begin, let last = recording.end else {
                throw CommandError("\(file): expected a recording with something in it, found none")
            }
            begin = min(begin ?? first, first)
            Terminal.error(
                "outcry: \(recording.head.venue), \(recording.head.instruments.joined(separator: " ")), "
                    + "recorded \(first), \((last - first).components.seconds) s, "
                    + "\(Show.count(recording.lines.count)) lines"
                    + (recording.isCutOff ? "; the last one is cut off" : ""))
        }
        guard let program, let begin else {
            throw UsageError("replay: expected -- and a program with its words, found nothing")
        }
        Successor.set(MarketFloor.variable, files.joined(separator: "\n"))
        Successor.set("OUTCRY_MARKET_BEGIN", "\(begin.microseconds)")
        Successor.set("OUTCRY_MARKET_SEED", "\(options.seed)")
        Successor.remove("OUTCRY_MARKET_SPEED")
        if let speed { Successor.set("OUTCRY_MARKET_SPEED", "\(speed)") }
        set(options, report)
        return try Successor.become(program)
    }

    private static func speed(_ arguments: inout Arguments) throws -> Double? {
        guard let text = try arguments.option("--speed") else { return nil }
        if text == "max" { return nil }
        guard let value = Double(text), value > 0, value < 1e9 else {
            throw UsageError("--speed: expected a number above 0, or max, found \"\(text)\"")
        }
        return value
    }

    private static func options(_ arguments: inout Arguments) throws -> PaperOptions {
        var options = PaperOptions()
        for name in ["latency", "queue", "balance", "fee", "seed"] {
            guard let text = try arguments.option("--\(name)") else { continue }
            do throws(PaperOptionsError) {
                switch name {
                case "latency": try options.setLatency(text)
                case "queue": try options.setQueue(text)
                case "balance": try options.setBalances(text)
                case "fee": try options.setFee(text)
                default: try options.setSeed(text)
                }
            } catch { throw UsageError("--\(error)") }
        }
        options.reportsJSON = arguments.flag("--json")
        return options
    }

    private static func set(_ options: PaperOptions, _ report: String?) {
        Successor.set(PaperOptions.variable, options.text)
        Successor.remove("OUTCRY_REPORT")
        if let report { Successor.set("OUTCRY_REPORT", report) }
        // Bots that want a key before they begin get one that opens nothing: no call is signed.
        Successor.suggest("OUTCRY_MTGOX_KEY", "00000000-0000-0000-0000-00000000bad0")
        Successor.suggest("OUTCRY_MTGOX_SECRET", "cGFwZXI=")
        Successor.suggest("OUTCRY_MIDCHAINS_USER", "paper")
        Successor.suggest("OUTCRY_MIDCHAINS_PASSWORD", "paper")
    }
}
