import Outcry
import OutcrySandbox

/// `outcry demo`: exchange and bot on one kernel, over loopback sockets.
enum DemoCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        let plain = arguments.flag("--plain") || !Terminal.isScreen
        let seconds = try arguments.integer("--seconds", in: 1...86_400)
        let restartAt = try arguments.integer("--restart-at", in: 1...86_400)
        var configuration = try arguments.market(speed: 600)
        if arguments.flag("--drop-last-depth") { configuration.faults.dropsLastDepth = true }
        let carrier = try arguments.option("--carrier") ?? "socketio"
        let carriers = ["socketio": "socketio+http", "websocket": "ws"]
        guard let scheme = carriers[carrier] else {
            throw UsageError("--carrier: expected socketio or websocket, found \"\(carrier)\"")
        }
        try arguments.finish()
        let end = seconds ?? (plain ? 10 : nil)
        if let restartAt, let end, restartAt >= end {
            throw UsageError(
                "--restart-at: expected a time before the end after \(end) s, found \(restartAt)")
        }
        configuration.address = .loopback(port: 0)
        configuration.fullDepthPerHour = nil
        configuration.firstStep = .milliseconds(300)

        let reactor = try Reactor()
        let kernel = Kernel(driver: reactor)
        kernel.logLevel = .warning
        let exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: "exchange")
        guard let address = exchange.address else { return 1 }
        let gox = try MtGox.open(
            on: kernel, url: "\(scheme)://\(address)/mtgox", instruments: [.btcusd])
        let bot = BookBot(gox, exchange: "exchange", wall: { reactor.time().wall })
        kernel.start(bot, alias: "bot")
        let show = DemoShow(
            bot, market: configuration.market, speed: configuration.speed,
            seconds: end, restartAt: restartAt, plain: plain)
        kernel.start(show, alias: "show")
        try kernel.run()
        if !show.hasEnded {
            Terminal.line("book not verified: ended before the books were compared")
        }
        return show.code
    }
}

/// Draws the demo and leads it to its end.
final class DemoShow: Session {
    private let bot: BookBot
    private let market: SandboxMarket
    private let speed: Int
    private let seconds: Int?
    private let restartAt: Int?
    private let plain: Bool
    private var began = KernelTime.zero
    private var lastMessages = 0
    private var isVerifying = false
    /// It has said how the comparison ended.
    private(set) var hasEnded = false
    private(set) var code: Int32 = 1

    init(
        _ bot: BookBot, market: SandboxMarket, speed: Int, seconds: Int?, restartAt: Int?,
        plain: Bool
    ) {
        self.bot = bot
        self.market = market
        self.speed = speed
        self.seconds = seconds
        self.restartAt = restartAt
        self.plain = plain
    }

    static func handlers(_ on: inout Handlers<DemoShow>) {
        on(.started) { me, _, my in me.begin(my) }
        on(.demoLook) { me, _, my in me.look(my) }
        on(.demoRestart) { me, _, my in
            if me.plain { Terminal.line("-- the exchange drops everybody, back in 1 s --") }
            my.post(.sandboxRestart, to: "exchange", .seconds(1))
        }
        on(.demoEnd) { me, _, my in
            guard !me.isVerifying else { return }
            me.isVerifying = true
            my.post(.verify, to: "bot")
        }
        on(.interrupt) { me, _, my in
            if me.isVerifying { my.kernel.stop() } else { my.yield(.demoEnd) }
        }
        on(.stopped) { me, _, _ in if !me.plain { Terminal.write(Terminal.endPicture) } }
    }

    private func begin(_ my: Context) {
        began = my.now
        if plain {
            Terminal.paragraph(market.recorded)
            Terminal.paragraph(market.made)
            Terminal.line("")
            Terminal.line(
                "time".right(5) + "bid".right(12) + "ask".right(12) + "spread".right(10)
                    + "levels".right(8) + "last".right(12) + "msg/s".right(8) + "book".right(7))
        } else {
            Terminal.write(Terminal.beginPicture)
        }
        my.every(plain ? .seconds(1) : .milliseconds(100), .demoLook)
        if let seconds { my.after(.seconds(seconds), .demoEnd) }
        if let restartAt { my.after(.seconds(restartAt), .demoRestart) }
    }

    private func look(_ my: Context) {
        if let verdict = bot.verdict { return end(verdict, my) }
        if plain { line(my) } else { picture(my) }
    }

    // MARK: What is shown

    private func line(_ my: Context) {
        let elapsed = my.now - began
        let rate = bot.messages - lastMessages
        lastMessages = bot.messages
        let book = bot.book
        Terminal.line(
            "\(elapsed.nanoseconds / 1_000_000_000) s".right(5)
                + (book?.bestBid.map { Show.price($0.price) } ?? "-").right(12)
                + (book?.bestAsk.map { Show.price($0.price) } ?? "-").right(12)
                + (book?.spread.map(Show.price) ?? "-").right(10)
                + Show.count(book?.count ?? 0).right(8)
                + (bot.lastTrades.last.map { Show.price($0.price) } ?? "-").right(12)
                + Show.count(rate).right(8) + (bot.evidence.isTrusted ? "good" : "stale").right(7))
    }

    private func picture(_ my: Context) {
        let elapsed = my.now - began
        // Ten levels a side and eight trades where there is room; with 8 other lines.
        let room = Terminal.rows - 8
        let levels = max(1, min(10, (room * 2 / 3 - 1) / 2))
        let trades = max(0, min(8, room - 2 * levels - 1))
        var lines = [
            "outcry demo: Mt. Gox \(market.rawValue) at \(speed) x, "
                + "\(elapsed.nanoseconds / 1_000_000_000) s"
                + (seconds.map { " of \($0)" } ?? " (^C ends it)")
        ]
        lines.append("")
        if let book = bot.book {
            lines += Ladder.lines(book, levels: levels, color: true)
            lines.append("")
            lines.append(
                "  \(Show.count(book.count)) levels, \(bot.isUp ? "connected" : "reconnecting"), "
                    + "\(bot.evidence)")
        } else {
            lines.append("  waiting for the book")
        }
        lines.append("")
        for trade in bot.lastTrades.suffix(trades).reversed() {
            let side = trade.aggressor == .buy ? Terminal.green("buy ") : Terminal.red("sell")
            lines.append(
                "  \(side) \(Show.quantity(trade.quantity).right(14)) at "
                    + Show.price(trade.price))
        }
        lines.append("")
        lines.append(
            "  \(Show.count(bot.messages)) messages, \(Show.count(bot.trades)) trades"
                + (isVerifying ? ", comparing the books" : ""))
        Terminal.draw(lines)
    }

    // MARK: The end

    private func end(_ verdict: Verdict, _ my: Context) {
        hasEnded = true
        if plain {
            Terminal.line("")
        } else {
            picture(my)
            Terminal.write(Terminal.endPicture)
            Terminal.paragraph(market.recorded)
            Terminal.paragraph(market.made)
        }
        let elapsed = max(1, (my.now - began).nanoseconds / 1_000_000)
        let events = Int(my.kernel.snapshot().dispatched)
        let rate = Int(Int64(events) * 1000 / elapsed)
        Terminal.line(
            "\(Show.count(bot.messages)) messages (\(Show.count(bot.depths)) depth, "
                + "\(Show.count(bot.trades)) trades, \(Show.count(bot.tickers)) tickers), "
                + "\(Show.count(rate)) events a second")
        if let p50 = bot.latencies.quantile(0.5), let p99 = bot.latencies.quantile(0.99) {
            Terminal.line(
                "from the engine to the handler: p50 \(Show.micros(p50)), p99 \(Show.micros(p99))")
        }
        Terminal.line("\(max(0, bot.connects - 1)) reconnects")
        switch verdict {
        case .equal(let levels):
            code = 0
            Terminal.line(
                "book verified: equal to the exchange's, \(Show.count(levels)) levels")
        case .different(let what):
            Terminal.line("book NOT equal to the exchange's: \(what)")
        case .failed(let why):
            Terminal.line("book not verified: \(why)")
        }
        my.kernel.stop()
    }
}

extension Event where Payload == Void {
    static let demoLook = Self("demo.look")
    static let demoRestart = Self("demo.restart")
    static let demoEnd = Self("demo.end")
}
