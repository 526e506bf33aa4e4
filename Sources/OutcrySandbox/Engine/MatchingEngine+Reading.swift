public import OutcryMarket

extension MatchingEngine {
    /// The best price of a side, in units of the quote; nil when nothing rests there.
    public func best(_ side: Side, in book: BookNumber = .first) -> Int64? {
        let ladder = ladder(side, book)
        guard ladder.best != .none else { return nil }
        return Self.key(ladder[ladder.best].key, side)
    }

    /// What stands at a price, in units of the base.
    public func total(_ side: Side, at price: Int64, in book: BookNumber = .first) -> Int64 {
        let ladder = ladder(side, book)
        return ladder.find(Self.key(price, side)).map { ladder[$0].total } ?? 0
    }

    /// How much the limit orders of a side can still grow by, in units of the base: those of owners without
    /// an account.
    public func room(_ side: OrderSide, in book: BookNumber = .first) -> Int64 {
        .max - sum(side, book)
    }

    /// As ``room(_:in:)``, for orders of accounts: at least half of the range is not theirs, so that people
    /// never keep the market's own out. Never below zero.
    public func roomForAccounts(_ side: OrderSide, in book: BookNumber = .first) -> Int64 {
        max(0, Self.mostWithAccounts - sum(side, book))
    }

    private func sum(_ side: OrderSide, _ book: BookNumber) -> Int64 {
        precondition(book.value < books.count, "the engine has such a book")
        return books[Int(book.value)].sum(side)
    }

    /// How many prices have orders.
    public func levelCount(_ side: Side, in book: BookNumber = .first) -> Int {
        ladder(side, book).count
    }

    /// How many orders are not over: in all books, those that wait and those without money included.
    public var openOrderCount: Int { orders.count }

    /// Whether an order is not over.
    public func isOpen(_ number: OrderNumber) -> Bool { orders.find(number) != .none }

    /// An order that is not over; nil when it is, or never was.
    public func order(_ number: OrderNumber) -> EngineOrder? {
        let slot = orders.find(number)
        return slot == .none ? nil : view(slot)
    }

    /// Calls `body` with every order of an owner with an account that is not over: by what it spends
    /// in the order of ``Ledger/currencies``, then by number.
    public func forEachOrder(of owner: OwnerNumber, _ body: (EngineOrder) -> Void) {
        let account = ledger.place(of: owner)
        guard account != .none else { return }
        for currency in ledger.currencies.indices {
            var slot = ledger.wallets[Int(ledger.wallet(account, currency))].first
            while slot != .none {
                body(view(slot))
                slot = orders[slot].walletNext
            }
        }
    }

    /// The order of a side that would be traded next; nil when nothing rests there.
    public func front(_ side: Side, in book: BookNumber = .first) -> EngineOrder? {
        let ladder = ladder(side, book)
        return ladder.best == .none ? nil : view(ladder[ladder.best].queue.first)
    }

    /// The order of a side that would be traded last; nil when nothing rests there.
    public func back(_ side: Side, in book: BookNumber = .first) -> EngineOrder? {
        let ladder = ladder(side, book)
        return ladder.worst == .none ? nil : view(ladder[ladder.worst].queue.last)
    }

    /// Calls `body` with price, total and stamp of every level of a side: best first, or if asked
    /// so, lowest price first.
    public func forEachLevel(
        _ side: Side, in book: BookNumber = .first, ascending: Bool = false,
        _ body: (_ price: Int64, _ total: Int64, _ stamp: Int64) -> Void
    ) {
        let ladder = ladder(side, book)
        let isReversed = ascending && side == .bid
        var at = isReversed ? ladder.worst : ladder.best
        while at != .none {
            let level = ladder[at]
            body(side == .ask ? level.key : -level.key, level.total, level.stamp)
            at = isReversed ? level.better : level.worse
        }
    }

    /// Calls `body` with every order of a side that rests, in the order in which they would trade.
    public func forEachOrder(
        _ side: Side, in book: BookNumber = .first, _ body: (EngineOrder) -> Void
    ) {
        let ladder = ladder(side, book)
        var level = ladder.best
        while level != .none {
            var slot = ladder[level].queue.first
            while slot != .none {
                body(view(slot))
                slot = orders[slot].next
            }
            level = ladder[level].worse
        }
    }

    /// The levels of a side, best first, each summed anew from its orders: what a copy of the book
    /// is compared with.
    public func summedLevels(_ side: Side, in book: BookNumber = .first) -> [BookLevel] {
        let instrument = instruments[Int(book.value)]
        var result: [BookLevel] = []
        var price: Int64 = 0
        var sum: Int64 = 0
        func close() {
            if sum > 0 {
                result.append(BookLevel(instrument, priceUnits: price, quantityUnits: sum))
            }
        }
        forEachOrder(side, in: book) { order in
            guard let at = order.price else { return }
            if at != price {
                close()
                (price, sum) = (at, 0)
            }
            sum += order.effective
        }
        close()
        return result
    }

    private func ladder(_ side: Side, _ book: BookNumber) -> PriceLadder {
        precondition(book.value < books.count, "the engine has such a book")
        return books[Int(book.value)].ladder(side)
    }

    private func view(_ slot: Slot) -> EngineOrder {
        let order = orders[slot]
        let rests: EngineOrderState = order.isMarket ? .executing : .open
        return view(order, order.isInvalid ? .invalid : rests, nil)
    }
}
