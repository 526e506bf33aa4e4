import Glibc
import Outcry
import OutcrySafetyNet

/// `outcry safetynet`: one connection to a venue, for a room full of clients.
enum SafetyNetCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        var configuration = try upstreams(&arguments)
        configuration.instruments = try markets(&arguments)
        let files = try SafetyNetFiles(&arguments)
        configuration.doors = try doors(&arguments, files)
        try takeAccess(&configuration, &arguments, files)
        try takeRules(&configuration, &arguments)
        let store = try store(&arguments)
        try arguments.finish()
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning
        let net: SafetyNet
        do { net = try SafetyNet(configuration, store: store) } catch let error as TradeStoreError {
            throw error
        } catch { throw UsageError("--upstream: \(error)") }
        let console = SafetyNetConsole(net, configuration, files)
        kernel.start(console, alias: "console")
        if let problem = console.problem {
            Terminal.error("outcry: \(problem)")
            return 1
        }
        try kernel.run()
        if let problem = console.problem {
            Terminal.error("outcry: \(problem)")
            return 1
        }
        sum(net.counters, net.told)
        return 0
    }

    /// What was done, for the end.
    private static func sum(_ counters: SafetyNetCounters, _ told: FanOutCounters) {
        Terminal.line(
            "\(Show.count(counters.accepted)) connections, \(Show.count(counters.questions)) calls, "
                + "\(Show.count(counters.signed)) signed, \(Show.count(told.deliveries)) messages sent, "
                + "\(Show.count(told.cut + counters.cutOff)) cut off, \(Show.count(counters.stored)) trades stored"
        )
    }

    private static func upstreams(
        _ arguments: inout Arguments
    ) throws -> SafetyNetConfiguration {
        var upstreams: [SafetyNetUpstream] = []
        while let url = try arguments.option("--upstream") {
            upstreams.append(SafetyNetUpstream(url))
        }
        guard !upstreams.isEmpty else {
            throw UsageError(
                "expected --upstream URL, such as ws://127.0.0.1:8080/mtgox, found none")
        }
        while let text = try arguments.option("--upstream-token") {
            try takeToken(text, &upstreams)
        }
        var configuration = SafetyNetConfiguration(upstreams)
        if let authority = try arguments.option("--ca") {
            guard unsafe access(authority, R_OK) == 0 else {
                throw UsageError(
                    "--ca: expected a file that can be read, found \"\(authority)\"")
            }
            configuration.trust = .authorities(.file(authority))
        }
        if let seconds = try arguments.integer("--failover", in: 1...86_400) {
            configuration.failoverAfter = .seconds(Int64(seconds))
        }
        if let seconds = try arguments.integer("--book-within", in: 1...86_400) {
            configuration.bookWithin = .seconds(Int64(seconds))
        }
        if let seconds = try arguments.integer("--return", in: 1...864_000) {
            configuration.returnAfter = .seconds(Int64(seconds))
        }
        return configuration
    }

    /// `URL=FILE`, with the URL of an `--upstream`: nobody else is shown what is in the file. Of one upstream
    /// it can be left out.
    private static func takeToken(
        _ text: String, _ upstreams: inout [SafetyNetUpstream]
    ) throws(UsageError) {
        let named = upstreams.firstIndex { text.hasPrefix($0.stream + "=") }
        guard let place = named ?? (upstreams.count == 1 ? 0 : nil) else {
            throw UsageError(
                "--upstream-token: expected URL=FILE with the URL of an --upstream, found \"\(text)\""
            )
        }
        let path = named == nil ? text : String(text.dropFirst(upstreams[place].stream.count + 1))
        guard upstreams[place].token == nil else {
            throw UsageError(
                "--upstream-token: expected one for \(upstreams[place].stream), found two")
        }
        upstreams[place].token = try SafetyNetFiles.tokens(of: path, "--upstream-token")[0]
    }

    private static func markets(_ arguments: inout Arguments) throws -> [Instrument] {
        var markets: [Instrument] = []
        while let name = try arguments.option("--market") {
            guard name.utf8.count == 6, let base = MtGox.currency(String(name.prefix(3))),
                let quote = MtGox.currency(String(name.suffix(3)))
            else {
                throw UsageError("--market: expected one such as BTCUSD, found \"\(name)\"")
            }
            let market = Instrument(base: base, quote: quote)
            guard !markets.contains(market) else {
                throw UsageError("--market: expected each once, found \(name) twice")
            }
            markets.append(market)
        }
        return markets.isEmpty ? [.btcusd] : markets
    }

    private static func doors(
        _ arguments: inout Arguments, _ files: SafetyNetFiles
    ) throws -> [SafetyNetDoor] {
        let port = try arguments.integer("--port", in: 0...65_535) ?? 8090
        let text = try arguments.option("--bind") ?? "127.0.0.1"
        guard let address = NumericAddress.parse(text, port: UInt16(port)) else {
            throw UsageError("--bind: expected an address such as 0.0.0.0, found \"\(text)\"")
        }
        let tls = files.identity.map { TLSServerOptions(identity: $0) }
        var doors = [SafetyNetDoor(address, tls: tls)]
        if let plain = try arguments.integer("--plain-port", in: 0...65_535) {
            guard tls != nil else {
                throw UsageError("--plain-port: expected --cert FILE beside it, found none")
            }
            doors.append(SafetyNetDoor(address.with(port: UInt16(plain))))
        }
        return doors
    }

    private static func takeAccess(
        _ configuration: inout SafetyNetConfiguration, _ arguments: inout Arguments,
        _ files: SafetyNetFiles
    ) throws {
        configuration.access.tokens = try files.tokens()
        configuration.access.isOpenToAll = arguments.flag("--insecure-bind")
        while let origin = try arguments.option("--origin") {
            guard origin.hasPrefix("http://") || origin.hasPrefix("https://"),
                origin.filter({ $0 == "/" }).count == 2
            else {
                throw UsageError(
                    "--origin: expected one such as https://example.com, found \"\(origin)\"")
            }
            configuration.access.trustedOrigins.append(origin)
        }
        configuration.access.requests = try arguments.rate("--requests")
        configuration.access.connectionsPerAddress = try arguments.integer(
            "--connections", in: 1...1_000_000)
    }

    private static func takeRules(
        _ configuration: inout SafetyNetConfiguration, _ arguments: inout Arguments
    ) throws {
        if let seconds = try arguments.integer("--stale", in: 1...86_400) {
            configuration.staleness.limit = .seconds(Int64(seconds))
        }
        if arguments.flag("--mark-stale") { configuration.staleness.policy = .mark }
        if let count = try arguments.integer("--fulldepth", in: 1...1_000_000) {
            configuration.wholeBooksPerHour = count
        }
        switch try arguments.option("--history") {
        case nil, "all": configuration.history = .everything
        case "recent": configuration.history = .recent
        case let text?:
            guard let days = Int64(text), (1...10_000).contains(days) else {
                throw UsageError(
                    "--history: expected all, recent or a number of days, found \"\(text)\"")
            }
            let begin = (Int64(time(nil)) - days * 86_400) * 1_000_000
            configuration.history = .after(begin)
        }
    }

    private static func store(_ arguments: inout Arguments) throws -> TradeStore? {
        guard let named = try arguments.option("--data") else { return nil }
        // Open for a moment: the file has a lock of its own, which says who has it.
        let folder = try KeyFolder(named, option: "--data")
        folder.close()
        umask(0o077)
        return try TradeStore(path: "\(folder.path)/trades.sqlite")
    }
}

/// Addresses in digits.
enum NumericAddress {
    /// Reads an IPv4 or IPv6 address; nil for a name, which has to be looked up.
    static func parse(_ text: String, port: UInt16) -> SocketAddress? {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            return .ipv4(UInt32(bigEndian: four.s_addr), port: port)
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }
        func half(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        return .ipv6(half(bytes[..<8]), half(bytes[8...]), scope: 0, port: port)
    }
}
