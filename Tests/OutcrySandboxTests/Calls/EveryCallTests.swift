import OutcryMarket
import OutcrySandbox
import OutcryVenues
import Testing

/// Every typed call, signed, sent to the exchange and read, by each way that there is.
@Suite struct EveryCallTests {
    /// Prices between the recorded book's best bid and ask, where nobody else trades.
    private let price: Price = "26.40001"

    private func limit(_ side: OrderSide, _ quantity: Quantity) -> OrderRequest {
        .limit(side, quantity: quantity, price: price).on(.btcusd)
    }

    /// Two others trade, a coin each time.
    private func trade(_ house: TradingHouse, times: Int) throws {
        let buyer = try CallAsker(house.person("buyer"))
        let seller = try CallAsker(house.person("seller"))
        for _ in 0..<times {
            _ = try buyer(try .addOrder(limit(.buy, "1")))
            _ = try seller(try .addOrder(limit(.sell, "1")))
        }
    }

    @Test(arguments: TestCarrier.allCases) func publicCalls(_ carrier: TestCarrier) throws {
        let house = try TradingHouse()
        let ask = try CallAsker(house.person("alice"), carrier)
        try trade(house, times: 2)
        let ticker = try ask(.ticker(.btcusd)).summary
        let bid = try #require(ticker.bestBid)
        let best = try #require(ticker.bestAsk)
        #expect(ticker.instrument == .btcusd && bid < price && price < best)
        #expect(try #require(ticker.high) >= #require(ticker.low))
        let fast = try ask(.fastTicker(.btcusd)).summary
        #expect(fast.bestBid == bid && fast.bestAsk == best && fast.last == ticker.last)
        let full = try ask(.fullDepth(.btcusd))
        #expect(full.asks.first?.price == best && full.bids.last?.price == bid)
        let depth = try ask(.depth(.btcusd))
        let lowest = try #require(depth.lowest)
        let highest = try #require(depth.highest)
        let last = try #require(ticker.last)
        #expect(lowest.units == last.units - last.units / 10)
        #expect(highest.units == last.units + last.units / 10)
        #expect(depth.asks == full.asks.filter { $0.price.units <= highest.units })
        #expect(depth.bids == full.bids.filter { $0.price.units >= lowest.units })
        #expect(!depth.asks.isEmpty && !depth.bids.isEmpty)
        let trades = try ask(.trades(.btcusd))
        #expect(trades.map(\.id) == trades.map(\.id).sorted())
        let middle = try #require(trades.dropLast().last)
        #expect(trades.count == 2 && trades.map(\.price) == [price, price])
        #expect(try ask(.trades(.btcusd, since: middle.id)).map(\.id) == trades.suffix(1).map(\.id))
        #expect(try ask(.cancelledTrades(.btcusd)).isEmpty)
        let yen = try ask(.currency(.jpy))
        #expect(yen.currency == .jpy && !yen.isVirtual)
        let lag = try ask(.lag)
        #expect(lag.age == .zero && lag.length == 0)
        let level = try #require(full.asks.first)
        let quote = try ask(try .quote(.btcusd, .buy, level.quantity))
        #expect(
            quote.money(.usd, rounding: .exact)
                == level.price.times(level.quantity, in: .usd, rounding: .nearestHalfUp))
        let channels = try ask(.publicChannels)
        #expect(channels.map(\.channel) == MtGoxChannels.all)
        #expect(Set(ask.asked).count == 10, "\(ask.asked)")
    }

    @Test(arguments: TestCarrier.allCases) func privateCalls(_ carrier: TestCarrier) throws {
        let house = try TradingHouse()
        let alice = try CallAsker(house.person("alice"), carrier)
        let bob = try CallAsker(house.person("bob"), carrier)
        let info = try alice(.info)
        #expect(info.login == "alice" && info.rights.contains("trade"))
        #expect(info.wallet[.btc]?.total == Money("100", .btc))
        #expect(info.wallet[.usd]?.total == Money("1000", .usd))
        #expect(try alice(.identityKey).utf8.count == 75)
        #expect(try alice(.orders).isEmpty)

        let id = try alice(try .addOrder(limit(.buy, "2")))
        let listed = try alice(.orders)
        #expect(listed.map(\.id) == [id] && listed[0].status == .open)
        #expect(listed[0].price == price && listed[0].amount == .btc("2"))
        #expect(listed[0].side == .buy && listed[0].instrument == .btcusd)
        #expect(try alice.refusal(.orderResult(id, .buy)) == .orderNotFound, "no trade yet")
        let other = try bob(try .addOrder(.market(.sell, quantity: "0.5").on(.btcusd)))
        let result = try bob(.orderResult(other, .sell))
        #expect(result.id == other && result.totalAmount == Money("0.5", .btc))
        #expect(result.totalSpent == Money("13.20001", .usd), "half up")
        let fill = try #require(result.fills.first)
        #expect(fill.side == .sell && fill.price == Money("26.40001", .usd))
        #expect(try alice(.orderResult(id, .buy)).fills.map(\.tradeID) == [fill.tradeID])
        #expect(try alice(.ownTrades).map(\.id) == [fill.tradeID])
        #expect(try alice(.orders).map(\.amount) == [.btc("1.5")])

        let history = try alice(.walletHistory(.btc))
        #expect(history.entries.map(\.type) == ["fee", "in", "deposit"] && history.page == 1)
        #expect(history.entries[1].orderID == id && history.entries[1].tradeID == fill.tradeID)
        #expect(history.entries[0].value == Money("0.003", .btc))
        let part = try alice(.walletHistory(.usd, trade: fill.tradeID))
        #expect(part.entries.map(\.type) == ["spent"])
        #expect(part.entries[0].value == result.totalSpent)
        #expect(try alice(.walletHistory(.btc, page: 2)).entries.isEmpty)

        let gone = try alice(.cancelOrder(id))
        #expect(gone.orderID == id && !gone.queueID.isEmpty)
        #expect(try alice(.orders).isEmpty)
        #expect(try alice.refusal(.cancelOrder(id)) == .orderNotFound)

        let address = try bob(.bitcoinAddress())
        #expect(try bob(.bitcoinAddress()) == address)
        let another = try bob(.bitcoinAddress(description: "another"))
        #expect(another != address)
        let before = try #require(try alice(.info).wallet[.btc]?.total)
        let transaction = try alice(try .sendBitcoin("1.5", to: another, fee: "0.0005"))
        #expect(!transaction.isEmpty)
        let after = try #require(try alice(.info).wallet[.btc]?.total)
        #expect(before - after == Money("1.5005", .btc))

        let key = try alice(.oneTimeKey)
        #expect(key.key.utf8.count == 40 && key.base32.utf8.count == 32)
    }

    /// Refusals, as each way tells them.
    @Test(arguments: TestCarrier.allCases) func refusals(_ carrier: TestCarrier) throws {
        let house = try TradingHouse { $0.orderRate = OrderRateLimit(orders: 2, span: .seconds(6)) }
        let alice = try CallAsker(house.person("alice"), carrier)
        #expect(try alice.refusal(try .addOrder(limit(.buy, "0.001"))) == .amountTooLow)
        #expect(
            try alice.refusal(.walletHistory(.btc, page: 2_000_000_000))
                == .invalidParameter("page"))
        _ = try alice(try .addOrder(limit(.buy, "0.01")))
        let tooFast = try alice.refusal(try .addOrder(limit(.buy, "0.01")))
        guard case .tooManyOrders(let wait?) = tooFast else {
            Issue.record("expected too many orders, found \(tooFast)")
            return
        }
        #expect(wait > .zero && wait <= .seconds(6))
        let isStream = carrier == .stream
        #expect(try alice.refusal(.info, nonce: 1) == (isStream ? .invalidCall : .invalidNonce))
        let guest = try CallAsker(house.person("guest", rights: .getInfo), carrier)
        #expect(try guest.refusal(try .addOrder(limit(.buy, "1"))) == .missingRight)
        // What the sandbox does not have.
        let worth = Money(units: 100_000, currency: .usd)
        let ticket = try alice.refusal(try .createTicket(partner: "p", amount: worth))
        #expect(ticket == (isStream ? .methodNotFound : .other))
        #expect(try alice.refusal(.privateStream) == .other)
        let nothing = MtGoxCall.raw(MtGoxRawCall(endpoint: "no/such"))
        if isStream {
            #expect(try alice.refusal(nothing) == .methodNotFound)
        } else {
            // What is raw is not looked into.
            let body = try alice(nothing)
            #expect(throws: MtGoxError.self) {
                try MtGoxReply.value(MtGoxRawReply(body: body, status: nil))
            }
        }
    }

    /// The scripts of version 0.
    @Test func oldCalls() throws {
        typealias Old = MtGoxOldCall
        let house = try TradingHouse()
        let alice = try CallAsker(house.person("alice"))
        let bob = try CallAsker(house.person("bob"))
        try trade(house, times: 2)
        let ticker = try alice(try Old.ticker(.btcusd))
        #expect(ticker.bestBid < price && price < ticker.bestAsk && ticker.low <= ticker.high)
        let depth = try alice(try Old.depth(.btcusd))
        #expect(depth.asks.first?.price == ticker.bestAsk)
        let trades = try alice(try Old.trades(.btcusd))
        let middle = try #require(trades.dropLast().last)
        #expect(
            try alice(try Old.trades(.btcusd, since: middle.id)).map(\.id)
                == trades.suffix(1).map(\.id))
        #expect(try alice(Old.info).login == "alice")
        let funds = try alice(Old.funds(.usd))
        #expect(funds.currencyBalance == Money("1000", .usd))
        #expect(funds.coinBalance == Money("100", .btc) && funds.orders == nil)
        #expect(try alice(Old.funds(.eur)).currencyBalance == .zero(.eur))

        let added = try alice(try Old.addOrder(limit(.buy, "2")))
        #expect(added.status == "Your order has been queued for execution")
        let order = try #require(added.orders?.first)
        #expect(order.price == price && order.amount == .btc("2") && order.side == .buy)
        let sold = try bob(try Old.addOrder(.market(.sell, quantity: "0.5").on(.btcusd)))
        #expect(sold.orders?.isEmpty == true)
        let now = try alice(Old.orders(.usd))
        #expect(now.orders?.map(\.amount) == [.btc("1.5")])
        #expect(now.currencyBalance == Money("986.79999", .usd))
        let left = try alice(Old.cancelOrder(order.id, .buy, .usd))
        #expect(left.orders?.isEmpty == true && left.currencyBalance == now.currencyBalance)
        #expect(try alice.refusal(Old.cancelOrder(order.id, .buy, .eur)) == .orderNotFound)
        let euros = try alice(try Old.addOrder(.limit(.buy, quantity: "1", price: "1").on(.btceur)))
        let unfunded = try #require(euros.orders?.first)
        #expect(unfunded.realStatus == "invalid" && unfunded.instrument == .btceur)
        #expect(try alice(Old.orders(.eur)).currencyBalance == .zero(.eur))
        let rest = try alice(Old.cancelOrder(unfunded.id, .buy, .eur))
        #expect(rest.currencyBalance == .zero(.eur) && rest.coinBalance == now.coinBalance)

        let address = try bob(Old.bitcoinAddress)
        let half = try #require(Money("0.5", .btc))
        let sent = try alice(try Old.withdraw(half, .bitcoin(address: address)))
        #expect(MtGoxGUID(sent.reference) != nil && sent.code == nil && sent.amount == nil)
        let coded = try alice(try Old.withdraw(half, .code))
        let code = try #require(coded.code)
        let redeemed = try bob(Old.redeemCode(code))
        #expect(redeemed.amount == half)
        #expect(try bob.refusal(Old.redeemCode("MTGOX-BTC-X")) == .other)
        let dollars = try #require(Money("10", .usd))
        let paper = try alice(try Old.withdraw(dollars, .code))
        #expect(paper.code?.hasPrefix("MTGOX-USD-") == true)
        for way in [Old.Way.dwolla, .bank, .paxum] {
            #expect(try alice.refusal(try Old.withdraw(dollars, way)) == .other)
        }

        let lines = try alice(Old.history(.btc))
        #expect(lines.map(\.type).prefix(3) == ["deposit", "in", "fee"])
        #expect(lines[0].value == Money("100", .btc) && lines[0].index == "1")
        #expect(lines[1].value == half)
        #expect(try alice(Old.history(.usd)).map(\.type).prefix(2) == ["deposit", "spent"])
        // Not known there.
        let pending = try alice(Old.pendingTransactions)
        #expect(throws: MtGoxError.self) {
            try MtGoxReply.value(MtGoxRawReply(body: pending, status: 404))
        }
        #expect(try alice.refusal(Old.funds(.usd), nonce: 1) == .notLoggedIn)
        #expect(
            Set(alice.asked + bob.asked).count == 15, "\(Set(alice.asked + bob.asked).sorted())")
    }
}
