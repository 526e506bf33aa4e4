import Outcry
import OutcrySandbox

/// What a seed has a world be: who trades there, and when what goes wrong.
///
/// Each fault draws from numbers of its own, as far as the weather lasts: to leave one out, or to end the weather
/// sooner, changes nothing of the others. That is what a violation is made smaller by.
struct WorldPlan {
    let seed: UInt64
    let bot: WorldBotKind
    /// How long the weather lasts, in seconds.
    var seconds: Int
    /// The faults that the seed draws and that are not left out.
    var faults: [WorldFault]
    /// The exchange keeps its last depth message to itself: a violation, to show that it is found.
    var dropsLastDepth = false
    /// How many times as fast as time the market goes.
    let speed: Int
    /// How long a packet takes, in milliseconds.
    let latency: ClosedRange<Int64>
    /// The desk writes its orders down.
    let keepsLedger: Bool
    /// The exchange's replies to public calls are up to 30 s old, as the venue's were.
    let cachesReplies: Bool
    /// Its calls go over HTTP, not over the stream.
    let callsOverHTTP: Bool
    /// Its calls have nonces, one at a time, not tonces.
    let hasNonces: Bool

    /// How long the weather lasts if nobody says it.
    static let usualSeconds = 40

    /// Draws the world of a seed and a bot.
    ///
    /// - Parameter only: Of the faults that the seed draws those are left; others of these names are added.
    init(
        seed: UInt64, bot: WorldBotKind, seconds: Int = usualSeconds, only: [WorldFault]? = nil
    ) {
        self.seed = seed
        self.bot = bot
        self.seconds = seconds
        var random = Self.generator(seed, bot.rawValue)
        speed = .random(in: 20...200, using: &random)
        latency = Int64.random(in: 1...5, using: &random)...Int64.random(in: 6...40, using: &random)
        let prefersLedger = Bool.random(using: &random)
        callsOverHTTP = Int.random(in: 0..<3, using: &random) == 0
        var others = Self.generator(seed, "\(bot.rawValue) cache")
        cachesReplies = Bool.random(using: &others)
        var stamps = Self.generator(seed, "\(bot.rawValue) nonces")
        hasNonces = Int.random(in: 0..<4, using: &stamps) == 0
        var drawn: [WorldFault] = []
        for _ in 0..<[0, 1, 1, 2, 2, 3, 3, 4, 5, 6][Int.random(in: 0..<10, using: &random)] {
            let places: [WorldFault.Place] =
                switch Int.random(in: 0..<20, using: &random) {
                case 0..<10: [.network]
                case 10..<17: [.exchange]
                default: [.process, .storage]
                }
            let those = WorldFault.all.filter { places.contains($0.place) }
            let fault = those[Int.random(in: 0..<those.count, using: &random)]
            if !drawn.contains(fault) { drawn.append(fault) }
        }
        var clocks = Self.generator(seed, "\(bot.rawValue) clocks")
        if Int.random(in: 0..<5, using: &clocks) == 0 { drawn.append(.clock) }
        faults = only ?? drawn
        // A desk that is killed and kept no ledger knows its orders no more.
        keepsLedger =
            prefersLedger || (drawn + faults).contains { [.process, .storage].contains($0.place) }
    }

    /// The bot's disk may lose its power.
    var losesPower: Bool { faults.contains { $0.name == "power" } }

    /// Connections or channels may be dead without anybody having been told.
    var leavesDead: Bool {
        faults.contains { ["vanish", "half-open", "lose-subscription"].contains($0.name) }
    }

    private static func generator(_ seed: UInt64, _ name: String) -> SeededGenerator {
        // FNV-1a: the same in every process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var random = SeededGenerator(seed: seed ^ hash)
        return SeededGenerator(seed: random.next())
    }

    /// Where what the bot draws begins.
    func dice(ofProcess number: Int) -> SeededGenerator {
        Self.generator(seed, "\(bot.rawValue) \(number)")
    }

    /// When what goes wrong, in the order of the beginnings.
    var episodes: [WorldEpisode] {
        faults.flatMap(episodes(of:)).sorted {
            ($0.begin, $0.fault.name) < ($1.begin, $1.fault.name)
        }
    }

    private func episodes(of fault: WorldFault) -> [WorldEpisode] {
        var random = Self.generator(seed, "\(bot.rawValue) \(fault.name)")
        let limit = Int64(seconds) * 1_000
        var episodes: [WorldEpisode] = []
        var time = Int64.random(in: 0...12_000, using: &random)
        while time < limit {
            let length = Int64.random(in: 300...9_000, using: &random)
            let links = Int.random(in: 0..<4, using: &random)
            let number = random.next()
            episodes.append(
                WorldEpisode(
                    fault: fault, begin: .milliseconds(time),
                    end: .milliseconds(min(limit, time + length)), isUpstream: links != 1,
                    isOwn: links != 0, dice: SeededGenerator(seed: number)))
            time += length + Int64.random(in: 1_000...20_000, using: &random)
        }
        return episodes
    }

    /// The words that make this world again.
    var command: String {
        var words = "outcry simulate --seed \(seed) --bot \(bot.rawValue)"
        let usual = WorldPlan(seed: seed, bot: bot)
        if Set(faults) != Set(usual.faults) {
            words +=
                " --only " + (faults.isEmpty ? "none" : faults.map(\.name).joined(separator: ","))
        }
        if seconds != usual.seconds { words += " --seconds \(seconds)" }
        if dropsLastDepth { words += " --drop-last-depth" }
        return words
    }
}

/// Who trades in a simulated world, and over what.
enum WorldBotKind: String, CaseIterable {
    /// Keeps a book through a SafetyNet, by WebSocket; wants channels and no more, has its connection renewed.
    case watch
    /// Keeps two quotes, at the exchange, by Socket.IO.
    case maker
    /// Places many orders at once through a SafetyNet, by WebSocket, and cancels them.
    case parallel
    /// Takes, and bids low, at the exchange, by WebSocket.
    case taker

    /// Its market data and its calls come from a SafetyNet.
    var usesNet: Bool { self == .watch || self == .parallel }
    /// It has an account.
    var trades: Bool { self != .watch }
    /// Where it connects.
    var url: String {
        switch self {
        case .watch, .parallel: "ws://127.0.0.1:\(World.netPort)/mtgox"
        case .maker: "socketio+http://127.0.0.1:\(World.ownPort)/mtgox"
        case .taker: "ws://127.0.0.1:\(World.ownPort)/mtgox"
        }
    }
}
