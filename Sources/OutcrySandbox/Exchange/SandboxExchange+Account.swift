import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// An account's channel, and calls over the stream.

extension SandboxExchange {
    /// Joins the channel of the account that an idkey is of.
    func join(_ key: String, _ client: SandboxClient, _ my: Context, _ id: String?) {
        do {
            let (owner, end) = try state.identities.verify(key, now: my.wallNow.microseconds)
            guard state.account(owner) != nil else { throw IdentityKeyError.notIssued }
            if faults.inMessages, isTooOld(end, at: my.wallNow.microseconds) {
                throw IdentityKeyError.expired(end: end, now: my.wallNow.microseconds / 1_000_000)
            }
            if !client.accounts.contains(owner) {
                client.accounts.append(owner)
                accountClients[owner, default: []].append(client)
            }
            text.setSubscribed(to: state.identities.channel(of: owner))
            send(text.bytes, to: client, my)
        } catch {
            my.log.debug("idkey refused", error)
            let words = "Invalid key"
            send(StreamRemark.make(words, success: false, id: id), to: client, my)
        }
    }

    /// Leaves the channel of an account; false where the client was not there.
    func leave(_ guid: MtGoxGUID, _ client: SandboxClient) -> Bool {
        guard let owner = state.cipher.number(.channel, guid).map(OwnerNumber.init),
            let place = client.accounts.firstIndex(of: owner)
        else { return false }
        client.accounts.remove(at: place)
        accountClients[owner]?.removeAll { $0 === client }
        return true
    }

    // MARK: Calls over the stream

    /// Answers an `op:call`: by a result, or by a remark with the call's id.
    func call(_ request: StreamRequest, _ client: SandboxClient, _ my: Context) {
        let now = my.wallNow.microseconds
        var id = request.id
        do {
            let (grant, body) = try state.access.verify(call: request.call ?? "", now: now)
            note(grant, at: now, my)
            id = body.id
            if faults.inReplies, hits(.invalidNonce) { throw grant.falselyOld }
            let route = try CallRoute(body, markets: configuration.instruments)
            if case .key(let rights) = route.endpoint.access { try grant.require(anyOf: rights) }
            let call = try route.call(body)
            if case .fullDepth = call { try countFullDepth(client.peer, my) }
            let isHeldBack = holdsBack(call)
            defer { if isHeldBack { tellHeldBack(my) } }
            // What anybody may ask is answered to anybody, though who asks is known.
            let isPublic = route.endpoint.access == .anyone
            try write(call, .stream, isPublic ? nil : grant, my)
            counters.replies += 1
            text.setReply(.stream, id: body.id) { [part] in $0.add(part.bytes) }
            return send(text.bytes, to: client, my)
        } catch let refusal as AccessRefusal {
            counters.refused += 1
            my.log.debug("call refused", refusal)
            text.setRefusal(.stream, refusal, id: id)
        } catch let refusal as CallRefusal {
            counters.refused += 1
            text.setRefusal(.stream, refusal, id: id)
        } catch {
            preconditionFailure("a call is refused in one of two ways")
        }
        send(text.bytes, to: client, my)
    }

    // MARK: What accounts are told

    /// Tells an order's owner how it stands.
    func tell(_ order: ClientOrder, _ my: Context) {
        guard isHeard(order.wish.owner) else { return }
        let channel = state.identities.channel(of: order.wish.owner)
        guard case .gone(let end) = order.status else {
            text.setUserOrder(state.view(order), on: channel)
            return tellAccount(order.wish.owner, my)
        }
        switch end {
        case .requested, .exhausted: tellEnd(order, .requested, channel, my)
        case .completedPassive: tellEnd(order, .completedPassive, channel, my)
        case .completedActive:
            if order.isMarket, configuration.quirks.marketOrdersEndTwice {
                tellEnd(order, .completedPassive, channel, my)
            }
            tellEnd(order, .completedActive, channel, my)
        }
    }

    private func tellEnd(
        _ order: ClientOrder, _ reason: RemovalReason, _ channel: MtGoxGUID, _ my: Context
    ) {
        let told = configuration.quirks.removalsSayWhy ? reason : nil
        text.setUserOrder(removed: state.guid(order.ticket), told, on: channel)
        tellAccount(order.wish.owner, my)
    }

    /// Tells a wallet's owner what changed.
    func tell(_ line: AccountEntry, _ my: Context) {
        let entry = line.entry
        guard isHeard(entry.owner) else { return }
        text.setWallet(
            WalletMessageView(
                kind: entry.kind.name, currency: entry.currency, amount: entry.amount,
                balance: entry.balance, info: state.info(line)),
            on: state.identities.channel(of: entry.owner))
        tellAccount(entry.owner, my)
    }

    /// Tells both sides of a trade, once where they are one.
    func tellTraders(_ trade: EngineTrade, _ my: Context) {
        tellTrader(trade.makerOwner, trade, my)
        if trade.takerOwner != trade.makerOwner { tellTrader(trade.takerOwner, trade, my) }
    }

    private func tellTrader(_ owner: OwnerNumber, _ trade: EngineTrade, _ my: Context) {
        guard isHeard(owner) else { return }
        text.setTrade(state.view(trade), on: state.identities.channel(of: owner))
        tellAccount(owner, my)
    }

    private func isHeard(_ owner: OwnerNumber) -> Bool {
        !accountClients.isEmpty && accountClients[owner]?.isEmpty == false
    }

    private func tellAccount(_ owner: OwnerNumber, _ my: Context) {
        for client in accountClients[owner] ?? [] { send(text.bytes, to: client, my) }
    }
}
