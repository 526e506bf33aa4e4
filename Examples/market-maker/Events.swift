// What the components call out. Whoever wants to hear it registers for the topic; who else does is nobody's business.

import Outcry

/// What a coin is worth; nil while the book is not to be relied upon.
struct Fair: Equatable {
    var price: Price?
}

/// What was bought more than sold since the start; below zero: the other way round.
struct Stock: Equatable {
    var coins: Quantity
}

/// What the quoter may do.
struct Permission: Equatable {
    var buys: Bool
    var sells: Bool
}

extension Event where Payload == Fair {
    static let fair = Self("maker.fair")
}
extension Event where Payload == Stock {
    static let stock = Self("maker.stock")
}
extension Event where Payload == Permission {
    static let permission = Self("maker.permission")
}
extension Event where Payload == Void {
    /// To the quoter: take the orders back, and end the run.
    static let closing = Self("maker.closing")
}

extension Topic where Payload == Fair {
    static let fair = Topic(.fair, from: "pricing")
}
extension Topic where Payload == Stock {
    static let stock = Topic(.stock, from: "inventory")
}
extension Topic where Payload == Permission {
    static let permission = Topic(.permission, from: "risk")
}
