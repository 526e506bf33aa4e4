public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
import OutcryWire

/// One request to the venue, as a gateway makes it.
public struct MidChainsCall: Sendable {
    /// Its type.
    public let kind: MidChainsKind
    /// The message.
    let json: [UInt8]
    /// By which its answer is known, besides its type: the order's own name, the venue's name, or the security.
    var clientID: String?
    var reference: String?
    var security: String?

    /// What it costs of the venue's limits.
    var cost: RequestKind {
        switch kind {
        case .addOrder: .place
        case .cancelOrder: .cancel
        default: .query
        }
    }

    private init(
        _ kind: MidChainsKind, _ body: (inout JSONObjectWriter) -> Void
    ) {
        self.kind = kind
        var writer = JSONWriter()
        writer.object { message in
            message.field("type", kind.rawValue)
            body(&message)
        }
        json = writer.bytes
    }

    /// Asks for the key that passwords are encrypted with.
    static var challenge: Self { Self(.challenge) { _ in } }

    /// Logs in.
    static func login(_ user: String, pass: String) -> Self {
        Self(.login) { message in
            message.field("userid", user)
            message.field("pass", pass)
        }
    }

    /// Ends the session.
    public static var logout: Self { Self(.logout) { _ in } }

    /// How an order is to be matched, in the venue's words.
    struct Terms {
        var type = "LMT"
        var force = "GTC"
        var price: Price?
    }

    /// Places an order.
    static func addOrder(
        _ placement: OrderPlacement, on instrument: Instrument, _ terms: Terms, clientID: String?
    ) -> Self {
        let request = placement.request
        var call = Self(.addOrder) { message in
            message.field("security", instrument.name)
            message.field("side", request.side == .buy ? "B" : "S")
            message.field("ordertype", terms.type)
            message.field("tif", terms.force)
            message.field("qty", Self.text(request.quantity))
            if let price = terms.price { message.field("price", Self.text(price)) }
            if let clientID { message.field("clientorderid", clientID) }
        }
        call.clientID = clientID
        call.security = instrument.name
        return call
    }

    /// Cancels an order.
    static func cancelOrder(_ reference: String, _ security: String) -> Self {
        var call = Self(.cancelOrder) { message in
            message.field("security", security)
            message.field("refno", reference)
        }
        call.reference = reference
        return call
    }

    /// Asks for one order.
    public static func order(_ reference: String, of instrument: Instrument) -> Self {
        var call = Self(.queryOrder) { message in
            message.field("security", instrument.name)
            message.field("refno", reference)
        }
        call.reference = reference
        return call
    }

    /// Asks for the orders of a time, or those that the venue tells without one.
    ///
    /// - Parameter since: In seconds since 1970: the venue refuses milliseconds.
    public static func orders(of instrument: Instrument? = nil, since: Int64? = nil) -> Self {
        list(.queryOrders, instrument, since)
    }

    /// Asks for the account's trades of a time, or all.
    ///
    /// - Parameter since: In seconds since 1970.
    public static func trades(of instrument: Instrument? = nil, since: Int64? = nil) -> Self {
        list(.queryTrades, instrument, since)
    }

    private static func list(
        _ kind: MidChainsKind, _ instrument: Instrument?, _ since: Int64?
    ) -> Self {
        Self(kind) { message in
            if let instrument { message.field("security", instrument.name) }
            if let since { message.field("fromtime", "\(since)") }
        }
    }

    /// Asks for what the account has.
    public static var positions: Self { Self(.queryPositions) { _ in } }

    /// Without zeros at its end.
    private static func text(_ number: some FixedPoint) -> String {
        var (units, scale) = (number.units, number.scale)
        while scale > 0, units % 10 == 0 {
            units /= 10
            scale -= 1
        }
        return Price(units: units, scale: scale).description
    }
}

extension Event where Payload == Ask<MidChainsCall, Outcome<[MidChainsReply], CallFailure>> {
    /// Asks a gateway for one request, in its turn: the answer is what came for it, several messages where the
    /// venue answers in pages.
    public static let midchainsCall = Self("midchains.call")
}

extension Event where Payload == Void {
    static let midchainsDeadlines = Self("midchains.gateway.deadlines")
    static let midchainsRenewStream = Self("midchains.gateway.renewStream")
}
