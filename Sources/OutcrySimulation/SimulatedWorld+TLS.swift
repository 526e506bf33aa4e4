import OutcryBytes
public import OutcryKernel

// Secret streams in a simulated world: the same events, and no secrets. Each side sends one packet that says
// what it asked for; bytes are as they were. A test's own peer agrees to whatever it is asked, and so needs
// to know nothing of it. Certificates are not looked at: `NetworkFaults.handshakesFailOneIn` says no.

/// What one side of a handshake says.
struct SimulatedHello {
    /// Nil: a test's peer, which agrees to everything.
    let role: TLSRole?
    let isDoomed: Bool
}

extension SimulatedWorld {
    func secure(_ socket: SimulatedSocket, _ role: TLSRole) {
        socket.role = role
        var isDoomed = false
        if case .client = role {
            isDoomed = happens(oneIn: faults(for: socket.link).handshakesFailOneIn)
        }
        socket.isDoomed = isDoomed
        send(socket, .hello(SimulatedHello(role: role, isDoomed: isDoomed)))
        tell(socket)
    }

    /// The other side's hello has come to `socket`.
    func greeted(_ socket: SimulatedSocket, _ hello: SimulatedHello) {
        if socket.isPeers {
            send(socket, .hello(SimulatedHello(role: nil, isDoomed: false)))
        } else {
            socket.hello = hello
        }
    }
}

extension SimulatedSocket {
    /// Bytes come as they are: the stream is plain, or its handshake is through.
    var isReadable: Bool { role == nil || isSecret }

    /// What comes of a handshake; nil while it is not known.
    func handshakeOutcome() -> Result<TLSFacts, TLSFailure>? {
        guard let role else { return nil }
        let peer = if case .client(_, let server) = role { server } else { "\(name)" }
        func failure(
            _ check: TLSFailure.Check, _ expected: String, _ found: String
        ) -> Result<TLSFacts, TLSFailure> {
            .failure(TLSFailure(check, name: peer, expected: expected, found: found))
        }
        guard let hello else {
            if !received.isEmpty {
                let text = received.withUnread { bytes in
                    (0..<min(32, bytes.count)).map { i in
                        bytes[i] >= 0x20 && bytes[i] < 0x7f
                            ? String(UnicodeScalar(bytes[i])) : "."
                    }.joined()
                }
                return failure(.notTLS, "a TLS handshake", "\"\(text)\"")
            }
            return hasEnd
                ? failure(.truncation, "a handshake", "the end of the connection") : nil
        }
        if hello.isDoomed || isDoomed {
            return failure(.alert, "a handshake", "a fault of the simulation")
        }
        var agreed: String?
        var asked: String?
        switch (role, hello.role) {
        case (.client(let client, let name), .server(let server)),
            (.server(let server), .client(let client, let name)):
            asked = name
            agreed = server.protocols.first { client.protocols.contains($0) }
            if agreed == nil, !server.protocols.isEmpty, !client.protocols.isEmpty {
                return failure(
                    .protocols,
                    "one of the protocols " + server.protocols.joined(separator: ", "),
                    client.protocols.joined(separator: ", "))
            }
            if server.clientTrust != nil, client.identity == nil {
                return failure(.missingCertificate, "a certificate of the client", "none")
            }
        case (.client(let client, let name), nil):
            asked = name
            agreed = client.protocols.first
        case (.server, nil): break
        default:
            return failure(.integrity, "a client and a server", "two of the same")
        }
        return .success(
            TLSFacts(
                version: "TLSv1.3", cipher: "simulated", applicationProtocol: agreed,
                serverName: asked))
    }
}

extension Simulation {
    /// Takes any certificate: there is no cryptography here.
    public func prepare(_ options: TLSServerOptions) throws(TLSFailure) {}

    /// Plays a handshake: one packet each way, then the same events as live; the bytes are not changed.
    public func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure) {
        guard let socket = world.sockets[transport], socket.owner === self else { return }
        world.secure(socket, role)
    }

    /// Looks how far a handshake is.
    ///
    /// - Returns: Whether there was news.
    func shakeHands(_ socket: SimulatedSocket, _ kernel: Kernel) -> Bool {
        switch socket.handshakeOutcome() {
        case .success(let facts):
            socket.isSecret = true
            queue(socket)
            kernel.receive(.secured(socket.id, facts))
        case .failure(let failure): kernel.receive(.insecure(socket.id, failure))
        case nil: return false
        }
        return true
    }
}
