import OutcryComponents
import OutcryKernel
import OutcrySandbox
import OutcryWire
import Testing

/// What carries the messages of a link: a scheme, and a Socket.IO transport where there are two.
enum StormCarrier: String, CaseIterable, CustomTestStringConvertible {
    case webSocket = "ws"
    case secretWebSocket = "wss"
    case socketIO = "socketio+http by websocket"
    case secretSocketIO = "socketio+https by websocket"
    case polling = "socketio+http by xhr-polling"
    case secretPolling = "socketio+https by xhr-polling"

    var testDescription: String { rawValue }

    var scheme: Substring { rawValue.prefix { $0 != " " } }

    var isSecret: Bool { scheme == "wss" || scheme == "socketio+https" }

    /// A Socket.IO session carries the messages.
    var hasSessions: Bool { scheme.hasPrefix("socketio") }

    /// Streams that one client has when nothing happens to them, at most.
    var streams: Int { self == .polling || self == .secretPolling ? 2 : 1 }

    /// Where the sandbox is.
    func url(isBare: Bool) -> String { "\(scheme)://localhost:80/\(isBare ? "" : "mtgox")" }

    func configure(_ sandbox: inout SandboxConfiguration) {
        sandbox.address = .loopback(port: 80)
        sandbox.slowClientLimit = 1 << 18
        sandbox.socketIO.waitingBytes = 1 << 18
        if isSecret {
            let identity = TLSIdentity(chain: .text("chain"), key: .text("key"))
            sandbox.tls = TLSServerOptions(identity: identity, protocols: ["http/1.1"])
        }
        switch self {
        case .webSocket, .secretWebSocket: break
        case .socketIO, .secretSocketIO: sandbox.socketIO.transports = [.websocket]
        case .polling, .secretPolling: sandbox.socketIO.transports = [.xhrPolling]
        }
    }
}
