import OutcryComponents
import OutcryKernel
import OutcryMarket

// What an order desk asks about the account.

extension MidChainsGateway {
    /// Answers what is asked about the account.
    func answer(
        _ question: AccountQuestion, _ my: Context
    ) async -> Outcome<AccountAnswer, CallFailure> {
        switch question {
        case .openOrders:
            return await value(.orders(), my) { (replies) throws(MidChainsFault) in
                .openOrders(try self.openOrders(replies, my))
            }
        case .wallet:
            return await value(.positions, my) { (replies) throws(MidChainsFault) in
                .wallet(try self.wallet(replies))
            }
        case .fills(let order, _):
            return await value(.trades(), my) { (replies) throws(MidChainsFault) in
                .executions(try self.executions(replies, my) { $0.reference == order.text })
            }
        case .executions(let since):
            return await value(.trades(since: since / 1_000_000), my) {
                (replies) throws(MidChainsFault) in
                .executions(try self.executions(replies, my) { $0.stamp >= since })
            }
        }
    }

    /// Makes a request and reads its answer.
    private func value(
        _ call: MidChainsCall, _ my: Context,
        _ read: ([MidChainsReply]) throws(MidChainsFault) -> AccountAnswer
    ) async -> Outcome<AccountAnswer, CallFailure> {
        let outcome: Outcome<[MidChainsReply], CallFailure>
        do {
            outcome = try await my.ask(
                .midchainsCall, to: my.id, call, timeout: options.patience + options.timeout * 2)
        } catch { return .failure(.uncertain("the link's gateway does not answer")) }
        switch outcome {
        case .failure(let failure): return .failure(failure)
        case .success(let replies):
            do throws(MidChainsFault) { return .success(try read(replies)) } catch {
                return .failure(.uncertain("\(error)"))
            }
        }
    }

    private func openOrders(
        _ replies: [MidChainsReply], _ my: Context
    ) throws(MidChainsFault) -> [VenueOrder] {
        var orders: [VenueOrder] = []
        for reply in replies {
            for record in try reply.records(MidChainsOrderRecord.init) {
                guard let instrument = instrument(record.security) else { continue }
                // An order whose answer was lost is known by its own name, open or not.
                name(record.clientID, record.reference, my)
                guard record.live.isPositive, let order = VenueOrder(record, instrument) else {
                    continue
                }
                orders.append(order)
            }
        }
        return orders
    }

    private func wallet(_ replies: [MidChainsReply]) throws(MidChainsFault) -> Wallet {
        var wallet = Wallet()
        for reply in replies {
            for record in try reply.records(MidChainsPositionRecord.init) {
                if let balance = money(record) { wallet.set(Balance(balance)) }
            }
        }
        return wallet
    }

    /// The account's trades, the oldest first.
    private func executions(
        _ replies: [MidChainsReply], _ my: Context,
        where isWanted: (MidChainsSaleRecord) -> Bool
    ) throws(MidChainsFault) -> [ExecutionNews] {
        var news: [ExecutionNews] = []
        for reply in replies {
            for record in try reply.records(MidChainsSaleRecord.init) where isWanted(record) {
                guard let instrument = instrument(record.security) else { continue }
                name(record.clientID, record.reference, my)
                if let one = ExecutionNews(record, instrument) { news.append(one) }
            }
        }
        return news.reversed()
    }
}
