public import OutcryKernel
import OutcryMarket

/// Fetches for a cache what is an account's, through the link's gateway, which signs and keeps the limits.
public final class AccountFetcher: Session {
    private let link: Link

    /// Makes the fetcher of the account that `link` has.
    public init(_ link: Link) { self.link = link }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<AccountFetcher>) {
        on(.fetch) { me, ask, my in
            let ask = copy ask
            my.task { my in my.answer(ask, await me.fetch(ask.question, my)) }
        }
    }

    private func fetch(
        _ key: CacheKey, _ my: Context
    ) async -> Outcome<CacheValue, FetchFailure> {
        func failure(_ reason: String) -> Outcome<CacheValue, FetchFailure> {
            .failure(FetchFailure(reason: reason, retryAt: my.now, wasTried: true))
        }
        guard key.kind.isPrivate else { return failure("\(key): not an account's") }
        do throws(AskError) {
            let answer = try await my.ask(
                .askAccount, to: link.gateway, key.kind == .wallet ? .wallet : .openOrders,
                timeout: .seconds(55))
            switch answer {
            case .success(.wallet(let wallet)): return .success(.wallet(wallet))
            case .success(.openOrders(let orders)):
                return .success(.orders(orders.map(Self.order)))
            case .success: return failure("\(key): the gateway told another kind of thing")
            case .failure(let problem): return failure("\(key): \(problem)")
            }
        } catch { return failure("\(key): nobody answered (\(error))") }
    }

    /// The order as the venue tells it, under the venue's name: what was filled before is not told.
    private static func order(_ told: VenueOrder) -> Order {
        Order(
            id: told.venueID, instrument: told.instrument, side: told.side, price: told.price,
            remaining: told.remaining, filled: .zero, state: told.state, venueID: told.venueID)
    }
}
