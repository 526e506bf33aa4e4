import Outcry
import OutcrySafetyNet
import OutcrySandbox

/// An exchange, a SafetyNet before it and a bot, each in a process and on a machine of its own, in virtual time.
final class World {
    /// SafetyNet's door at the exchange; the bot has another, so that their links have weather of their own.
    static let exchangePort: UInt16 = 8080
    static let ownPort: UInt16 = 8081
    static let netPort: UInt16 = 8090

    let plan: WorldPlan
    let world: SimulatedWorld
    let exchange: SandboxExchange
    let diary = WorldDiary()
    private(set) var net: SafetyNet?
    private(set) var exchangeKernel: Kernel
    private(set) var netKernel: Kernel?
    private(set) var botKernel: Kernel?
    private var netDriver: Simulation?
    private var botDriver: Simulation?
    private let doorman = WorldDoorman()
    private var hashes: [DispatchHash] = []
    private let prints: Bool
    /// Reasons for which a process is not to run now.
    private var down = (bot: 0, net: 0)
    /// How far the calendars of the two machines are ahead.
    private var clocks = (bot: Duration.zero, net: Duration.zero)
    private var active: [WorldEpisode] = []
    /// Events of processes that are over.
    private var past: UInt64 = 0
    /// Failures of handlers of processes that are over.
    private var pastFailures = 0
    /// Something was told wrongly, so that books may be wrong until they are loaded anew.
    private(set) var wasLiedTo = false

    /// - Parameter prints: What the kernels log is printed.
    init(_ plan: WorldPlan, prints: Bool = false) throws {
        self.plan = plan
        self.prints = prints
        world = SimulatedWorld(seed: plan.seed)
        var configuration = SandboxConfiguration()
        configuration.seed = plan.seed
        configuration.speed = plan.speed
        configuration.firstStep = .milliseconds(50)
        configuration.fullDepthPerHour = nil
        configuration.slowClientLimit = WorldBounds.slowClient
        configuration.socketIO.waitingBytes = WorldBounds.slowClient
        if plan.cachesReplies { configuration.replyCache = .mtGox }
        configuration.instruments = [.btcusd]
        configuration.address = .loopback(port: Self.exchangePort)
        configuration.doors.append(SandboxDoor(.loopback(port: Self.ownPort)))
        configuration.faults.dropsLastDepth = plan.dropsLastDepth
        exchange = try SandboxExchange(configuration)
        exchangeKernel = Kernel(driver: Simulation(in: world))
        set(exchangeKernel, "exchange")
        exchangeKernel.start(exchange, alias: "exchange")
        exchangeKernel.start(doorman, alias: "doorman")
        setLinks()
        world.advance(by: .milliseconds(10))
        try startNet()
        try startBot()
    }

    private func set(_ kernel: Kernel, _ name: String) {
        kernel.logLevel = prints ? .info : .error
        kernel.onLog = prints ? { Terminal.line("\(name) \($0.line)") } : { _ in }
        hashes.append(DispatchHash(kernel))
    }

    /// The hash of everything that happened, in all processes.
    var hash: UInt64 { hashes.reduce(0) { ($0 &* 0x100_0000_01b3) ^ $1.value } }

    /// The kernels that run, by name.
    var kernels: [(name: String, kernel: Kernel)] {
        [("exchange", exchangeKernel)] + (netKernel.map { [("net", $0)] } ?? [])
            + (botKernel.map { [("bot", $0)] } ?? [])
    }

    /// Events that were dispatched, in all processes.
    var dispatched: UInt64 { kernels.reduce(past) { $0 + $1.kernel.load.dispatched } }
    /// Handlers and workflows that threw, in all processes.
    var failed: Int { kernels.reduce(pastFailures) { $0 + $1.kernel.load.failed } }

    // MARK: Processes

    private func startNet() throws {
        let driver = Simulation(in: world)
        driver.wallOffset = clocks.net
        let kernel = Kernel(driver: driver)
        set(kernel, "net")
        var configuration = SafetyNetConfiguration([
            SafetyNetUpstream("ws://127.0.0.1:\(Self.exchangePort)/mtgox")
        ])
        configuration.doors = [SafetyNetDoor(.loopback(port: Self.netPort))]
        configuration.wholeBooksPerHour = 1_000
        configuration.history = .recent
        let net = try SafetyNet(configuration)
        kernel.start(net, alias: "net")
        (self.net, netKernel, netDriver) = (net, kernel, driver)
    }

    private func startBot() throws {
        diary.beginProcess()
        let driver = Simulation(in: world)
        driver.wallOffset = clocks.bot
        let kernel = Kernel(driver: driver)
        set(kernel, "bot")
        (botKernel, botDriver) = (kernel, driver)
        var access: MtGoxAccess?
        if plan.bot.trades {
            let account = try openAccount()
            var own = MtGoxAccess(
                try MtGoxCredentials(key: account.key, secret: account.secret))
            own.gateway.isLimited = false
            if plan.callsOverHTTP { own.gateway.carrier = .http }
            if plan.keepsLedger { own.signer.folder = "marks" }
            if plan.hasNonces { own.signer.stamps = .nonce }
            access = own
        }
        var venue = MtGoxVenue([.btcusd], account: access)
        venue.rules.snapshots = 10_000
        venue.rules.budgets = []
        var options = AccountOptions()
        options.desk.audit = .seconds(20)
        if plan.keepsLedger { options.desk.ledger = "orders.ledger" }
        let link = try Link.open(
            venue, on: kernel, url: plan.bot.url, instruments: [.btcusd], account: options)
        let exchange = exchange
        let bot = WorldBot(
            link, plan.bot, diary, plan.dice(ofProcess: diary.processes),
            mayRepeat: plan.faults.contains { $0.name == "double-trade" },
            isMade: { exchange.hasMade($0) })
        kernel.start(bot, alias: "bot")
    }

    private func openAccount() throws -> SandboxAccount {
        if let account = doorman.account { return account }
        exchangeKernel.post(
            .worldWish, to: "doorman",
            SandboxAccountWish(
                "bot", money: [Money("100000", .usd), Money("5000", .btc)].compactMap(\.self)))
        world.advance(by: .milliseconds(10))
        guard let account = doorman.account else {
            throw CommandError("expected an account of the sandbox, found none")
        }
        return account
    }

    private func stopBot() {
        guard let driver = botDriver else { return }
        end(botKernel)
        driver.crash()
        (botKernel, botDriver) = (nil, nil)
        diary.isUp = false
    }

    private func stopNet() {
        guard let driver = netDriver else { return }
        end(netKernel)
        driver.crash()
        (net, netKernel, netDriver) = (nil, nil, nil)
    }

    private func end(_ kernel: Kernel?) {
        guard let load = kernel?.load else { return }
        past += load.dispatched
        pastFailures += load.failed
    }

    // MARK: Weather

    /// An episode of the weather begins.
    func begin(_ episode: WorldEpisode) throws {
        active.append(episode)
        if episode.fault.lies { wasLiedTo = true }
        var dice = episode.dice
        switch (episode.fault.place, episode.fault.name) {
        case (.network, _): setLinks()
        case (.exchange, _): setFaults(with: episode.settings.filter(Self.isDeed))
        case (.clock, _): setClocks(of: episode, ahead: episode.step.ahead)
        case (_, "net-crash"):
            down.net += 1
            stopNet()
        case (_, "bot-crash"):
            down.bot += 1
            stopBot()
        case (_, "full-disk"): world.storage.isFull = true
        default:
            down.bot += 1
            world.storage.crash(afterWrites: .random(in: 0...6, using: &dice))
        }
    }

    /// An episode of the weather is over.
    func end(_ episode: WorldEpisode) throws {
        active.removeAll {
            $0.fault == episode.fault && $0.begin == episode.begin && $0.end == episode.end
        }
        switch (episode.fault.place, episode.fault.name) {
        case (.network, _): setLinks()
        case (.exchange, _): setFaults(with: [])
        case (.clock, _): if episode.step.isMended { setClocks(of: episode, ahead: .zero) }
        case (_, "net-crash"):
            down.net -= 1
            if down.net == 0 { try startNet() }
        case (_, "full-disk"): world.storage.isFull = false
        default:
            down.bot -= 1
            // A machine whose disk has not failed yet is switched off now.
            stopBot()
            world.storage.recover()
            if down.bot == 0 { try startBot() }
        }
    }

    private func setClocks(of episode: WorldEpisode, ahead: Duration) {
        if episode.isOwn { clocks.bot = ahead }
        if episode.isUpstream { clocks.net = ahead }
        botDriver?.wallOffset = clocks.bot
        netDriver?.wallOffset = clocks.net
    }

    /// A machine whose disk has lost its power has none itself.
    private func feelPower() { if world.storage.hasCrashed { stopBot() } }

    private static func isDeed(_ setting: SandboxFaultSetting) -> Bool {
        SandboxFault(rawValue: setting.name)?.isDeed ?? false
    }

    /// Sets what all episodes together make of the exchange.
    private func setFaults(with deeds: [SandboxFaultSetting]) {
        var settings = SandboxFault.allCases.filter { !$0.isDeed && $0 != .dropLastDepth }.map {
            SandboxFaultSetting($0.rawValue, "off")
        }
        for episode in active where episode.fault.place == .exchange {
            settings += episode.settings.filter { !Self.isDeed($0) }
        }
        exchangeKernel.post(.worldFaults, to: "doorman", settings + deeds)
    }

    private func setLinks() {
        for (port, isOwn) in [
            (Self.exchangePort, false), (plan.bot.usesNet ? Self.netPort : Self.ownPort, true),
        ] {
            var faults = NetworkFaults(
                latency: .milliseconds(plan.latency.lowerBound)
                    ... .milliseconds(plan.latency.upperBound))
            for episode in active
            where episode.fault.place == .network && (isOwn ? episode.isOwn : episode.isUpstream) {
                episode.apply(to: &faults)
            }
            world.setFaults(faults, for: .loopback(port: port))
        }
    }

    /// Cuts all connections to the exchange, so that every book is loaded anew.
    func cut() {
        for port in [Self.exchangePort, Self.ownPort] {
            world.resetConnections(to: .loopback(port: port))
        }
    }

    /// All books have been loaded anew since the exchange told something wrongly.
    func forgetLies() { wasLiedTo = false }

    /// Nothing happens in the market any more.
    func stopMarket() { exchangeKernel.post(.sandboxStop, to: "exchange", ()) }

    /// Lets time pass.
    func advance(to time: KernelTime) {
        world.advance(to: time)
        feelPower()
    }
}

/// Asks the exchange, on its own kernel.
private final class WorldDoorman: Session {
    var account: SandboxAccount?

    static func handlers(_ on: inout Handlers<WorldDoorman>) {
        on(.worldWish) { _, wish, my in
            my.ask(
                .sandboxAccount, to: "exchange", copy wish, timeout: .seconds(1),
                then: .worldAccount)
        }
        on(.worldAccount) { me, answer, _ in
            if case .reply(.success(let account)) = copy answer { me.account = account }
        }
        on(.worldFaults) { _, settings, my in
            my.ask(
                .sandboxFaults, to: "exchange", copy settings, timeout: .seconds(1),
                then: .worldFaultsSet)
        }
        on(.worldFaultsSet) { _, answer, my in
            if case .reply(.failure(let refusal)) = copy answer {
                my.log.error("a fault was not set", "\(refusal)")
            }
        }
    }
}

extension Event where Payload == SandboxAccountWish {
    fileprivate static let worldWish = Self("world.wish")
}
extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let worldAccount = Self("world.account")
}
extension Event where Payload == [SandboxFaultSetting] {
    fileprivate static let worldFaults = Self("world.faults")
}
extension Event where Payload == Answer<Result<[SandboxFaultSetting], SandboxRefusal>> {
    fileprivate static let worldFaultsSet = Self("world.faultsSet")
}
