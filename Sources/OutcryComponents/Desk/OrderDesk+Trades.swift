import OutcryMarket

// Which trades an order is made of, where the venue does not say.

extension OrderDeskMachine {
    /// The places of unclaimed trades that together are of so much.
    func rowOfTrades(of owed: Int64, for order: Order) -> [Int]? {
        let fitting = unclaimed.indices.filter { fits(unclaimed[$0], order) }
        if let one = fitting.first(where: { unclaimed[$0].quantity?.units == owed }) {
            return [one]
        }
        var row: [Int] = []
        var sum: Int64 = 0
        for place in fitting {
            guard let units = unclaimed[place].quantity?.units, units > 0 else { continue }
            row.append(place)
            sum += units
            while sum > owed { sum -= unclaimed[row.removeFirst()].quantity?.units ?? 0 }
            if sum == owed { return row }
        }
        return nil
    }

    /// Whether a trade can be one of an order's.
    private func fits(_ trade: ExecutionNews, _ order: Order) -> Bool {
        guard trade.instrument == order.instrument, trade.side == order.side else { return false }
        if let venueID = trade.venueID { return venueID == order.venueID }
        guard let limit = order.price, let price = trade.price else { return true }
        return order.side == .buy ? price <= limit : price >= limit
    }
}
