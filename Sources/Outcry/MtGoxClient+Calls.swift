// The calls that scripts make most; `call` makes all the others.

extension MtGoxClient {
    /// The summary of a market; the venue keeps its answer for up to 30 s.
    public func ticker(
        _ instrument: Instrument = .btcusd
    ) throws(MtGoxCallFailure) -> MtGoxTicker { try call(.ticker(instrument)) }

    /// The levels within 10 % of the last price.
    public func depth(
        _ instrument: Instrument = .btcusd
    ) throws(MtGoxCallFailure) -> MtGoxDepth { try call(.depth(instrument)) }

    /// All levels; at most five calls an hour, or the address is banned.
    public func fullDepth(
        _ instrument: Instrument = .btcusd
    ) throws(MtGoxCallFailure) -> MtGoxDepth { try call(.fullDepth(instrument)) }

    /// The trades after the one numbered `since`, oldest first, at most 1,000 or those of 24 hours;
    /// without, those of the last 24 hours.
    public func trades(
        _ instrument: Instrument = .btcusd, since: Int64? = nil
    ) throws(MtGoxCallFailure) -> [Trade] { try call(.trades(instrument, since: since)) }

    /// How far the engine is behind.
    public func lag() throws(MtGoxCallFailure) -> MtGoxLag { try call(.lag) }

    // MARK: The account

    /// The account: its wallets, the key's rights, the fee.
    public func info() throws(MtGoxCallFailure) -> MtGoxAccount { try call(.info) }

    /// What the account has.
    public func wallet() throws(MtGoxCallFailure) -> Wallet { try info().wallet }

    /// The account's orders in all markets.
    public func orders() throws(MtGoxCallFailure) -> [MtGoxOrder] { try call(.orders) }

    /// Places an order, and returns when the venue has taken it: queued, not yet open.
    ///
    /// It is sent once. Where ``MtGoxCallFailure/isOutcomeUnknown`` is told, ``orders()`` and ``wallet()`` show what
    /// has become of it.
    ///
    /// - Parameter request: What to do; in dollars where it names no instrument.
    /// - Returns: The venue's name for the order.
    public func place(_ request: OrderRequest) throws(MtGoxCallFailure) -> OrderID {
        var request = request
        request.instrument = request.instrument ?? .btcusd
        let order: MtGoxCall<OrderID>
        do throws(MtGoxCallError) { order = try .addOrder(request) } catch {
            throw .notSent("\(error)")
        }
        return try call(order)
    }

    /// Takes an order back, and returns when the venue has taken that: it may still be filled before it goes.
    @discardableResult public func cancel(
        _ order: OrderID
    ) throws(MtGoxCallFailure) -> MtGoxCancellation { try call(.cancelOrder(order)) }
}
