import Outcry
import OutcrySandbox

/// `outcry sandbox`: the exchange alone.
enum SandboxCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        var configuration = try arguments.market(speed: 1)
        let port = try arguments.integer("--port", in: 0...65_535) ?? 8080
        configuration.address = .loopback(port: UInt16(port))
        configuration.loops = arguments.flag("--loop")
        configuration.fullDepthPerHour =
            try arguments.integer("--fulldepth", in: 0...1_000_000) ?? 5
        let pings = try arguments.integer("--ping", in: 1...86_400)
        configuration.connections = ServerRules(
            compression: arguments.flag("--compression") ? .shared : nil,
            pingInterval: pings.map { .seconds(Int64($0)) }
                ?? configuration.connections.pingInterval)
        try arguments.finish()
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning
        let exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: "exchange")
        guard let address = exchange.address else {
            Terminal.error(
                "outcry: cannot listen on \(configuration.address): is the port taken?")
            return 1
        }
        Terminal.paragraph(configuration.market.recorded)
        Terminal.paragraph(configuration.market.made)
        Terminal.line("stream  socketio+http://\(address)/mtgox  ws://\(address)/mtgox")
        Terminal.line("http    http://\(address)/api/1/BTCUSD/ticker  depth  fulldepth  trades")
        Terminal.line("watch   outcry watch socketio+http://\(address)/mtgox")
        Terminal.line("^C ends it.")
        try kernel.run()
        let counters = exchange.counters
        Terminal.line(
            "\(Show.count(counters.accepted)) connections, \(Show.count(counters.trades)) trades, "
                + "\(Show.count(counters.sent)) messages sent")
        return 0
    }
}
