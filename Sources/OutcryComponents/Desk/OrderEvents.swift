public import OutcryKernel
public import OutcryMarket

extension Event where Payload == OrderRequest {
    /// Asks an order desk to place an order.
    public static let place = Self("place")
}
