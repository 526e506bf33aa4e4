import OutcryComponents
import OutcryCrypto
import OutcryKernel
import OutcryServing
import OutcryWire

// Clients of MidChains come, speak and go.

extension SandboxExchange {
    /// Makes a WebSocket of a connection that came through a door of MidChains, whatever its path.
    func greetMidChains(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) {
        guard WebSocketServerHandshake.isAsked(in: head) else {
            counters.refused += 1
            return reply(426, [HTTPField("Upgrade", "websocket")], [], on: connection, my)
        }
        do {
            connection.upgrade(try WebSocketServerHandshake(head))
        } catch {
            counters.refused += 1
            return reply(error.status, error.fields, [], on: connection, my)
        }
        let client = SandboxClient(.webSocket(connection))
        clients[connection.number] = client
        counters.webSockets += 1
        let session = MidChainsSession(
            client, address: connection.stream.peer.withoutPort)
        midChains.sessions[connection.number] = session
        if midChains.rules.cutsOffStrangers {
            session.loginBy = my.now + midChains.rules.loginTime
            armMidChains(my)
        }
    }

    /// A stream is over.
    func forgetMidChains(_ number: UInt64) {
        guard midChains.streams.remove(number) != nil,
            let session = midChains.sessions.removeValue(forKey: number)
        else { return }
        for place in midChains.listeners.indices {
            midChains.listeners[place].removeAll { $0.session === session }
        }
    }

    /// Answers one message of a client of MidChains; false for one of another venue.
    func hearMidChains(
        _ bytes: [UInt8], _ connection: ServerConnection, _ my: Context
    ) -> Bool {
        guard let session = midChains.sessions[connection.number] else { return false }
        guard let request = try? MidChainsRequest(bytes) else {
            counters.refused += 1
            send(MidChainsText.answer("error", "invalid message"), to: session.client, my)
            return true
        }
        do throws(MidChainsRefusal) {
            try admit(session, my)
            try together(my) { () throws(MidChainsRefusal) in try answer(request, session, my) }
        } catch {
            counters.refused += 1
            send(refusal(request, error), to: session.client, my)
        }
        return true
    }

    /// A refusal in the form of the request's answer.
    private func refusal(
        _ request: MidChainsRequest, _ refusal: MidChainsRefusal
    ) -> [UInt8] {
        switch request.type {
        case "addorder":
            MidChainsText.added(
                request, refusal.words, reference: nil,
                echoesID: midChains.rules.echoesClientIDs)
        case "cancelorder", "queryorder": MidChainsText.reference(request, refusal.words)
        default: MidChainsText.answer(request.type, refusal.words)
        }
    }

    private func admit(_ session: MidChainsSession, _ my: Context) throws(MidChainsRefusal) {
        let wait =
            if let user = session.user {
                midChains.userRate.wait(user.owner.value, at: my.now)
            } else {
                midChains.addressRate.wait(session.address, at: my.now)
            }
        // What the venue does is not documented.
        if wait != nil { throw MidChainsRefusal("too many requests") }
    }

    private func answer(
        _ request: MidChainsRequest, _ session: MidChainsSession, _ my: Context
    ) throws(MidChainsRefusal) {
        switch request.type {
        case "subscribe": try subscribe(request, session, my)
        case "unsubscribe": unsubscribe(request, session)
        case "challenge": try challenge(session, my)
        case "login": try logIn(request, session, my)
        case "logout":
            send(MidChainsText.answer("logout"), to: session.client, my)
            hangUp(session, .normal, "logout")
        case "addorder": try addOrder(request, try user(of: session), session, my)
        case "cancelorder": try cancelOrder(request, try user(of: session), session, my)
        case "queryorder": try queryOrder(request, try user(of: session), session, my)
        case "querymultiorders": try queryOrders(request, try user(of: session), session, my)
        case "querytrade": try queryTrades(request, try user(of: session), session, my)
        case "querypos": try queryPositions(request, try user(of: session), session, my)
        default: throw MidChainsRefusal("unknown message type")
        }
    }

    private func user(
        of session: MidChainsSession
    ) throws(MidChainsRefusal) -> (name: String, owner: OwnerNumber) {
        guard let user = session.user else { throw .notLoggedIn }
        return user
    }

    // MARK: Login

    private func challenge(_ session: MidChainsSession, _ my: Context) throws(MidChainsRefusal) {
        let key: RSAPrivateKey
        do throws(CryptoError) { key = try midChains.key(my) } catch {
            my.log.error("no key for MidChains", error)
            throw MidChainsRefusal("no key")
        }
        if session.user == nil, session.loginBy == nil {
            session.loginBy = my.now + midChains.rules.loginTime
            armMidChains(my)
        }
        send(
            MidChainsText.challenge(key: Base64.encode(key.publicKey.der)), to: session.client, my)
    }

    private func logIn(
        _ request: MidChainsRequest, _ session: MidChainsSession, _ my: Context
    ) throws(MidChainsRefusal) {
        guard session.user == nil, let name = request["userid"], let text = request["pass"],
            let secret = try? Base64.decode(text), let key = try? midChains.key(my),
            let password = key.decrypt(secret),
            let user = midChains.rules.users.first(where: { $0.name == name }),
            ConstantTime.equal(password, user.password), let account = state.account(named: name)
        else {
            counters.refused += 1
            send(MidChainsText.answer("login", "invalid user/password"), to: session.client, my)
            return hangUp(session, .policyViolation, "invalid user/password")
        }
        session.user = (name, account.owner)
        session.loginBy = nil
        send(MidChainsText.answer("login"), to: session.client, my)
        for ticket in account.open {
            guard let order = state.order(ticket) else { continue }
            send(push(of: record(of: order)), to: session.client, my)
        }
        for reference in midChains.stops {
            guard let order = midChains.orders[reference], order.owner == account.owner else {
                continue
            }
            send(push(of: record(ofStop: order)), to: session.client, my)
        }
        for (currency, balance) in balances(account.owner) {
            send(MidChainsText.position(currency, balance), to: session.client, my)
        }
    }

    /// Says goodbye, behind what the client still gets.
    private func hangUp(
        _ session: MidChainsSession, _ code: WebSocketCloseCode, _ reason: String
    ) {
        guard case .webSocket(let connection) = session.client.carrier else { return }
        connection.close(code, reason)
    }

    // MARK: Time

    /// Comes back when somebody has to be cut off, or an order ends.
    func armMidChains(_ my: Context) {
        var next: KernelTime?
        for session in midChains.sessions.values {
            guard let time = session.loginBy else { continue }
            next = min(next ?? time, time)
        }
        let wall = my.wallNow.microseconds
        for reference in midChains.expiring {
            guard let end = midChains.orders[reference]?.expires else { continue }
            let time = my.now + .microseconds(max(0, end - wall))
            next = min(next ?? time, time)
        }
        if let next {
            my.at(next, .midChainsTick, named: "midchains")
        } else {
            my.cancel(named: "midchains")
        }
    }

    /// Does what is due.
    func tickMidChains(_ my: Context) {
        let late = midChains.sessions.sorted { $0.key < $1.key }.map(\.value).filter {
            $0.loginBy.map { $0 <= my.now } ?? false
        }
        for session in late {
            session.loginBy = nil
            hangUp(session, .policyViolation, "no login in time")
        }
        let wall = my.wallNow.microseconds
        let ended = midChains.expiring.filter {
            midChains.orders[$0]?.expires.map { $0 <= wall } ?? true
        }
        midChains.expiring.removeAll { ended.contains($0) }
        for reference in ended {
            guard let order = midChains.orders[reference] else { continue }
            withdraw(order, my)
        }
        armMidChains(my)
    }
}
