import OutcryComponents
import OutcryKernel
import OutcryMarket

// What an order desk asks about the account, by the venue's calls.

extension MtGoxGateway {
    /// Makes a call and reads its answer.
    func value<Value: Sendable>(
        _ call: MtGoxCall<Value>, _ my: Context
    ) async -> Outcome<Value, CallFailure> {
        let reply: Outcome<MtGoxRawReply, CallFailure>
        do {
            reply = try await my.ask(
                .mtgoxCall, to: my.id, call.raw, timeout: options.timeout * (options.retries + 4))
        } catch { return .failure(.uncertain("the link's gateway does not answer")) }
        switch reply {
        case .failure(let failure): return .failure(failure)
        case .success(let reply):
            do { return .success(try call.read(reply)) } catch {
                return .failure(
                    error.isOutcomeUnknown ? .uncertain("\(error)") : .refused("\(error)"))
            }
        }
    }

    /// Answers what is asked about the account.
    func answer(
        _ question: AccountQuestion, _ my: Context
    ) async throws -> Outcome<AccountAnswer, CallFailure> {
        switch question {
        case .openOrders:
            switch await value(.orders, my) {
            case .success(let orders): return .success(.openOrders(orders.map { VenueOrder($0) }))
            case .failure(let failure): return .failure(failure)
            }
        case .wallet:
            switch await value(.info, my) {
            case .success(let account): return .success(.wallet(account.wallet))
            case .failure(let failure): return .failure(failure)
            }
        case .fills(let order, let side): return await fills(of: order, side, my)
        case .executions(let since): return await executions(since: since, my)
        }
    }

    private func fills(
        of order: OrderID, _ side: OrderSide, _ my: Context
    ) async -> Outcome<AccountAnswer, CallFailure> {
        let call = MtGoxCall.orderResult(order, side)
        let reply: Outcome<MtGoxRawReply, CallFailure>
        do {
            reply = try await my.ask(
                .mtgoxCall, to: my.id, call.raw, timeout: options.timeout * (options.retries + 4))
        } catch { return .failure(.uncertain("the link's gateway does not answer")) }
        var news: [ExecutionNews] = []
        switch reply {
        case .failure(.refused(let words)) where MtGoxRefusal(text: words) == .orderNotFound: break
        case .failure(let failure): return .failure(failure)
        case .success(let reply):
            do {
                for fill in try call.read(reply).fills {
                    // A copy in another currency is not one more trade.
                    guard fill.price.currency == fill.instrument.quote else { continue }
                    var one = ExecutionNews(tradeID: fill.tradeID)
                    one.instrument = fill.instrument
                    one.side = side
                    one.price = Price(units: fill.price.units, of: fill.price.currency)
                    one.quantity = Quantity(units: fill.amount.units, of: fill.amount.currency)
                    one.cost = fill.spent
                    one.venueID = order
                    one.stamp = fill.tradeID
                    news.append(one)
                }
            } catch {
                guard error.reason == .orderNotFound else {
                    return .failure(.uncertain("\(error)"))
                }
            }
        }
        if !news.isEmpty { await addFees(to: &news, side, my) }
        return .success(.executions(news))
    }

    /// Adds the fees that the histories of the wallets tell.
    private func addFees(
        to news: inout [ExecutionNews], _ side: OrderSide, _ my: Context
    ) async {
        guard let instrument = news.first?.instrument else { return }
        let first = news.map(\.tradeID).min() ?? 0
        // A buyer pays in the base, or in the quote on request; a seller in the quote.
        for currency in side == .buy ? [instrument.base, instrument.quote] : [instrument.quote] {
            guard news.contains(where: { $0.fee == nil }) else { return }
            guard
                case .success(let entries) = await history(
                    of: currency, since: first / 1_000_000, my)
            else { return }
            for entry in entries where entry.type == "fee" {
                guard let number = entry.tradeID,
                    entry.orderID == nil || entry.orderID == news.first?.venueID,
                    let place = news.firstIndex(where: { $0.tradeID == number && $0.fee == nil })
                else { continue }
                news[place].fee = entry.value
            }
        }
    }

    private func executions(
        since: Int64, _ my: Context
    ) async -> Outcome<AccountAnswer, CallFailure> {
        var news: [ExecutionNews] = []
        var bases: [Currency] = []
        for instrument in link.instruments where !bases.contains(instrument.base) {
            bases.append(instrument.base)
        }
        for base in bases {
            switch await history(of: base, since: since / 1_000_000, my) {
            case .failure(let failure): return .failure(failure)
            case .success(let entries):
                for entry in entries.reversed() where entry.type == "in" || entry.type == "out" {
                    guard let number = entry.tradeID, let order = entry.orderID else { continue }
                    var one = ExecutionNews(tradeID: number)
                    one.side = entry.type == "in" ? .buy : .sell
                    one.quantity = Quantity(units: entry.value.units, of: entry.value.currency)
                    one.venueID = order
                    one.price = entry.price
                    one.stamp = number
                    news.append(one)
                }
            }
        }
        return .success(.executions(news))
    }

    /// The entries of a wallet's history from a time on (s since 1970), the newest first.
    private func history(
        of currency: Currency, since: Int64, _ my: Context
    ) async -> Outcome<[MtGoxHistoryEntry], CallFailure> {
        var entries: [MtGoxHistoryEntry] = []
        var page = 1
        while true {
            switch await value(.walletHistory(currency, page: page), my) {
            case .failure(let failure): return .failure(failure)
            case .success(let told):
                // Between two pages new entries may push old ones from the first to the second.
                for entry in told.entries
                where entry.date >= since && !entries.contains(where: { $0.index == entry.index }) {
                    entries.append(entry)
                }
                guard page < told.lastPage, (told.entries.last?.date ?? 0) >= since else {
                    return .success(entries)
                }
                page += 1
            }
        }
    }
}
