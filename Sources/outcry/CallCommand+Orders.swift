import Outcry

// What moves money.

extension CallCommand {
    /// `buy AMOUNT PRICE`, `sell AMOUNT market`.
    func place(_ side: OrderSide, _ arguments: inout Arguments) throws -> Int32 {
        let words = try PlaceWords(&arguments, pair)
        let request = OrderRequest(
            side: side, quantity: words.amount, price: words.price, instrument: pair)
        let call: MtGoxCall<OrderID>
        do throws(MtGoxCallError) { call = try .addOrder(request) } catch {
            throw UsageError("\(error)")
        }
        // Exact, since there is such a call.
        let amount = words.amount.rescaled(to: pair.base.decimals) ?? words.amount
        let price = words.price.flatMap { $0.rescaled(to: pair.quote.decimals) } ?? words.price
        let credentials = try credentials()
        if !words.isConfirmed {
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
        CallReport(["\(side) \(Show.quantity(words.amount)) \(pair.base.code): order \(order)"]) {
            json in
            json.field("order", order.text)
            json.field("pair", pair.name)
            json.field("side", "\(side)")
            json.decimal("amount", amount)
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
        let words = try CancelWords(&arguments)
        let client = try client(credentials())
        let orders = try words.orders ?? client.orders().map(\.id)
        var taken: [OrderID] = []
        let code = CancelWords.each(of: orders, code: Self.code) {
            (order) throws(MtGoxCallFailure) in
            try client.cancel(order)
            taken.append(order)
        }
        let lines = taken.map { "\($0): the venue cancels it" }
        CallReport(orders.isEmpty ? ["no orders"] : lines) { list in
            for order in taken { list.append(order.text) }
        }.tell(asJSON: wantsJSON)
        return code
    }
}
