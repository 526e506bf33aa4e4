public import OutcryKernel
public import OutcryMarket

/// The order desk of a link that was opened without an API key: it refuses every order, with the reason.
///
/// An order is never lost in silence: who placed it hears of it as of any other that a venue rejects.
public final class ClosedDesk: Session {
    private let instruments: [Instrument]

    /// Makes the desk of a link to these instruments' markets.
    public init(_ instruments: [Instrument]) { self.instruments = instruments }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<ClosedDesk>) {
        on(.place) { me, request, my in me.refuse(copy request, Self.reason, my) }
        on(.placeNamedOrder) { me, named, my in
            guard let order = me.refuse(named.request, named.refusal ?? Self.reason, my) else {
                return
            }
            my.answer(named.ask, order)
        }
        on(.refuseOrder) { me, stopped, my in me.refuse(stopped.request, stopped.reason, my) }
        on(.cancelOrder) { _, _, _ in }
        on(.cancelAllOrders) { _, _, _ in }
        on(.endOfOrder) { _, ask, my in my.answer(ask, nil) }
        on(.openOrders) { _, ask, my in my.answer(ask, []) }
    }

    private static let reason = "the link has no API key: it carries public data only"

    @discardableResult private func refuse(
        _ request: OrderRequest, _ reason: String, _ my: Context
    ) -> Order? {
        guard let instrument = request.instrument ?? instruments.first else { return nil }
        // Whoever goes through the guard has a name.
        let order = Order(
            rejected: request.named(request.id ?? OrderID(random: my.random())), on: instrument,
            reason: reason)
        my.publish(.order, order)
        return order
    }
}
