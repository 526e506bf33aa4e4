import Outcry

// What moves money.

extension CallCommand {
    /// `buy AMOUNT PRICE`, `sell AMOUNT market`.
    func place(_ side: OrderSide, _ arguments: inout Arguments) throws -> Int32 {
        let isConfirmed = arguments.flag("--yes")
        let amountText = try arguments.word("an amount of \(pair.base.code), such as 1.5")
        let priceText = try arguments.word(
            "a price in \(pair.quote.code), such as 14.43, or the word market")
        try arguments.finish()
        guard let amount = Quantity(amountText) else {
            throw UsageError("expected an amount such as 1.5, found \"\(amountText)\"")
        }
        var price = Price(priceText)
        guard price != nil || priceText == "market" else {
            throw UsageError("expected a price such as 14.43, or market, found \"\(priceText)\"")
        }
        let request = OrderRequest(side: side, quantity: amount, price: price, instrument: pair)
        let call: MtGoxCall<OrderID>
        do throws(MtGoxCallError) { call = try .addOrder(request) } catch {
            throw UsageError("\(error)")
        }
        // Exact, since there is such a call.
        let exact = amount.rescaled(to: pair.base.decimals) ?? amount
        price = price.flatMap { $0.rescaled(to: pair.quote.decimals) } ?? price
        let credentials = try credentials()
        if !isConfirmed {
            let plan = OrderPlan(
                request, worth: try worth(request), key: "\(credentials.key)", url: url)
            guard Confirmation.onTerminal(plan.lines).isGiven() else { return End.notConfirmed }
        }
        let order: OrderID
        do { order = try client(credentials).call(call) } catch let failure as MtGoxCallFailure {
            if failure.isOutcomeUnknown {
                Terminal.error("outcry: \(failure)")
                Terminal.error(
                    "The order may be there: look at outcry orders and outcry wallet before you send it "
                        + "again.")
                return End.unknown
            }
            throw failure
        }
        CallReport(["\(side) \(Show.quantity(amount)) \(pair.base.code): order \(order)"]) { json in
            json.field("order", order.text)
            json.field("pair", pair.name)
            json.field("side", "\(side)")
            json.decimal("amount", exact)
            json.decimal("price", price)
        }.tell(asJSON: wantsJSON)
        return End.done
    }

    /// What an order would cost or bring, in words.
    private func worth(_ request: OrderRequest) throws -> String {
        if let price = request.price {
            return Show.money(price.times(request.quantity, in: pair.quote, rounding: .up))
        }
        guard Confirmation.isSomebodyThere else { return "what the book gives" }
        do {
            let quote = try client().call(.quote(pair, request.side, request.quantity))
            return "about \(Show.money(quote.money(pair.quote, rounding: .up))) by the book of now"
        } catch let failure as MtGoxCallFailure { return "not known: \(failure)" }
    }

    /// `cancel ORDER …`, `cancel --all`.
    func cancel(_ arguments: inout Arguments) throws -> Int32 {
        let isAll = arguments.flag("--all")
        var orders: [OrderID] = []
        while let word = arguments.word() { orders.append(OrderID(word)) }
        try arguments.finish()
        guard orders.isEmpty == isAll else {
            throw UsageError(
                isAll
                    ? "--all: expected no orders beside it, found \"\(orders[0])\""
                    : "expected an order, as outcry orders lists them, or --all, found nothing")
        }
        let client = try client(credentials())
        if isAll { orders = try client.orders().map(\.id) }
        var code = End.done
        var taken: [OrderID] = []
        for order in orders {
            do {
                try client.cancel(order)
                taken.append(order)
            } catch {
                Terminal.error("outcry: \(order): \(error)")
                code = max(code, Self.code(of: error))
            }
        }
        let lines = taken.map { "\($0): the venue cancels it" }
        CallReport(orders.isEmpty ? ["no orders"] : lines) { list in
            for order in taken { list.append(order.text) }
        }.tell(asJSON: wantsJSON)
        return code
    }
}
