import Glibc
import Outcry
import OutcrySandbox

/// `outcry sandbox`: the exchange alone.
enum SandboxCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        if let command = arguments.first.flatMap(AdminCommand.init) {
            _ = arguments.word()
            return try command.run(&arguments)
        }
        var configuration = try arguments.market(speed: 1)
        let port = try arguments.integer("--port", in: 0...65_535) ?? 8080
        configuration.address = .loopback(port: UInt16(port))
        let certificates = try openDoor(&configuration, &arguments)
        let midChains = try MidChainsDoors(&configuration, &arguments, certificates)
        configuration.loops = arguments.flag("--loop")
        try takeLimits(&configuration, &arguments)
        let pings = try arguments.integer("--ping", in: 1...86_400)
        configuration.connections = ServerRules(
            compression: arguments.flag("--compression") ? .shared : nil,
            pingInterval: pings.map { .seconds(Int64($0)) }
                ?? configuration.connections.pingInterval)
        configuration.quirks.removalsSayWhy = !arguments.flag("--no-reasons")
        let keyFile = try KeyFile(&arguments)
        let account = try takeAccount(&arguments, keyFile)
        let adminPort = try arguments.integer("--admin", in: 0...65_535)
        let isAdministered = !arguments.flag("--no-admin")
        let data = try SandboxData(&arguments)
        try arguments.finish()
        // With a journal the account may be there already, and the file with it.
        if data == nil { try keyFile?.requireNew() }
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning
        kernel.measuresTurns = true
        let exchange = try SandboxExchange(configuration, journal: data?.journal)
        let administrator =
            isAdministered
            ? SandboxAdministrator(
                of: exchange, alias: "exchange", port: UInt16(adminPort ?? 0)) : nil
        var note: SandboxNote?
        let console = SandboxConsole(exchange, administrator, account: account) {
            greet(exchange, configuration, certificates)
            midChains?.tell(exchange.addresses)
            data?.tell(exchange.recordsRestored)
            note = keepNote(administrator, exchange, data)
        }
        kernel.start(console, alias: "console")
        if let problem = console.problem {
            Terminal.error("outcry: \(problem)")
            return 1
        }
        try kernel.run()
        note?.forget(data: data?.path)
        if let problem = console.problem {
            Terminal.error("outcry: \(problem)")
            return 1
        }
        sum(exchange.counters, longestTurn: kernel.snapshot().longestTurn)
        return 0
    }

    /// What was done, for the end.
    private static func sum(_ counters: SandboxCounters, longestTurn: Duration) {
        for fault in SandboxFault.allCases where counters.faults[fault] > 0 {
            Terminal.line("fault \(fault.rawValue): \(Show.count(counters.faults[fault]))")
        }
        Terminal.line(
            "\(Show.count(counters.accepted)) connections, \(Show.count(counters.trades)) trades, "
                + "\(Show.count(counters.sent)) messages sent, \(Show.count(counters.cutOff)) cut off, "
                + "longest turn \(longestTurn)")
    }

    private static func takeLimits(
        _ configuration: inout SandboxConfiguration, _ arguments: inout Arguments
    ) throws {
        if arguments.flag("--venue-limits") { configuration.setVenueLimits() }
        if let count = try arguments.integer("--fulldepth", in: 0...1_000_000) {
            configuration.fullDepthPerHour = count
        }
        if let rate = try arguments.rate("--orders-per") {
            configuration.orderRate = OrderRateLimit(orders: rate.count, span: rate.span)
        }
        if let rate = try arguments.rate("--requests") {
            configuration.requestRate = RequestRateLimit(requests: rate.count, span: rate.span)
        }
        if let seconds = try arguments.integer("--cache", in: 1...86_400) {
            configuration.replyCache = ReplyCacheRules(.seconds(Int64(seconds)))
        }
    }

    private static func takeAccount(
        _ arguments: inout Arguments, _ keyFile: KeyFile?
    ) throws -> SandboxConsole.FirstAccount? {
        let name = try arguments.option("--account")
        guard !arguments.flag("--no-account") else {
            if name != nil { throw UsageError("--no-account: expected no --account beside it") }
            if keyFile != nil { throw UsageError("--no-account: expected no --key-file beside it") }
            return nil
        }
        return SandboxConsole.FirstAccount(
            name: name ?? "trader", isNamed: name != nil, keyFile: keyFile)
    }

    private static func greet(
        _ exchange: SandboxExchange, _ configuration: SandboxConfiguration,
        _ certificates: SandboxCertificates?
    ) {
        guard let address = exchange.address else { return }
        Terminal.paragraph(configuration.market.recorded)
        Terminal.paragraph(configuration.market.made)
        Terminal.line("stream  socketio+http://\(address)/mtgox  ws://\(address)/mtgox")
        Terminal.line("http    http://\(address)/api/1/BTCUSD/ticker  depth  fulldepth  trades")
        Terminal.line("watch   outcry watch socketio+http://\(address)/mtgox")
        if let certificates, let place = configuration.doors.firstIndex(where: { $0.tls != nil }) {
            tell(certificates, exchange.addresses[place].port)
        }
    }

    /// Writes down where the administrator is; a sandbox without that goes on.
    private static func keepNote(
        _ administrator: SandboxAdministrator?, _ exchange: SandboxExchange, _ data: SandboxData?
    ) -> SandboxNote? {
        guard let administrator, let address = administrator.address, let door = exchange.address
        else { return nil }
        let note = SandboxNote(
            address: "\(address)", token: administrator.token, port: door.port)
        Terminal.line("admin   \(address), for: outcry sandbox status (account, fund, key …)")
        do { try note.keep(data: data?.path) } catch {
            Terminal.error("outcry: the commands have to be told --admin and --token: \(error)")
        }
        return note
    }

    /// Adds the door with TLS that `--tls` or `--tls-port` asks for.
    private static func openDoor(
        _ configuration: inout SandboxConfiguration, _ arguments: inout Arguments
    ) throws -> SandboxCertificates? {
        let port = try arguments.integer("--tls-port", in: 0...65_535)
        let folder = arguments.flagWithValue("--tls")
        guard port != nil || folder.isThere else { return nil }
        let certificates = try SandboxCertificates(folder: folder.value)
        configuration.doors.append(
            SandboxDoor(
                .loopback(port: UInt16(port ?? 8443)),
                tls: TLSServerOptions(identity: certificates.identity)))
        return certificates
    }

    /// What one needs to know of the door with TLS.
    private static func tell(_ certificates: SandboxCertificates, _ port: UInt16) {
        let authority = certificates.authorityPath
        Terminal.line(
            """
            TLS     socketio+https://localhost:\(port)/mtgox  wss://localhost:\(port)/mtgox
                    https://localhost:\(port)/api/1/BTCUSD/ticker
            watch   outcry watch wss://localhost:\(port)/mtgox --ca \(authority)
            trust   \(authority), \(certificates.deed.rawValue)
                    by one program, where it is made with OpenSSL: SSL_CERT_FILE=\(authority) PROGRAM
                    by this machine, as root: cp \(authority) \
            /usr/local/share/ca-certificates/outcry-sandbox.crt && update-ca-certificates
            hosts   127.0.0.1 \(SandboxExchange.hostNames.joined(separator: " "))
                    a line for /etc/hosts, for clients that know the venue by name; they want
                    --port 80 --tls-port 443
            """)
    }
}

extension SandboxDoorError {
    /// What went wrong, and what may help.
    func advice(_ plain: String, _ secret: String) -> String {
        let option = door.tls == nil ? plain : secret
        switch reason.code {
        case EADDRINUSE:
            return "cannot listen on \(door.address): is the port taken? \(option) names another"
        case EACCES:
            return
                "cannot listen on \(door.address): ports below 1024 are for root and programs with "
                + "CAP_NET_BIND_SERVICE; \(option) names another"
        default: return description
        }
    }
}
