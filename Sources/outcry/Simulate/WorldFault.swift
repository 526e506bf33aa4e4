import Outcry
import OutcrySandbox

/// Something that goes wrong in a simulated world, for some seconds now and then.
struct WorldFault: Hashable {
    /// Where it is done.
    enum Place {
        /// To the packets of links.
        case network
        /// To the disk of the bot's machine.
        case storage
        /// To a process: it is killed, and another is started.
        case process
        /// To a machine's calendar: it is set, and may be set right again or not.
        case clock
        /// By the exchange; the name is one of `SandboxFaults.names`.
        case exchange
    }

    let name: String
    let place: Place

    /// What the exchange tells is wrong or missing, and nothing that comes later need show it: whoever has heard it
    /// is right again when he has loaded his book anew.
    var lies: Bool { Self.lying.contains(name) }

    private static let lying: Set<String> = [
        "drop-depth", "reorder-depth", "cross-book", "cross-briefly",
    ]

    /// All of them. The sandbox's `drop-last-depth` is not among them: nobody can notice it, so that it shows
    /// whether the comparison does; `lag-period` belongs to `lag-burst`, `errors-after` to two others.
    static let all: [WorldFault] =
        of(.network, ["drop", "split", "delay", "reset", "stall", "vanish", "deny"])
        + of(.process, ["bot-crash", "net-crash"]) + of(.storage, ["full-disk", "power"])
        + [clock] + of(.exchange, exchange)

    /// Drawn beside the others, of which it changes nothing.
    static let clock = WorldFault(name: "clock", place: .clock)

    private static let exchange = SandboxFaults.names.filter {
        !["drop-last-depth", "lag-period"].contains($0)
    }

    private static func of(_ place: Place, _ names: [String]) -> [WorldFault] {
        names.map { WorldFault(name: $0, place: place) }
    }

    /// The fault of this name.
    static func named(_ name: String) -> WorldFault? { all.first { $0.name == name } }
}

/// One time at which a fault is there.
struct WorldEpisode {
    let fault: WorldFault
    /// From the beginning of the weather.
    let begin: Duration
    let end: Duration
    /// Whether it befalls the links to the exchange's first door, SafetyNet's, or SafetyNet's machine.
    let isUpstream: Bool
    /// Whether it befalls the bot's own link, or machine.
    let isOwn: Bool
    /// What its numbers are drawn from.
    let dice: SeededGenerator

    /// For who reads of a violation: `drop 3.2 s to 7.1 s`.
    var description: String {
        let words =
            switch fault.place {
            case .network: [" on all links", " on the bot's link", " upstream"]
            case .clock: [" on both machines", " on the bot's machine", " on SafetyNet's machine"]
            default: ["", "", ""]
            }
        let place = isUpstream && isOwn ? words[0] : isOwn ? words[1] : words[2]
        return "\(fault.name) from \(Self.seconds(begin)) s to \(Self.seconds(end)) s\(place)"
    }

    static func seconds(_ time: Duration) -> String {
        let tenths = (time.nanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Does to a link what it does. Of a fault of the network.
    func apply(to faults: inout NetworkFaults) {
        var dice = dice
        switch fault.name {
        case "drop": faults.dropsOneIn = .random(in: 3...30, using: &dice)
        case "split":
            faults.largestPiece = .random(in: 16...1_400, using: &dice)
            faults.window = .random(in: 2_048...65_536, using: &dice)
            faults.largestWrite = faults.window / 2
        case "delay":
            faults.latency =
                .milliseconds(1) ... .milliseconds(.random(in: 10...900, using: &dice))
        case "reset": faults.resetsOneIn = .random(in: 20...300, using: &dice)
        case "stall": faults.isStalled = true
        case "vanish": faults.isHalfOpen = true
        default: faults.refusesOneIn = .random(in: 1...3, using: &dice)
        }
    }

    /// How far ahead it sets a calendar, and whether somebody sets it right in the end: from a few milliseconds to some
    /// days, forward or back. Of a fault of the clock.
    var step: (ahead: Duration, isMended: Bool) {
        var dice = dice
        let most = [50, 2_000, 30_000, 3_600_000, 300_000_000].randomElement(using: &dice) ?? 50
        return (
            .milliseconds(Int.random(in: -most...most, using: &dice)), Bool.random(using: &dice)
        )
    }

    /// What it sets at the exchange. Of a fault of the exchange.
    var settings: [SandboxFaultSetting] {
        var dice = dice
        func share(_ range: ClosedRange<Int>) -> String { "\(Int.random(in: range, using: &dice))" }
        func time(_ range: ClosedRange<Int>) -> String { share(range) + "ms" }
        let name = fault.name
        switch name {
        case "engine-lag", "slow-reply": return [.init(name, time(100...4_000))]
        case "idkey-age": return [.init(name, time(1_000...5_000))]
        case "lag-growth": return [.init(name, share(20...300))]
        case "lag-burst":
            return [
                .init("lag-period", time(5_000...10_000)), .init("engine-lag", time(500...3_000)),
                .init(name, time(1_000...4_000)),
            ]
        case "errors-after":
            return [
                .init("mysql-error", share(50...300)), .init("html-error", share(50...200)),
                .init(name, "on"),
            ]
        case "slow-sockets": return [.init(name, share(3_000...40_000))]
        case "half-open": return [.init("disconnect", "1000"), .init(name, share(100...400))]
        case "expire-sessions", "disconnect": return [.init(name, share(300...1_000))]
        case "refuse": return [.init("disconnect", "1000"), .init(name, time(500...8_000))]
        case "restart": return [.init(name, time(500...5_000))]
        case "lose-subscription": return [.init(name, share(1...20))]
        case "cross-book", "cross-briefly": return [.init(name, share(5...60))]
        default: return [.init(name, share(20...300))]
        }
    }
}
