import OutcryComponents
import OutcryKernel
import Testing

@testable import OutcrySandbox

/// What goes wrong in a storm over a desk: faults of the exchange, or a part of the link that fails and is
/// started anew.
struct DeskTrouble: Sendable, CustomTestStringConvertible {
    let name: String
    /// The faults that are set, in order.
    var faults: [SandboxFaultSetting] = []
    /// The part that fails.
    var part: Part?
    /// Those that it can befall.
    var carriers: [DeskCarrier] = [.webSocket, .socketIO]

    /// A part of a link.
    enum Part: String, Sendable, CaseIterable {
        case gateway, signer, connection, subscriptions, http, limits, portfolio, desk, guardian

        func alias(of link: Link) -> Alias {
            switch self {
            case .gateway: link.gateway
            case .signer: link.signer
            case .connection: link.connection
            case .subscriptions: link.subscriptions
            case .http: link.http
            case .limits: link.limits
            case .portfolio: link.portfolio
            case .desk: link.desk
            case .guardian: link.risk
            }
        }
    }

    var testDescription: String { name }

    /// A part of it is done when it is set, and has to be done again.
    var isDeed: Bool { faults.contains { !Self.lasts($0) } }

    /// What has to be turned off in the end.
    var lasting: [SandboxFaultSetting] { faults.filter { Self.lasts($0) } }

    private static func lasts(_ fault: SandboxFaultSetting) -> Bool {
        SandboxFault(rawValue: fault.name)?.isDeed == false
    }

    /// The venue's limits are kept.
    var isLimited: Bool { part == .limits }

    private init(_ name: String, on carriers: [DeskCarrier] = [.webSocket, .socketIO]) {
        self.name = name
        self.carriers = carriers
    }

    private init(_ part: Part) {
        name = "failing \(part)"
        self.part = part
        carriers =
            switch part {
            case .signer, .http: [.webSocket, .socketIO]
            default: DeskCarrier.allCases
            }
    }

    private static func fault(
        _ name: String, _ value: String, with others: [(String, String)] = [],
        on carriers: [DeskCarrier] = [.webSocket, .socketIO]
    ) -> Self {
        var trouble = Self(name, on: carriers)
        trouble.faults =
            others.map { SandboxFaultSetting($0.0, $0.1) } + [SandboxFaultSetting(name, value)]
        return trouble
    }

    /// Nothing goes wrong.
    static let none = Self("none", on: DeskCarrier.allCases)

    /// Each fault with a value that hurts. MidChains has those of the engine and of connections; the others are
    /// Mt. Gox's words.
    static let faults: [Self] = [
        fault("drop-last-depth", "on"), fault("lose-subscription", "5"),
        fault("drop-depth", "100"), fault("double-depth", "100"), fault("reorder-depth", "100"),
        fault("zero-delta", "100"), fault("cross-book", "20"), fault("cross-briefly", "50"),
        fault("double-trade", "300"), fault("order-first", "500"), fault("idkey-age", "1s"),
        fault("engine-lag", "3s", on: DeskCarrier.allCases),
        fault("lag-growth", "300", on: DeskCarrier.allCases),
        fault(
            "lag-burst", "4s", with: [("lag-period", "10s"), ("engine-lag", "3s")],
            on: DeskCarrier.allCases),
        fault("invalid-nonce", "300"), fault("mysql-error", "200"), fault("html-error", "200"),
        fault("errors-after", "on", with: [("mysql-error", "200"), ("html-error", "100")]),
        fault("slow-reply", "2s"), fault("cut-reply", "200"), fault("lost-reply", "200"),
        fault("broken-gzip", "200"), fault("slow-sockets", "4000", on: DeskCarrier.allCases),
        fault("half-open", "300", with: [("disconnect", "1000")], on: DeskCarrier.allCases),
        fault("expire-sessions", "1000", on: [.socketIO]),
        fault("disconnect", "1000", on: DeskCarrier.allCases),
        fault("refuse", "5s", with: [("disconnect", "1000")], on: DeskCarrier.allCases),
        fault("restart", "3s", on: DeskCarrier.allCases),
    ]

    /// Everything that is stormed with.
    static let all = [none] + faults + Part.allCases.map { Self($0) }
}

/// What carries the messages of a desk's link.
enum DeskCarrier: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case webSocket = "WebSocket"
    case socketIO = "Socket.IO"
    case midChains = "MidChains"

    var testDescription: String { rawValue }

    var dialect: SandboxDialect { self == .midChains ? .midChains : .mtGox }

    /// Where the sandbox is.
    var url: String {
        switch self {
        case .webSocket: "ws://127.0.0.1:8080/mtgox"
        case .socketIO: "socketio+http://127.0.0.1:8080/mtgox"
        case .midChains: "ws://127.0.0.1:8081/"
        }
    }
}
