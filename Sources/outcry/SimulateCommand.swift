import Outcry
import OutcrySandbox

/// `outcry simulate`: exchange and bot in virtual time.
enum SimulateCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        if var worlds = try SimulateSeeds.wanted(&arguments) { return try worlds.run() }
        let seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
        let seconds = try arguments.integer("--seconds", in: 1...1_000_000) ?? 30
        let hashOnly = arguments.flag("--hash")
        var faults = try arguments.faults()
        if arguments.flag("--drop-last-depth") { faults.dropsLastDepth = true }
        try arguments.finish()
        var configuration = SandboxConfiguration()
        configuration.faults = faults
        configuration.speed = 600
        configuration.seed = seed
        configuration.fullDepthPerHour = nil
        let kernel = Kernel(driver: Simulation(seed: seed))
        kernel.logLevel = .warning
        let hash = DispatchHash(kernel)
        let exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: "exchange")
        let gox = try MtGox.open(
            on: kernel, url: "ws://127.0.0.1:8080/mtgox", instruments: [.btcusd])
        let bot = BookBot(gox, exchange: "exchange", wall: { kernel.wallNow })
        kernel.start(bot, alias: "bot")
        let director = Director(bot, seconds: seconds)
        kernel.start(director, alias: "director")
        try kernel.run()
        if !hashOnly {
            Terminal.line(
                "\(seconds) virtual seconds: \(Show.count(hash.count)) events, "
                    + "\(Show.count(bot.messages)) messages, \(Show.count(bot.trades)) trades")
            switch bot.verdict {
            case .equal(let levels):
                Terminal.line(
                    "book verified: equal to the exchange's, \(Show.count(levels)) levels")
            case .different(let what):
                Terminal.line("book NOT equal to the exchange's: \(what)")
            case .failed(let why): Terminal.line("book not verified: \(why)")
            case nil: Terminal.line("book not verified: the run ended early")
            }
        }
        let text = String(hash.value, radix: 16)
        Terminal.line(String(repeating: "0", count: 16 - text.count) + text)
        if case .equal = bot.verdict { return 0 }
        return 1
    }
}

/// Ends a simulation: proves the book after the time, and stops when there is a verdict.
final class Director: Session {
    private let bot: BookBot
    private let seconds: Int

    init(_ bot: BookBot, seconds: Int) {
        self.bot = bot
        self.seconds = seconds
    }

    static func handlers(_ on: inout Handlers<Director>) {
        on(.started) { me, _, my in my.after(.seconds(me.seconds), .demoEnd) }
        on(.demoEnd) { _, _, my in
            my.post(.verify, to: "bot")
            my.every(.milliseconds(100), .demoLook)
        }
        on(.demoLook) { me, _, my in if me.bot.verdict != nil { my.kernel.stop() } }
    }
}
