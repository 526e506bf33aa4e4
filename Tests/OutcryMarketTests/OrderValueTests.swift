import OutcryMarket
import Testing

@Suite struct OrderValueTests {
    @Test func requestsReadLikeTheReadme() {
        let bid: Price = "14.43"
        let request = OrderRequest.limit(.buy, quantity: "1.0", price: bid - .usd("0.5"))
        #expect(request.side == .buy && request.quantity == "1" && request.price == "13.93")
        #expect(!request.isMarketOrder && request.instrument == nil)
        #expect(request.description == "buy 1.0 at 13.93000")
        let market = OrderRequest.market(.sell, quantity: .btc("2")).on(.btceur)
        #expect(market.isMarketOrder && market.instrument == .btceur)
        #expect(market.description == "sell 2.00000000 BTCEUR at market")
    }

    @Test func anUnknownOrderIsNotFinal() {
        let final: [OrderState] = [.filled, .cancelled, .rejected]
        for state in OrderState.allCases {
            #expect(state.isFinal == final.contains(state))
        }
        #expect(
            OrderState.allCases.map { "\($0)" }
                == ["pending", "open", "executing", "filled", "cancelled", "rejected", "unknown"])
    }

    @Test func anOrderIsFilledAndRemaining() {
        var order = Order(
            id: "fda8917a", instrument: .btcusd, side: .sell, price: .usd("14.43"),
            remaining: .btc("1.5"), filled: .btc("0.5"), state: .open)
        #expect(order.quantity == "2" && order.reason == nil)
        #expect(
            order.description == "fda8917a sell 1.50000000 of 2.00000000 BTCUSD at 14.43000 open")
        order.state = .cancelled
        order.reason = "requested"
        order.price = nil
        #expect(order.description.hasSuffix("at market cancelled (requested)"))
    }

    @Test func idsAreOpaque() {
        let id: OrderID = "b"
        #expect(id == OrderID("b") && "\(id)" == "b" && OrderID("a") < id)
    }

    @Test func aFillHasAValue() {
        let fill = Fill(
            order: "x", tradeID: 1, instrument: .btcusd, side: .buy, price: .usd("100.83227"),
            quantity: .btc("0.1"), fee: Money("0.0006", .btc))
        #expect(fill.value(rounding: .nearestHalfUp) == Money("10.08323", .usd))
        #expect(fill.description == "x buy 0.10000000 BTCUSD at 100.83227 fee 0.00060000 BTC")
    }

    @Test func aWalletIsSortedByCurrency() {
        var wallet = Wallet([
            Balance(Money(units: 5, currency: .usd)), Balance(Money(units: 1, currency: .btc)),
            Balance(Money(units: 7, currency: .usd)),
        ])
        wallet.set(
            Balance(
                total: Money(units: 9, currency: .eur), available: Money(units: 2, currency: .eur)))
        #expect(wallet.balances.map { $0.currency } == [.btc, .eur, .usd])
        #expect(wallet[.usd]?.total.units == 7 && wallet[.jpy] == nil)
        #expect(wallet[.eur]?.available.units == 2 && wallet[.usd]?.available.units == 7)
        #expect(wallet.description == "0.00000001 BTC, 0.00009 EUR, 0.00007 USD")
    }

    @Test func aBalanceIsOfOneCurrency() async {
        await #expect(processExitsWith: .failure) {
            _ = Balance(total: .zero(.usd), available: .zero(.eur))
        }
    }
}
