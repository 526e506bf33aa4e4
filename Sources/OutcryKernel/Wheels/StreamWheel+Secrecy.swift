import OutcryBytes

/// The secret side of a stream: what was asked for, and what came of it.
final class Secrecy {
    let role: TLSRole
    var facts: TLSFacts?
    var deadline: AlarmID?
    /// Of a connection that nobody was told of yet: who brought it.
    var listener: ListenerWheel?
    /// The stream was open before.
    let isUpgrade: Bool

    init(_ role: TLSRole, listener: ListenerWheel? = nil, isUpgrade: Bool = false) {
        self.role = role
        self.listener = listener
        self.isUpgrade = isUpgrade
    }
}

extension StreamWheel {
    /// What both sides agreed on; nil while the stream is not secret.
    public var tls: TLSFacts? { secrecy?.facts }

    /// Makes an open stream secret, as behind a proxy's answer to CONNECT. The outcome comes as
    /// `streamSecured` or `streamClosed`; what is put meanwhile waits for it.
    ///
    /// Everything that was put has to be written, and everything that came to be used: bytes from before are
    /// not taken for secret ones. The stream fails otherwise.
    public func secure(_ options: TLSClientOptions, serverName: String) {
        precondition(secrecy == nil, "a stream is made secret once")
        guard phase == .open else { return }
        if let group { settle(group) }
        let secrecy = Secrecy(
            .client(options, serverName: options.serverName ?? serverName), isUpgrade: true)
        flush(kernel)
        guard phase == .open else { return }
        guard inbound.isEmpty, outbound.isEmpty else {
            return finish(
                .insecure(
                    TLSFailure(
                        .integrity, name: serverName,
                        expected: "nothing between plain and secret bytes",
                        found: "\(inbound.count) unread and \(outbound.count) unwritten")))
        }
        beginSecuring(secrecy)
    }

    func beginSecuring(_ secrecy: Secrecy) {
        guard let transport else { return }
        self.secrecy = secrecy
        phase = .securing
        let limit = secrecy.role.handshakeTimeout
        secrecy.deadline = kernel.arm(at: kernel.now + limit, period: nil, owner: .none) {
            [self] _ in
            secrecy.deadline = nil
            finish(
                .insecure(
                    TLSFailure(
                        .time, name: secrecyName, expected: "a handshake within \(limit)",
                        found: "none")))
        }
        do { try kernel.driver.secure(transport, secrecy.role) } catch { finish(.insecure(error)) }
    }

    private var secrecyName: String {
        if case .client(_, let name) = secrecy?.role { name } else { peer }
    }

    func nowSecret(_ facts: TLSFacts) {
        guard phase == .securing, let secrecy else { return }
        secrecy.facts = facts
        disarmHandshake()
        let listener = secrecy.listener
        secrecy.listener = nil
        opened {
            if let listener {
                kernel.core.notify(
                    .streamAccepted, owner, StreamAccepted(listener: listener, stream: self))
            } else if secrecy.isUpgrade {
                kernel.core.notify(.streamSecured, owner, self)
            } else {
                kernel.core.notify(.streamOpened, owner, self)
            }
        }
    }

    private func disarmHandshake() {
        if let deadline = secrecy?.deadline { kernel.disarm(deadline) }
        secrecy?.deadline = nil
    }

    /// The end of a connection that never became a stream: its listener's owner is told of that instead.
    func endSecrecy(_ reason: StreamEnd) -> Bool {
        guard let secrecy else { return false }
        disarmHandshake()
        guard let listener = secrecy.listener else { return false }
        secrecy.listener = nil
        if kernel.core.handles(Event<StreamRefused>.streamRefused.id, owner) {
            kernel.core.notify(
                .streamRefused, owner,
                StreamRefused(listener: listener, peer: peer, reason: reason))
        } else {
            kernel.log(.debug, owner, "stream refused", [peer, "\(reason)"])
        }
        return true
    }
}

extension Endpoint {
    /// Whom one expects there, if nothing else is said; nobody on a path.
    var serverName: String {
        switch self {
        case .host(let name, _): name
        case .address(let address): address.host
        case .unix: ""
        }
    }
}

extension SocketAddress {
    /// The numeric address alone.
    var host: String {
        switch self {
        case .ipv4(let a, _): "\(a >> 24).\(a >> 16 & 255).\(a >> 8 & 255).\(a & 255)"
        case .ipv6(let high, let low, _, _):
            [high, low].flatMap { half in
                [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xffff, radix: 16) }
            }.joined(separator: ":")
        case .unix: ""
        }
    }
}
