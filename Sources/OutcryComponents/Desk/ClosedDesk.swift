public import OutcryKernel
public import OutcryMarket

/// The order desk of a link that was opened without an API key: it refuses every order, with the reason.
///
/// An order is never lost in silence: who placed it hears of it as of any other that a venue rejects.
public final class ClosedDesk: Session {
    private let instruments: [Instrument]
    private var count = 0

    /// Makes the desk of a link to these instruments' markets.
    public init(_ instruments: [Instrument]) { self.instruments = instruments }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<ClosedDesk>) {
        on(.place) { me, request, my in
            guard let instrument = request.instrument ?? me.instruments.first else { return }
            me.count += 1
            my.publish(
                .order,
                Order(
                    id: OrderID("refused-\(me.count)"), instrument: instrument,
                    side: request.side, price: request.price, remaining: request.quantity,
                    filled: .zero, state: .rejected,
                    reason: "the link has no API key: it carries public data only"))
        }
    }
}
