import Outcry

/// What `buy` and `sell` are told, of whatever venue.
struct PlaceWords {
    let isConfirmed: Bool
    let amount: Quantity
    /// Nil: whatever the market asks for.
    let price: Price?

    /// `AMOUNT PRICE`, `AMOUNT market`, and `--yes`.
    init(_ arguments: inout Arguments, _ pair: Instrument) throws {
        isConfirmed = arguments.flag("--yes")
        let amountText = try arguments.word("an amount of \(pair.base.code), such as 1.5")
        let priceText = try arguments.word(
            "a price in \(pair.quote.code), such as 14.43, or the word market")
        try arguments.finish()
        guard let amount = Quantity(amountText) else {
            throw UsageError("expected an amount such as 1.5, found \"\(amountText)\"")
        }
        self.amount = amount
        price = Price(priceText)
        guard price != nil || priceText == "market" else {
            throw UsageError("expected a price such as 14.43, or market, found \"\(priceText)\"")
        }
    }
}

/// What `cancel` is told, of whatever venue.
struct CancelWords {
    /// Those that are named; nil: all.
    let orders: [OrderID]?

    /// `ORDER …`, or `--all`.
    init(_ arguments: inout Arguments) throws {
        let isAll = arguments.flag("--all")
        var named: [OrderID] = []
        while let word = arguments.word() { named.append(OrderID(word)) }
        try arguments.finish()
        guard named.isEmpty == isAll else {
            throw UsageError(
                isAll
                    ? "--all: expected no orders beside it, found \"\(named[0])\""
                    : "expected an order, as outcry orders lists them, or --all, found nothing")
        }
        orders = isAll ? nil : named
    }

    /// Takes one order back after the other; one that cannot be is told, and the others are.
    ///
    /// - Parameter code: What a failure is as an exit code.
    /// - Returns: The greatest of these, 0 where there was none.
    static func each<E: Error>(
        of orders: [OrderID], code: (E) -> Int32, _ cancel: (OrderID) throws(E) -> Void
    ) -> Int32 {
        var worst = CallCommand.End.done
        for order in orders {
            do throws(E) { try cancel(order) } catch {
                Terminal.error("outcry: \(order): \(error)")
                worst = max(worst, code(error))
            }
        }
        return worst
    }
}
