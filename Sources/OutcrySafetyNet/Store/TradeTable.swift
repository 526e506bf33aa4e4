import OutcryMarket
import OutcryServing
import OutcryVenues

/// The tables of a ``TradeStore``.
struct TradeTable: ~Copyable {
    private let database: Database
    private let insert: Statement
    private let select: Statement

    /// A trade is known by market and number: the copies that the venue told in other currencies have the
    /// same number in another market.
    static let schema = [
        """
        CREATE TABLE trade (market TEXT NOT NULL, tid INTEGER NOT NULL, price INTEGER NOT NULL, \
        amount INTEGER NOT NULL, flags INTEGER NOT NULL, stamp INTEGER, PRIMARY KEY (market, tid)) WITHOUT ROWID
        """,
        """
        CREATE TABLE span (market TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, \
        PRIMARY KEY (market, low)) WITHOUT ROWID
        """,
    ]

    init(_ database: consuming Database) throws(TradeStoreError) {
        let (insert, select) = try Self.statements(database)
        self.insert = insert
        self.select = select
        self.database = database
    }

    private static func statements(
        _ database: borrowing Database
    ) throws(TradeStoreError) -> (insert: Statement, select: Statement) {
        do throws(DatabaseError) {
            return (
                try database.compile(
                    """
                    INSERT OR IGNORE INTO trade (market, tid, price, amount, flags, stamp) \
                    VALUES (?, ?, ?, ?, ?, ?)
                    """),
                try database.compile(
                    """
                    SELECT tid, price, amount, flags, stamp FROM trade \
                    WHERE market = ? AND tid > ? AND tid <= ? ORDER BY tid LIMIT ?
                    """)
            )
        } catch { throw TradeStoreError(error) }
    }

    func add(
        _ trades: [Trade], _ market: Instrument, _ span: TradeSpan?
    ) throws(TradeStoreError) -> TradeSpans {
        var spans = try self.spans(market)
        if let span { spans.insert(span) }
        let whole = spans
        try database.transaction(TradeStoreError.init) { () throws(TradeStoreError) in
            do throws(DatabaseError) {
                for trade in trades { try write(trade, market) }
                if span != nil { try write(whole, market) }
            } catch { throw TradeStoreError(error) }
        }
        return spans
    }

    private func write(_ trade: Trade, _ market: Instrument) throws(DatabaseError) {
        insert.bind(market.name, at: 1)
        insert.bind(trade.id, at: 2)
        insert.bind(trade.priceUnits, at: 3)
        insert.bind(trade.quantityUnits, at: 4)
        insert.bind(TradeFlags(trade).bits, at: 5)
        // From June 2011 on the number is the time.
        insert.bind(trade.stamp == trade.id ? nil : trade.stamp, at: 6)
        defer { insert.reset() }
        _ = try insert.next("write a trade")
    }

    private func write(_ spans: TradeSpans, _ market: Instrument) throws(DatabaseError) {
        let delete = try database.compile("DELETE FROM span WHERE market = ?")
        delete.bind(market.name, at: 1)
        _ = try delete.next("write spans")
        for span in spans.spans {
            let row = try database.compile("INSERT INTO span VALUES (?, ?, ?)")
            row.bind(market.name, at: 1)
            row.bind(span.low, at: 2)
            row.bind(span.high, at: 3)
            _ = try row.next("write spans")
        }
    }

    func spans(_ market: Instrument) throws(TradeStoreError) -> TradeSpans {
        do throws(DatabaseError) {
            let row = try database.compile("SELECT low, high FROM span WHERE market = ?")
            row.bind(market.name, at: 1)
            var spans = TradeSpans()
            while try row.next("read spans") {
                guard let low = row.integer(0), let high = row.integer(1), low <= high else {
                    continue
                }
                spans.insert(TradeSpan(low, high))
            }
            return spans
        } catch { throw TradeStoreError(error) }
    }

    func trades(
        _ market: Instrument, _ after: Int64, _ until: Int64, _ most: Int
    ) throws(TradeStoreError) -> [Trade] {
        select.bind(market.name, at: 1)
        select.bind(after, at: 2)
        select.bind(until, at: 3)
        select.bind(Int64(most), at: 4)
        defer { select.reset() }
        do throws(DatabaseError) {
            var trades: [Trade] = []
            while try select.next("read trades") {
                let flags = TradeFlags(bits: select.integer(3) ?? 0)
                trades.append(
                    flags.trade(
                        of: market, id: select.integer(0) ?? 0, price: select.integer(1) ?? 0,
                        amount: select.integer(2) ?? 0, stamp: select.integer(4)))
            }
            return trades
        } catch { throw TradeStoreError(error) }
    }

    func count(_ market: Instrument) throws(TradeStoreError) -> Int {
        do throws(DatabaseError) {
            let row = try database.compile("SELECT count(*) FROM trade WHERE market = ?")
            row.bind(market.name, at: 1)
            guard try row.next("count trades") else { return 0 }
            return Int(row.integer(0) ?? 0)
        } catch { throw TradeStoreError(error) }
    }
}

/// What a trade tells besides its numbers, as one number of a column: 1 bought, 2 sold, 4 told in the
/// buyer's currency, 8 without a limit, 16 of two currencies.
struct TradeFlags {
    let bits: Int64

    init(bits: Int64) { self.bits = bits }

    init(_ trade: Trade) {
        var bits: Int64 = trade.aggressor == .buy ? 1 : trade.aggressor == .sell ? 2 : 0
        if trade.isPrimary { bits |= 4 }
        if trade.isMarketOrder { bits |= 8 }
        if trade.isMixedCurrency { bits |= 16 }
        self.bits = bits
    }

    /// The trade; its time is its number where it has no other.
    func trade(
        of market: Instrument, id: Int64, price: Int64, amount: Int64, stamp: Int64?
    ) -> Trade {
        Trade(
            venue: .mtgox, instrument: market, id: id, priceUnits: price, quantityUnits: amount,
            aggressor: bits & 1 != 0 ? .buy : bits & 2 != 0 ? .sell : nil, stamp: stamp ?? id,
            isPrimary: bits & 4 != 0, isMarketOrder: bits & 8 != 0, isMixedCurrency: bits & 16 != 0)
    }
}
