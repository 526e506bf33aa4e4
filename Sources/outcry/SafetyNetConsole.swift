import Glibc
import Outcry
import OutcrySafetyNet

/// What `outcry safetynet` has on its kernel: the server, and the signals.
final class SafetyNetConsole: Session {
    private static let net: Alias = "safetynet"
    /// The time for an end in order.
    private static let drainTime = Duration.seconds(10)

    private let net: SafetyNet
    private let configuration: SafetyNetConfiguration
    private let files: SafetyNetFiles
    private var isEnding = false
    /// Why it cannot go on, in words.
    private(set) var problem: String?

    init(_ net: SafetyNet, _ configuration: SafetyNetConfiguration, _ files: SafetyNetFiles) {
        self.net = net
        self.configuration = configuration
        self.files = files
    }

    static func handlers(_ on: inout Handlers<SafetyNetConsole>) {
        on(.started) { me, _, my in me.open(my) }
        on(.hangup) { me, _, my in me.reload(my) }
        on(.terminate) { me, _, my in me.end(my) }
        on(.interrupt) { me, _, my in me.end(my) }
        on(.childStopped) { me, end, my in me.lose(end, my) }
    }

    private func open(_ my: Context) {
        my.start(net, alias: Self.net)
        guard let address = net.address else {
            problem = net.doorError.map(Self.advice) ?? "the SafetyNet ended"
            return
        }
        let secret = configuration.doors[0].tls == nil ? "" : "s"
        Terminal.line(
            "stream  ws\(secret)://\(address)/mtgox  socketio+http\(secret)://\(address)/mtgox")
        Terminal.line("http    http\(secret)://\(address)/api/1/BTCUSD/ticker  /health  /ready")
        if net.addresses.count > 1 {
            Terminal.line("plain   ws://\(net.addresses[1])/mtgox  http://\(net.addresses[1])/")
        }
        for upstream in configuration.upstreams { Terminal.line("from    \(upstream.stream)") }
        if let store = net.storePath {
            Terminal.line("data    \(store)")
        } else {
            Terminal.line("data    none: only the last day's trades; --data DIR keeps all")
        }
        Terminal.line("^C ends it.")
    }

    private static func advice(_ error: SafetyNetDoorError) -> String {
        switch error.reason?.code {
        case nil:
            return "cannot listen on \(error.door.address): an address that others can reach needs "
                + "--cert, --key and --tokens, or --insecure-bind"
        case EADDRINUSE:
            return "cannot listen on \(error.door.address): is the port taken? --port names another"
        default: return "\(error)"
        }
    }

    /// Tokens and certificate are read anew; where that fails the old ones stay.
    private func reload(_ my: Context) {
        do {
            var access = configuration.access
            access.tokens = try files.tokens()
            my.post(.safetyNetAccess, to: Self.net, access)
            if files.identity != nil {
                // The same doors with the ports that they got: the files are read when they are opened.
                var doors = configuration.doors
                for (place, address) in net.addresses.enumerated() {
                    doors[place].address = address
                }
                my.post(.safetyNetDoors, to: Self.net, doors)
            }
            Terminal.line("read anew: \(access.tokens.count) tokens")
        } catch { Terminal.error("outcry: the old tokens stay: \(error)") }
    }

    private func end(_ my: Context) {
        guard !isEnding else { return my.kernel.stop() }
        isEnding = true
        my.post(.safetyNetDrain, to: Self.net, Self.drainTime)
    }

    private func lose(_ end: ChildEnd, _ my: Context) {
        if case .kernelStopped = end.reason { return }
        if !isEnding { problem = "the SafetyNet ended: \(end.reason)" }
        my.kernel.stop()
    }
}
