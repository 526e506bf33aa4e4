import OutcryComponents
import OutcryServing

/// What a signed call costs upstream.
struct SignedKind {
    let kind: RequestKind

    /// Of what only the upstream knows.
    static let unknown = Self(nil)

    init(_ endpoint: Endpoint?) {
        switch endpoint {
        case .addOrder, .buy, .sell: kind = .place
        case .cancelOrder: kind = .cancel
        default: kind = .query
        }
    }
}
