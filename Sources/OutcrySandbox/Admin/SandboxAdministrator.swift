import OutcryComponents
import OutcryCrypto
public import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

/// The owner's door to a sandbox: a small HTTP API with JSON, at an address of this machine alone.
///
/// Each request needs the token (`Authorization: Bearer …`) and a `Host` that is this machine: a page in a
/// browser can send neither. Nothing of it is at the trading doors, and the other way round.
public final class SandboxAdministrator: Session {
    /// The secret that lets the owner in: 64 hexadecimal digits from the kernel's entropy; empty before the
    /// start.
    public private(set) var token = ""
    /// Where it listens, with the port that it got; nil where it does not.
    public var address: SocketAddress? { listener?.address }
    /// Why it never listened; nil where it did.
    public private(set) var doorError: SandboxDoorError?

    private let door: SandboxDoor
    private let exchange: SandboxExchange
    private let alias: Alias
    private var listener: ListenerWheel?
    private var connections: [UInt64: ServerConnection] = [:]
    private let rules = ServerRules(
        limits: HTTPLimits(headBytes: 8 << 10, fields: 64, bodyBytes: 16 << 10))
    /// How long the exchange may take to write what it did.
    private static let patience = Duration.seconds(60)

    /// An administrator of the exchange that bears `alias`, on the same kernel.
    ///
    /// - Parameter port: 0 takes a free one.
    public init(of exchange: SandboxExchange, alias: Alias, port: UInt16 = 0) {
        door = SandboxDoor(.loopback(port: port))
        self.exchange = exchange
        self.alias = alias
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<SandboxAdministrator>) {
        on(.started) { me, _, my in try me.open(my) }
        on(.streamAccepted) { me, new, _ in
            me.connections[new.stream.number] = ServerConnection(new.stream, rules: me.rules)
        }
        on(.streamReceived) { me, stream, my in me.receive(stream, my) }
        on(.streamPressure) { me, pressure, _ in
            me.connections[pressure.stream.number]?.feel(pressure)
        }
        on(.streamEnded) { me, stream, _ in me.connections[stream.number]?.ended() }
        on(.streamOverdue) { me, stream, _ in me.connections[stream.number]?.overdue() }
        on(.streamClosed) { me, closed, _ in me.connections[closed.stream.number] = nil }
    }

    private func open(_ my: Context) throws {
        var words: [UInt8] = []
        for _ in 0..<4 {
            let word = my.entropy()
            words += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        token = Hex.encode(words)
        do { listener = try my.listen(on: door.address) } catch {
            let error = SandboxDoorError(door: door, reason: error)
            doorError = error
            throw error
        }
    }

    private func receive(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body): serve(head, body, connection, my)
            case .broken(let error): connection.refuse(error)
            default: connection.end()
            }
        }
    }

    private func serve(
        _ head: HTTPRequestHead, _ body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) {
        do throws(AdminProblem) {
            try AdminGate.admit(head, token: token)
            let call = try AdminCall(
                head, body: body, currencies: exchange.engine.ledger.currencies)
            let alias = alias
            my.task { my in
                do {
                    let reply = try await my.ask(
                        .sandboxAdmin, to: alias, call, timeout: Self.patience)
                    Self.put(reply, on: connection, isLate: true)
                } catch {
                    Self.put(
                        AdminReply(503, error: "the exchange does not answer: \(error)"),
                        on: connection, isLate: true)
                }
            }
        } catch {
            Self.put(AdminReply(error), on: connection, allowed: error.allowed)
        }
    }

    private static func put(
        _ reply: AdminReply, on connection: ServerConnection, allowed: String? = nil,
        isLate: Bool = false
    ) {
        var fields: HTTPFields = [
            HTTPField("Content-Type", "application/json"), HTTPField("Cache-Control", "no-store"),
        ]
        if let allowed { fields.append("Allow", allowed) }
        connection.reply(reply.status, fields, (reply.json + [0x0A]).span, isLate: isLate)
    }
}

/// Who may ask the administrator.
enum AdminGate {
    /// Lets a request in that has the token and is for this machine by its name.
    ///
    /// - Throws: ``AdminProblem`` with 403.
    static func admit(_ head: HTTPRequestHead, token: String) throws(AdminProblem) {
        let host = head.fields["Host"] ?? ""
        guard head.fields.count(of: "Host") == 1, isLoopback(host) else {
            throw AdminProblem(
                403, "Host: expected a loopback address, found \(host.shown())")
        }
        let given = head.fields["Authorization"] ?? ""
        guard !token.isEmpty, given.hasPrefix("Bearer "),
            ConstantTime.equal(Array(given.utf8.dropFirst("Bearer ".utf8.count)), Array(token.utf8))
        else {
            throw AdminProblem(
                403, "Authorization: expected Bearer and the token, found something else")
        }
    }

    /// Whether a `Host` is this machine: a name that others may point here is not.
    static func isLoopback(_ host: String) -> Bool {
        var name = host
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            guard UInt16(host[host.index(after: colon)...]) != nil else { return false }
            name = String(host[..<colon])
        }
        if name == "[::1]" || name.lowercased() == "localhost" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy {
                $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8($0) != nil
            }
    }
}
